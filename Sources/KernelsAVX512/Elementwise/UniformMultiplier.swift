#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// One multiplier for all lanes, of a mantissa m ≥ 0 and an exponent −30 ... −1, for values below 2^30.
  ///
  /// The arithmetic is `PlainMultipliers`'.
  struct UniformMultiplier {
    private let twice: Vector
    private let k: Vector
    private let j: Vector
    private let shift: Vector
    private let half: Vector

    /// Nil where the multiplier is not such a one.
    @inline(__always)
    init?(_ multiplier: QuantizedMultiplier) {
      guard multiplier.mantissa > 0, multiplier.exponent < 0, multiplier.exponent >= -30 else { return nil }
      let mantissa = UInt32(bitPattern: multiplier.mantissa)
      let offset = 1 &<< 30 | 1 &<< UInt32(30 &- mantissa.trailingZeroBitCount)
      let high = (UInt64(offset) &* UInt64(mantissa)) &>> 31
      twice = splat(Int32(bitPattern: mantissa &<< 1))
      k = splat(Int32(bitPattern: offset))
      j = splat(Int32(truncatingIfNeeded: high))
      shift = splat(0 &- multiplier.exponent)
      half = splat(1 &<< (0 &- multiplier.exponent &- 1))
    }

    @inline(__always)
    func multiply(_ value: Vector) -> Vector {
      let positive = add(value, k)
      let high = ocellus_high_halves(
        ocellus_multiply_even_lanes_unsigned(positive, twice),
        ocellus_multiply_even_lanes_unsigned(ocellus_odd_lanes(positive), twice))
      let product = _mm512_sub_epi32(high, j)
      let sign = _mm512_srai_epi32(product, 31)
      return _mm512_srav_epi32(add(add(product, half), sign), shift)
    }
  }

  /// A term of a sum whose multiplier only shifts: (v − z)·2^20 · m · 2^(−31) with m = 2^15·n, which is (v − z)·n·2^4.
  struct WholeTerm {
    private let factor: Vector
    private let offset: Vector

    /// Nil where the multiplier does more.
    @inline(__always)
    init?(_ multiplier: QuantizedMultiplier, _ zeroPoint: Int32) {
      guard multiplier.mantissa & 0x7FFF == 0, multiplier.exponent == 0 else { return nil }
      let scale = (multiplier.mantissa &>> 15) &<< 4
      factor = splat(scale)
      offset = splat(0 &- zeroPoint &* scale)
    }

    @inline(__always)
    func value(_ values: Vector) -> Vector { add(_mm512_mullo_epi32(values, factor), offset) }
  }

  /// A term of a sum with a multiplier of an exponent that is not positive.
  ///
  /// ⌊((v − z)·2^20·m + 2^30) / 2^31⌋ = ⌊((v − z)·m + 2^10) / 2^11⌋, and for m = 2^16·h + l that is
  /// (v − z)·h·2^5 + ⌊((v − z)·l + 2^10) / 2^11⌋: 32 bits suffice.
  struct RoundedTerm {
    private let high: Vector
    private let highOffset: Vector
    private let low: Vector
    private let lowOffset: Vector
    private let shift: Vector
    private let half: Vector
    /// −1 where there is a shift, whose ties go away from zero.
    private let isShifted: Vector

    /// Nil where the multiplier is not such a one.
    @inline(__always)
    init?(_ multiplier: QuantizedMultiplier, _ zeroPoint: Int32) {
      guard multiplier.exponent <= 0, multiplier.exponent >= -30 else { return nil }
      let h = (multiplier.mantissa &>> 16) &<< 5
      let l = multiplier.mantissa & 0xFFFF
      let right = 0 &- multiplier.exponent
      high = splat(h)
      highOffset = splat(0 &- zeroPoint &* h)
      low = splat(l)
      lowOffset = splat(1 &<< 10 &- zeroPoint &* l)
      shift = splat(right)
      half = splat(right == 0 ? 0 : 1 &<< (right &- 1))
      isShifted = splat(right == 0 ? 0 : -1)
    }

    @inline(__always)
    func value(_ values: Vector) -> Vector {
      let fraction = _mm512_srai_epi32(add(_mm512_mullo_epi32(values, low), lowOffset), 11)
      let product = add(add(_mm512_mullo_epi32(values, high), highOffset), fraction)
      let sign = _mm512_and_si512(_mm512_srai_epi32(product, 31), isShifted)
      return _mm512_srav_epi32(add(add(product, half), sign), shift)
    }
  }

  extension GeneralMultipliers {
    @inline(__always)
    init(_ multiplier: QuantizedMultiplier) {
      self.init(mantissas: splat(multiplier.mantissa), exponents: splat(multiplier.exponent))
    }
  }
#endif
