#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// The multipliers of eight neighbouring columns.
  protocol ColumnMultipliers {
    init(_ requantization: Requantization, _ column: Int)

    /// `QuantizedMultiplier.multiply`, before zero point and limits.
    func multiply(_ accumulators: Vector) -> Vector
  }

  /// For accumulators and exponents as `Requantization.isPlain` promises them.
  struct PlainMultipliers: ColumnMultipliers {
    private let mantissas: Vector
    private let oddMantissas: Vector
    private let shifts: Vector
    /// Half of the last place that the shift keeps.
    private let halves: Vector

    @inline(__always)
    init(_ requantization: Requantization, _ column: Int) {
      mantissas = load(requantization.mantissas + column)
      oddMantissas = ocellus_odd_to_even(mantissas)
      shifts = _mm256_sub_epi32(_mm256_setzero_si256(), load(requantization.exponents + column))
      halves = _mm256_sllv_epi32(repeating(1), _mm256_sub_epi32(shifts, repeating(1)))
    }

    /// With exponents in −30...−1 and |accumulator| < 2^30 no step can wrap, and the rounding shift, whose ties
    /// go away from zero, is `(y − [y < 0] + 2^(shift−1)) >> shift`.
    @inline(__always)
    func multiply(_ accumulators: Vector) -> Vector {
      let high = highProduct(accumulators, mantissas, oddMantissas)
      let nudged = _mm256_add_epi32(_mm256_add_epi32(high, halves), _mm256_srai_epi32(high, 31))
      return _mm256_srav_epi32(nudged, shifts)
    }
  }

  /// For any accumulators, mantissas and exponents (−31...30).
  struct GeneralMultipliers: ColumnMultipliers {
    private let mantissas: Vector
    private let oddMantissas: Vector
    private let leftShifts: Vector
    private let rightShifts: Vector

    @inline(__always)
    init(_ requantization: Requantization, _ column: Int) {
      self.init(
        mantissas: load(requantization.mantissas + column), exponents: load(requantization.exponents + column)
      )
    }

    /// One multiplier for all eight places.
    @inline(__always)
    init(_ multiplier: QuantizedMultiplier) {
      self.init(mantissas: repeating(multiplier.mantissa), exponents: repeating(multiplier.exponent))
    }

    @inline(__always)
    private init(mantissas: Vector, exponents: Vector) {
      let zero = _mm256_setzero_si256()
      self.mantissas = mantissas
      oddMantissas = ocellus_odd_to_even(mantissas)
      leftShifts = _mm256_max_epi32(exponents, zero)
      rightShifts = _mm256_max_epi32(_mm256_sub_epi32(zero, exponents), zero)
    }

    @inline(__always)
    func multiply(_ values: Vector) -> Vector {
      let shifted = _mm256_sllv_epi32(values, leftShifts)
      let lowest = repeating(Int32.min)
      // The one product that does not fit comes out as Int32.min; inverted it is Int32.max.
      let isSaturated = _mm256_and_si256(
        _mm256_cmpeq_epi32(shifted, lowest), _mm256_cmpeq_epi32(mantissas, lowest))
      let high = _mm256_xor_si256(highProduct(shifted, mantissas, oddMantissas), isSaturated)
      let mask = _mm256_sub_epi32(_mm256_sllv_epi32(repeating(1), rightShifts), repeating(1))
      let remainder = _mm256_and_si256(high, mask)
      let threshold = _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(high, 31))
      return _mm256_sub_epi32(
        _mm256_srav_epi32(high, rightShifts), _mm256_cmpgt_epi32(remainder, threshold))
    }
  }

  /// ⌊(value · mantissa + 2^30) / 2^31⌋ in each of eight places, modulo 2^32.
  ///
  /// - Parameter oddMantissas: The odd places of `mantissas`, moved to the even ones.
  @inline(__always)
  func highProduct(_ values: Vector, _ mantissas: Vector, _ oddMantissas: Vector) -> Vector {
    let half = _mm256_set1_epi64x(1 &<< 30)
    let even = _mm256_add_epi64(ocellus_multiply_even(values, mantissas), half)
    let odd = _mm256_add_epi64(ocellus_multiply_even(ocellus_odd_to_even(values), oddMantissas), half)
    return ocellus_blend_odd(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd))
  }

  /// Zero point and limits of an output.
  struct OutputRange {
    private let zeroPoints: Vector
    private let low: Vector
    private let high: Vector

    @inline(__always)
    init(zeroPoint: Int32, low: Int32, high: Int32) {
      zeroPoints = repeating(zeroPoint)
      self.low = _mm256_set1_epi8(Int8(truncatingIfNeeded: low))
      self.high = _mm256_set1_epi8(Int8(truncatingIfNeeded: high))
    }

    @inline(__always)
    init(_ requantization: Requantization) {
      self.init(
        zeroPoint: requantization.zeroPoint, low: requantization.low, high: requantization.high)
    }

    /// Adds the zero point, as int32 that may wrap.
    @inline(__always)
    func offset(_ values: Vector) -> Vector { _mm256_add_epi32(values, zeroPoints) }

    /// Two rows of 16 offset values as bytes within the limits: the first row in the lower half.
    ///
    /// The packs saturate, which the limits would do anyway, and leave the order
    /// `A0–3 A8–11 B0–3 B8–11 | A4–7 A12–15 B4–7 B12–15`.
    @inline(__always)
    func bytes(_ a0: Vector, _ a8: Vector, _ b0: Vector, _ b8: Vector) -> Vector {
      let packed = _mm256_packs_epi16(_mm256_packs_epi32(a0, a8), _mm256_packs_epi32(b0, b8))
      let ordered = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
      return _mm256_min_epi8(_mm256_max_epi8(ordered, low), high)
    }
  }
#endif
