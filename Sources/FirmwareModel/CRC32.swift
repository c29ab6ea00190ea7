/// The CRC-32 of zlib and PNG (polynomial 0xEDB88320, reflected, inverted at both ends), eight bytes a step.
public struct CRC32: ~Copyable {
  /// `tables[n·256 + b]`: the remainder of byte `b` followed by `n` zero bytes.
  private let tables: UnsafeMutablePointer<UInt32>

  public init() {
    tables = .allocate(capacity: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 {
        remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
      }
      tables[byte] = remainder
    }
    for index in 256..<8 * 256 {
      let shorter = tables[index - 256]
      tables[index] = (shorter >> 8) ^ tables[Int(shorter & 0xFF)]
    }
  }

  deinit { tables.deallocate() }

  /// The checksum of `bytes`.
  public func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var remainder = ~UInt32(0)
    var index = 0
    while index + 8 <= bytes.count {
      let low = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian ^ remainder
      let high = bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self).littleEndian
      remainder =
        entry(7, low) ^ entry(6, low >> 8) ^ entry(5, low >> 16) ^ entry(4, low >> 24)
        ^ entry(3, high) ^ entry(2, high >> 8) ^ entry(1, high >> 16) ^ entry(0, high >> 24)
      index += 8
    }
    while index < bytes.count {
      remainder = (remainder >> 8) ^ entry(0, remainder ^ UInt32(bytes[index]))
      index += 1
    }
    return ~remainder
  }

  @inline(__always)
  private func entry(_ table: Int, _ byte: UInt32) -> UInt32 {
    tables[table &* 256 &+ Int(byte & 0xFF)]
  }
}
