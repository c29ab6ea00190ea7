#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// `corrections[r] = factor · Σ_k row[r, k]` for `count` rows, rounded up to whole fours: what weights stored 128
  /// too high, and a weight zero point, have added to a row's products.
  @inline(__always)
  func correctRows(
    _ rows: UnsafePointer<Int8>, stride: Int, count: Int, depth: Int, factor: Int32,
    _ corrections: UnsafeMutablePointer<Int32>
  ) {
    let whole = depth & ~63
    let mask = byteMask(depth & 63)
    var row = 0
    while row < count {
      // Beyond the last row, the last row again.
      let last = count &- 1
      let sums = transposedSum(
        rowSum(rows + row &* stride, whole, mask),
        rowSum(rows + min(row &+ 1, last) &* stride, whole, mask),
        rowSum(rows + min(row &+ 2, last) &* stride, whole, mask),
        rowSum(rows + min(row &+ 3, last) &* stride, whole, mask))
      let corrected = _mm_mullo_epi32(sums, _mm_set1_epi32(factor))
      UnsafeMutableRawPointer(corrections + row).storeBytes(of: corrected, as: __m128i.self)
      row &+= 4
    }
  }

  /// A row's sum, spread over 16 lanes.
  @inline(__always)
  private func rowSum(_ row: UnsafePointer<Int8>, _ whole: Int, _ mask: UInt64) -> Vector {
    let ones = splat(byte: 1)
    var sum = zero()
    var position = 0
    while position < whole {
      sum = dot(sum, ones, load(row + position))
      position &+= 64
    }
    if mask != 0 { sum = dot(sum, ones, load(row + whole, mask)) }
    return sum
  }

  /// The sum of each of four vectors, in one lane each.
  @inline(__always)
  private func transposedSum(_ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) -> __m128i {
    let ab = add(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b))
    let cd = add(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d))
    let all = add(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd))
    let half = _mm256_add_epi32(ocellus_half_0(all), ocellus_half_1(all))
    return _mm_add_epi32(_mm256_castsi256_si128(half), ocellus_upper_half(half))
  }
#endif
