import CIntrinsics
import Platform

/// The CRC-32 of zlib and PNG (polynomial 0xEDB88320, reflected, inverted at both ends).
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

  /// The checksum of `bytes`, by the fastest means that the processor has.
  ///
  /// - Parameter checksum: That of bytes before them, where they are one part of several; of none it is 0.
  public func checksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    #if arch(arm64)
      if Processor.hasCRC32 { return instructionChecksum(of: bytes, after: checksum) }
    #elseif arch(x86_64)
      if Processor.hasCarrylessMultiply && bytes.count >= 128 {
        return foldedChecksum(of: bytes, after: checksum)
      }
    #endif
    return tableChecksum(of: bytes, after: checksum)
  }

  /// The checksum by tables, which every processor has.
  public func tableChecksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32 = 0) -> UInt32 {
    ~remainder(of: bytes, after: ~checksum)
  }

  /// The remainder of bytes that follow others with the remainder `start`, sixteen bytes a step.
  private func remainder(of bytes: UnsafeRawBufferPointer, after start: UInt32) -> UInt32 {
    var remainder = start
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
    return remainder
  }

  #if arch(arm64)
    private func instructionChecksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32) -> UInt32 {
      var remainder = ~checksum
      let whole = bytes.count & ~7
      for index in stride(from: 0, to: whole, by: 8) {
        remainder = ocellus_crc32(remainder, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      }
      return ~self.remainder(of: UnsafeRawBufferPointer(rebasing: bytes[whole...]), after: remainder)
    }
  #endif

  #if arch(x86_64)
    /// Folds 64 bytes onto the next 64, then 16 onto the next 16, by multiplying them with what the distance is modulo
    /// the polynomial (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel
    /// 2009, section 3); the last 16 bytes and what follows them go through the tables.
    ///
    /// - Parameter bytes: At least 128.
    private func foldedChecksum(of bytes: UnsafeRawBufferPointer, after checksum: UInt32) -> UInt32 {
      // x^(512+64) and x^512, x^(128+64) and x^128, reflected.
      let four = ocellus_words(0x1_5444_2BD4, 0x1_C6E4_1596)
      let one = ocellus_words(0x1_7519_97D0, 0x0_CCAA_009E)
      func load(_ index: Int) -> ocellus_words {
        bytes.loadUnaligned(fromByteOffset: index, as: ocellus_words.self)
      }
      // The inverted start is that of the first four bytes.
      var a = load(0) ^ ocellus_words(Int64(~checksum), 0)
      var (b, c, d) = (load(16), load(32), load(48))
      var index = 64
      while index + 64 <= bytes.count {
        a = ocellus_fold(a, four) ^ load(index)
        b = ocellus_fold(b, four) ^ load(index + 16)
        c = ocellus_fold(c, four) ^ load(index + 32)
        d = ocellus_fold(d, four) ^ load(index + 48)
        index += 64
      }
      b ^= ocellus_fold(a, one)
      c ^= ocellus_fold(b, one)
      d ^= ocellus_fold(c, one)
      let last = withUnsafeBytes(of: d) { remainder(of: $0, after: 0) }
      return ~remainder(of: UnsafeRawBufferPointer(rebasing: bytes[index...]), after: last)
    }
  #endif

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
