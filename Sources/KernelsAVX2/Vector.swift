#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  /// 256 bits: 32 int8, 16 int16, 8 int32 or 4 int64, as the instruction reads them.
  typealias Vector = __m256i

  /// Eight equal int32 values.
  @inline(__always)
  func repeating(_ value: Int32) -> Vector { _mm256_set1_epi32(value) }

  /// Eight int32 values at any address.
  @inline(__always)
  func load(_ values: UnsafePointer<Int32>) -> Vector { ocellus_load_256(values) }

  /// Writes the first `count` (0...16) of 16 bytes, and nothing beyond them.
  @inline(__always)
  func store(_ bytes: __m128i, count: Int, to target: UnsafeMutableRawPointer) {
    if count == 16 {
      ocellus_store_128(target, bytes)
      return
    }
    var rest = bytes
    var address = target
    if count & 8 != 0 {
      ocellus_store_64(address, rest)
      rest = _mm_unpackhi_epi64(rest, rest)
      address += 8
    }
    if count & 7 == 0 { return }
    var word = UInt64(bitPattern: _mm_cvtsi128_si64(rest))
    for _ in 0..<count & 7 {
      address.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
      word &>>= 8
      address += 1
    }
  }
#endif
