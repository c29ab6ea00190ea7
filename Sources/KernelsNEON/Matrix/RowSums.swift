#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// `corrections[r] = factor · Σ_k row[r, k]` for `count` rows, rounded up to whole fours: what a weight zero point has
  /// added to a row's products.
  @inline(__always)
  func correctRows(
    _ rows: UnsafePointer<Int8>, stride: Int, count: Int, depth: Int, factor: Int32,
    _ corrections: UnsafeMutablePointer<Int32>
  ) {
    // Of the last sixteen bytes, those that are not the row's are 0.
    let whole = (depth &- 1) & ~15
    let places = int8x16_t(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    let mask = vreinterpretq_s8_u8(
      vcltq_s8(places, vdupq_n_s8(Int8(truncatingIfNeeded: depth &- whole))))
    var row = 0
    while row < count {
      // Beyond the last row, the last row again.
      let last = count &- 1
      let row0 = rows + row &* stride
      let row1 = rows + min(row &+ 1, last) &* stride
      let row2 = rows + min(row &+ 2, last) &* stride
      let row3 = rows + min(row &+ 3, last) &* stride
      var sum0 = vdupq_n_s32(0)
      var sum1 = sum0
      var sum2 = sum0
      var sum3 = sum0
      var position = 0
      while position < whole {
        sum0 = vpadalq_s16(sum0, vpaddlq_s8(load(row0 + position)))
        sum1 = vpadalq_s16(sum1, vpaddlq_s8(load(row1 + position)))
        sum2 = vpadalq_s16(sum2, vpaddlq_s8(load(row2 + position)))
        sum3 = vpadalq_s16(sum3, vpaddlq_s8(load(row3 + position)))
        position &+= 16
      }
      sum0 = vpadalq_s16(sum0, vpaddlq_s8(vandq_s8(load(row0 + whole), mask)))
      sum1 = vpadalq_s16(sum1, vpaddlq_s8(vandq_s8(load(row1 + whole), mask)))
      sum2 = vpadalq_s16(sum2, vpaddlq_s8(vandq_s8(load(row2 + whole), mask)))
      sum3 = vpadalq_s16(sum3, vpaddlq_s8(vandq_s8(load(row3 + whole), mask)))
      let sums = vpaddq_s32(vpaddq_s32(sum0, sum1), vpaddq_s32(sum2, sum3))
      store(vmulq_s32(sums, vdupq_n_s32(factor)), corrections + row)
      row &+= 4
    }
  }
#endif
