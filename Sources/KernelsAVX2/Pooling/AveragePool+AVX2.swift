#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// Divides eight sums by the number of pixels, rounded as an average is.
  ///
  /// With h = ⌊count / 2⌋ both roundings are ⌊n / count⌋ of a number n < 256 · count that is not negative:
  /// |sum| + h with the sum's sign put back, or sum + 128 · count + h. The division is a multiplication with
  /// M = ⌈2^k / count⌉, k = 31 + ⌊log₂ count⌋. It is exact: n · M / 2^k exceeds n / count by less than
  /// n / 2^k, which is at most 1 / count as long as 256 · count² ≤ 2^k, as it is for count < 2^21.
  private struct AverageDivision {
    static let largestCount = 1 << 21

    private let rounding: AverageRounding
    private let half: Vector
    private let offset: Vector
    private let factor: Vector
    private let shift: __m128i
    private let low: Vector
    private let high: Vector

    @inline(__always)
    init(_ count: Int, _ rounding: AverageRounding, _ low: Int32, _ high: Int32) {
      self.rounding = rounding
      let small = Int32(truncatingIfNeeded: count)
      half = repeating(small / 2)
      offset = repeating(small &* 128 &+ small / 2)
      let k = UInt64(94 &- count.leadingZeroBitCount)
      let power = UInt64(1) &<< k
      let quotient = (power &+ UInt64(count) &- 1) / UInt64(count)
      factor = _mm256_set1_epi64x(Int64(bitPattern: quotient))
      shift = _mm_cvtsi64_si128(Int64(k))
      self.low = repeating(low)
      self.high = repeating(high)
    }

    @inline(__always)
    private func divided(_ values: Vector) -> Vector {
      let even = _mm256_srl_epi64(_mm256_mul_epu32(values, factor), shift)
      let odd = _mm256_srl_epi64(_mm256_mul_epu32(ocellus_odd_to_even(values), factor), shift)
      return ocellus_blend_odd(even, ocellus_even_to_odd(odd))
    }

    /// Averages within the limits.
    @inline(__always)
    func callAsFunction(_ sums: Vector) -> Vector {
      let average: Vector
      switch rounding {
      case .awayFromZero:
        average = _mm256_sign_epi32(
          divided(_mm256_add_epi32(_mm256_abs_epi32(sums), half)), sums)
      case .up:
        average = _mm256_sub_epi32(divided(_mm256_add_epi32(sums, offset)), repeating(128))
      }
      return _mm256_min_epi32(_mm256_max_epi32(average, low), high)
    }
  }

  /// The average of each channel, 16 channels at a time; the rest, and windows of millions of pixels, as the
  /// definition has it.
  func averagePoolWindow(
    _ window: PoolWindow, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
    _ output: UnsafeMutablePointer<Int8>
  ) {
    let count = window.height &* window.width
    var channel = 0
    if count > 0 && count < AverageDivision.largestCount && window.channels >= 8 {
      let division = AverageDivision(count, rounding, low, high)
      while channel &+ 16 <= window.channels {
        let (first, second) = sums(window, channel)
        let packed = ocellus_lanes_0213(_mm256_packs_epi32(division(first), division(second)))
        ocellus_store_128(
          output + channel,
          _mm_packs_epi16(_mm256_castsi256_si128(packed), ocellus_upper_half(packed)))
        channel &+= 16
      }
      if channel &+ 8 <= window.channels {
        let averages = division(narrowSums(window, channel))
        let packed = _mm_packs_epi32(_mm256_castsi256_si128(averages), ocellus_upper_half(averages))
        ocellus_store_64(output + channel, _mm_packs_epi16(packed, packed))
        channel &+= 8
      }
    }
    if channel < window.channels {
      averageRest(window, channel, rounding, low, high, output)
    }
  }

  /// The sums of channels 0–7 and 8–15 from `channel` on.
  @inline(__always)
  private func sums(_ window: PoolWindow, _ channel: Int) -> (Vector, Vector) {
    var first = _mm256_setzero_si256()
    var second = first
    for y in 0..<window.height {
      var pixel = window.input + (y &* window.rowStride &+ channel)
      for _ in 0..<window.width {
        first = _mm256_add_epi32(first, _mm256_cvtepi8_epi32(ocellus_load_64(pixel)))
        second = _mm256_add_epi32(second, _mm256_cvtepi8_epi32(ocellus_load_64(pixel + 8)))
        pixel += window.channels
      }
    }
    return (first, second)
  }

  /// The sums of eight channels.
  @inline(__always)
  private func narrowSums(_ window: PoolWindow, _ channel: Int) -> Vector {
    var sums = _mm256_setzero_si256()
    for y in 0..<window.height {
      var pixel = window.input + (y &* window.rowStride &+ channel)
      for _ in 0..<window.width {
        sums = _mm256_add_epi32(sums, _mm256_cvtepi8_epi32(ocellus_load_64(pixel)))
        pixel += window.channels
      }
    }
    return sums
  }

  /// The channels from `first` on, one by one.
  private func averageRest(
    _ window: PoolWindow, _ first: Int, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
    _ output: UnsafeMutablePointer<Int8>
  ) {
    let count = Int32(truncatingIfNeeded: window.height &* window.width)
    for channel in first..<window.channels {
      var sum: Int32 = 0
      for y in 0..<window.height {
        for x in 0..<window.width {
          sum =
            sum &+ Int32(window.input[y &* window.rowStride &+ x &* window.channels &+ channel])
        }
      }
      let average: Int32
      switch rounding {
      case .awayFromZero:
        average = (sum > 0 ? sum &+ count / 2 : sum &- count / 2) / count
      case .up:
        average = (sum &+ 128 &* count &+ count / 2) / count &- 128
      }
      output[channel] = Int8(truncatingIfNeeded: clamp(average, low, high))
    }
  }
#endif
