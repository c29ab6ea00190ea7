#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Sixteen channels at a time. Sums of 16 bits may wrap: so does what they are the lowest bits of.
  func sumPatchWide(_ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int16>) {
    guard patch.channels >= 16 else { return sumFewChannels(patch, zeroPoint, output) }
    let count = Int32(truncatingIfNeeded: patch.rowCount &* patch.columnCount)
    let start = vdupq_n_s16(Int16(truncatingIfNeeded: 0 &- zeroPoint &* count))
    var next = 0
    while next < patch.channels {
      // The last block may overlap the one before.
      let channel = min(next, patch.channels &- 16)
      var (low, high) = (start, start)
      for row in 0..<patch.rowCount {
        var pixel = patch.input + (row &* patch.rowStride &+ channel)
        var rest = patch.columnCount
        while rest > 0 {
          let values: int8x16_t = load(pixel)
          low = vaddw_s8(low, vget_low_s8(values))
          high = vaddw_high_s8(high, values)
          pixel += patch.channels
          rest = ocellus_counted_down(rest)
        }
      }
      store(low, output + channel)
      store(high, output + (channel &+ 8))
      next &+= 16
    }
  }

  /// The definition, which is small where it is not inlined.
  @inline(never) @_optimize(size)
  private func sumFewChannels(_ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int16>) {
    sumPatchScalar(patch, zeroPoint, output)
  }
#endif
