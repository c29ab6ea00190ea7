/// Bytes whose every read is checked.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  /// The order of TIFF's numbers; JPEG's are always big-endian.
  var isLittleEndian = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  func byte(_ offset: Int) -> UInt8? {
    guard offset >= 0, offset < bytes.count else { return nil }
    return bytes[offset]
  }

  func uint16(_ offset: Int) -> UInt16? {
    guard offset >= 0, bytes.count >= 2, offset <= bytes.count - 2 else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return isLittleEndian ? UInt16(littleEndian: value) : UInt16(bigEndian: value)
  }

  func uint32(_ offset: Int) -> UInt32? {
    guard offset >= 0, bytes.count >= 4, offset <= bytes.count - 4 else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isLittleEndian ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
  }

  /// Some of the bytes, in the same order; nil where they are not all there.
  func slice(_ offset: Int, _ count: Int) -> ByteReader? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    reader.isLittleEndian = isLittleEndian
    return reader
  }

  /// The bytes at `offset` are `text`'s.
  func begins(with text: StaticString, at offset: Int) -> Bool {
    for index in 0..<text.utf8CodeUnitCount where byte(offset + index) != text.utf8Start[index] {
      return false
    }
    return true
  }
}
