/// The CRC-32 of zlib and PNG (polynomial 0xEDB88320, reflected, inverted at both ends), sixteen bytes a step.
public struct CRC32: ~Copyable {
  /// `tables[n·256 + b]`: the remainder of byte `b` followed by `n` zero bytes.
  private let tables: UnsafeMutablePointer<UInt32>

  public init() {
    tables = .allocate(capacity: 16 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 {
        remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
      }
      tables[byte] = remainder
    }
    for index in 256..<16 * 256 {
      let shorter = tables[index - 256]
      tables[index] = (shorter >> 8) ^ tables[Int(shorter & 0xFF)]
    }
  }

  deinit { tables.deallocate() }

  /// The checksum of `bytes`.
  public func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var remainder = ~UInt32(0)
    var index = 0
    while index + 16 <= bytes.count {
      // The words after the first do not wait for the remainder.
      let rest =
        word(bytes, index + 4, table: 8) ^ word(bytes, index + 8, table: 4)
        ^ word(bytes, index + 12, table: 0)
      let first = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian ^ remainder
      remainder = step(first, table: 12) ^ rest
      index += 16
    }
    while index < bytes.count {
      remainder = (remainder >> 8) ^ entry(0, remainder ^ UInt32(bytes[index]))
      index += 1
    }
    return ~remainder
  }

  @inline(__always)
  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int, table: Int) -> UInt32 {
    step(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian, table: table)
  }

  /// The remainder of a word that `table` bytes follow.
  @inline(__always)
  private func step(_ word: UInt32, table: Int) -> UInt32 {
    entry(table &+ 3, word) ^ entry(table &+ 2, word >> 8) ^ entry(table &+ 1, word >> 16)
      ^ entry(table, word >> 24)
  }

  @inline(__always)
  private func entry(_ table: Int, _ byte: UInt32) -> UInt32 {
    tables[table &* 256 &+ Int(byte & 0xFF)]
  }
}
