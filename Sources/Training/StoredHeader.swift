import FirmwareModel
import Platform

/// The 64 bytes that say what follows them in a file: sixteen little-endian words, of which the last is the CRC-32 of
/// the others.
struct StoredHeader {
  static let byteCount = 64

  private var words = InlineArray<16, UInt32>(repeating: 0)

  init() {}

  /// Reads a header; nil where its checksum does not hold or it cannot be read.
  init?(_ file: borrowing StoredFile, at offset: Int64, _ crc: borrowing CRC32) {
    var stored = InlineArray<16, UInt32>(repeating: 0)
    do throws(SystemError) {
      try withUnsafeMutableBytes(of: &stored) { (bytes) throws(SystemError) in
        try file.read(into: bytes, at: offset)
      }
    } catch { return nil }
    words = stored
    guard self[15] == checksum(crc) else { return nil }
  }

  subscript(word: Int) -> UInt32 {
    get { UInt32(littleEndian: words[word]) }
    set { words[word] = newValue.littleEndian }
  }

  /// A number of two words, the lower half first.
  subscript(wide word: Int) -> UInt64 {
    get { UInt64(self[word]) | UInt64(self[word + 1]) << 32 }
    set {
      self[word] = UInt32(truncatingIfNeeded: newValue)
      self[word + 1] = UInt32(truncatingIfNeeded: newValue >> 32)
    }
  }

  /// Writes the header with its checksum.
  mutating func write(
    to file: borrowing StoredFile, at offset: Int64, _ crc: borrowing CRC32
  ) throws(SystemError) {
    self[15] = checksum(crc)
    try withUnsafeBytes(of: words) { (bytes) throws(SystemError) in try file.write(bytes, at: offset) }
  }

  private func checksum(_ crc: borrowing CRC32) -> UInt32 {
    withUnsafeBytes(of: words) { crc.checksum(of: UnsafeRawBufferPointer(rebasing: $0[..<60])) }
  }
}
