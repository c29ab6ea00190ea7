#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// The maximum of each channel, sixteen channels at a time.
  func poolMaximum(
    _ window: PoolWindow, _ low: Int32, _ high: Int32, _ output: UnsafeMutablePointer<Int8>
  ) {
    guard window.channels >= 16 else { return maximumPoolScalar(window, low, high, output) }
    let least = vdupq_n_s8(Int8(truncatingIfNeeded: low))
    let greatest = vdupq_n_s8(Int8(truncatingIfNeeded: high))
    for block in 0..<(window.channels &+ 15) / 16 {
      // The last block may overlap the one before.
      let channel = min(block &* 16, window.channels &- 16)
      var maximum = least
      for y in 0..<window.height {
        var pixel = window.input + (y &* window.rowStride &+ channel)
        for _ in 0..<window.width {
          maximum = vmaxq_s8(maximum, load(pixel))
          pixel += window.channels
        }
      }
      store(vminq_s8(maximum, greatest), output + channel)
    }
  }

  /// The average of each channel, sixteen channels at a time; of fewer, or of millions of pixels, the definition's.
  func poolAverage(
    _ window: PoolWindow, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
    _ output: UnsafeMutablePointer<Int8>
  ) {
    let count = window.height &* window.width
    guard window.channels >= 16, count > 0, count < AverageDivision.largestCount else {
      return averagePoolScalar(window, rounding, low, high, output)
    }
    let division = AverageDivision(count, rounding)
    let least = vdupq_n_s8(Int8(truncatingIfNeeded: low))
    let greatest = vdupq_n_s8(Int8(truncatingIfNeeded: high))
    for block in 0..<(window.channels &+ 15) / 16 {
      let channel = min(block &* 16, window.channels &- 16)
      var sums = SixteenSums()
      for y in 0..<window.height {
        sums.add(
          window.input + (y &* window.rowStride &+ channel), rows: window.width, stride: window.channels)
      }
      let first = vqmovn_high_s32(vqmovn_s32(division(sums.a)), division(sums.b))
      let second = vqmovn_high_s32(vqmovn_s32(division(sums.c)), division(sums.d))
      let bytes = vqmovn_high_s16(vqmovn_s16(first), second)
      store(vminq_s8(vmaxq_s8(bytes, least), greatest), output + channel)
    }
  }

  /// Divides sums by the number of pixels, rounded as an average is.
  ///
  /// With h = ⌊count / 2⌋ both roundings are ⌊n / count⌋ of a number n < 257 · count that is not negative: |sum| + h with
  /// the sum's sign put back, or sum + 128 · count + h. The division is a multiplication with M = ⌈2^(30+L) / count⌉,
  /// L = ⌈log₂ count⌉, of which `sqdmulh` with 2n gives ⌊2n · M / 2^31⌋. It is exact: n · M / 2^(30+L) exceeds
  /// n / count by less than n / 2^(30+L), which is at most 1 / count as long as 257 · count² ≤ 2^(30+L), as it is for
  /// count < 2^21.
  private struct AverageDivision {
    static let largestCount = 1 << 21

    private let rounding: AverageRounding
    private let half: int32x4_t
    private let offset: int32x4_t
    private let factor: int32x4_t
    /// −L.
    private let shift: int32x4_t

    @inline(__always)
    init(_ count: Int, _ rounding: AverageRounding) {
      self.rounding = rounding
      let small = UInt32(truncatingIfNeeded: count)
      half = vdupq_n_s32(Int32(small / 2))
      offset = vdupq_n_s32(Int32(small &* 128 &+ small / 2))
      let logarithm = 32 &- UInt32((small &- 1).leadingZeroBitCount)
      let power = UInt64(1) &<< UInt64(30 &+ logarithm)
      factor = vdupq_n_s32(Int32(truncatingIfNeeded: (power &+ UInt64(small) &- 1) / UInt64(small)))
      shift = vdupq_n_s32(0 &- Int32(logarithm))
    }

    @inline(__always)
    private func divided(_ values: int32x4_t) -> int32x4_t {
      vshlq_s32(vqdmulhq_s32(values &<< 1, factor), shift)
    }

    @inline(__always)
    func callAsFunction(_ sums: int32x4_t) -> int32x4_t {
      switch rounding {
      case .awayFromZero:
        let sign = sums &>> 31
        let average = divided(vaddq_s32(vabsq_s32(sums), half))
        return vsubq_s32(veorq_s32(average, sign), sign)
      case .up:
        return vsubq_s32(divided(vaddq_s32(sums, offset)), vdupq_n_s32(128))
      }
    }
  }
#endif
