#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The multipliers of 16 columns for `Requantization.isPlain`: |x| < 2^30, mantissas m ≥ 0, exponents −22 ... −1.
  ///
  /// The Q31 product y = ⌊(x·m + 2^30) / 2^31⌋ needs no addition in 64 bits. Choose k so that k·m = 2^31·j + 2^30 with a
  /// whole j: then (x + k)·m = x·m + 2^30 + 2^31·j, and y = ⌊(x + k)·m / 2^31⌋ − j. For m = 2^t·odd, k = 2^(30−t) does
  /// it; another multiple of 2^(31−t) on top makes x + k positive. The product of the unsigned x + k with 2m then has
  /// y + j in its high half, and k is part of the bias. Example: m = 3·2^29, x = −1: k = 2^30 + 2, j = 3·2^28 + 1,
  /// and (k − 1)·m = 2^31·j + 2^30 − m, whose quotient by 2^31 is j − 1: y = −1, as −0.75 rounds.
  struct PlainMultipliers {
    /// 2m where the unsigned `vpmuludq` reads it, for the even and for the odd lanes.
    let even: Vector
    let odd: Vector
    /// −j.
    let offset: Vector
    /// The right shift and half of what it drops.
    let shift: Vector
    let half: Vector
    /// The bias plus k: what sums start with.
    let start: Vector

    @inline(__always)
    init(_ requantization: Requantization, column: Int) {
      let mantissa = load(requantization.mantissas + column)
      even = add(mantissa, mantissa)
      odd = ocellus_odd_lanes(even)
      let lowestBit = _mm512_and_si512(mantissa, _mm512_sub_epi32(zero(), mantissa))
      // 30 − t = lzcnt(2^t) − 1. For t = 0 the multiple on top is k itself.
      let power = _mm512_sllv_epi32(splat(1), _mm512_sub_epi32(_mm512_lzcnt_epi32(lowestBit), splat(1)))
      let k = _mm512_or_si512(power, splat(1 &<< 30))
      offset = _mm512_sub_epi32(zero(), PlainMultipliers.highHalves(k, even, odd))
      shift = _mm512_sub_epi32(zero(), load(requantization.exponents + column))
      half = _mm512_sllv_epi32(splat(1), _mm512_sub_epi32(shift, splat(1)))
      start = add(load(requantization.bias + column), k)
    }

    /// The high halves of all lanes' products with `factors`, given for the even and for the odd lanes.
    @inline(__always)
    private static func highHalves(_ value: Vector, _ even: Vector, _ odd: Vector) -> Vector {
      ocellus_high_halves(
        ocellus_multiply_even_lanes_unsigned(value, even),
        ocellus_multiply_even_lanes_unsigned(ocellus_odd_lanes(value), odd))
    }

    /// The scaled accumulators, without the output's zero point, of sums that began with `start`.
    ///
    /// One less than a negative number, plus the half, shifted down, rounds ties away from zero.
    @inline(__always)
    func multiply(_ value: Vector) -> Vector {
      let product = add(PlainMultipliers.highHalves(value, even, odd), offset)
      let sign = _mm512_srai_epi32(product, 31)
      return _mm512_srav_epi32(add(add(product, half), sign), shift)
    }
  }

  /// Any multipliers of 16 columns, exactly as `QuantizedMultiplier.multiply` treats them.
  struct GeneralMultipliers {
    var even: Vector
    var odd: Vector
    var left: Vector
    var right: Vector

    @inline(__always)
    init(mantissas: Vector, exponents: Vector) {
      even = mantissas
      odd = ocellus_odd_lanes(mantissas)
      left = _mm512_max_epi32(exponents, zero())
      right = _mm512_max_epi32(_mm512_sub_epi32(zero(), exponents), zero())
    }

    @inline(__always)
    func multiply(_ value: Vector) -> Vector {
      let rounding = _mm512_set1_epi64(1 &<< 30)
      let shifted = _mm512_sllv_epi32(value, left)
      let low = _mm512_add_epi64(ocellus_multiply_even_lanes(shifted, even), rounding)
      let high = _mm512_add_epi64(ocellus_multiply_even_lanes(ocellus_odd_lanes(shifted), odd), rounding)
      var product = ocellus_interleave_lanes(
        _mm512_srli_epi64(low, 31), _mm512_slli_epi64(high, 1))
      // Only Int32.min · Int32.min gives Int32.min here; it saturates.
      let overflow = ocellus_is_equal(product, splat(Int32.min))
      product = _mm512_mask_mov_epi32(product, overflow, splat(Int32.max))
      let one = splat(1)
      let mask = _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one)
      let remainder = _mm512_and_si512(product, mask)
      let threshold = _mm512_sub_epi32(
        _mm512_srli_epi32(mask, 1), _mm512_srai_epi32(product, 31))
      let up = ocellus_is_greater(remainder, threshold)
      let quotient = _mm512_srav_epi32(product, right)
      return _mm512_mask_add_epi32(quotient, up, quotient, one)
    }
  }

  /// The last step: four vectors of int32 become 64 bytes, plus the zero point, clamped.
  struct OutputRange {
    var zeroPoint: Vector
    var low: Vector
    var high: Vector
    /// Undoes the order of the packs.
    var order: Vector

    @inline(__always)
    init(zeroPoint: Int32, low: Int32, high: Int32) {
      self.zeroPoint = splat(word: Int16(truncatingIfNeeded: zeroPoint))
      self.low = splat(byte: Int8(truncatingIfNeeded: low))
      self.high = splat(byte: Int8(truncatingIfNeeded: high))
      order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0)
    }

    /// Saturation to 16 bits before the zero point is added does not show: what saturates is far outside of int8.
    @inline(__always)
    func pack(_ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector) -> Vector {
      let first = _mm512_adds_epi16(_mm512_packs_epi32(a, b), zeroPoint)
      let second = _mm512_adds_epi16(_mm512_packs_epi32(c, d), zeroPoint)
      let bytes = _mm512_packs_epi16(first, second)
      return _mm512_permutexvar_epi32(
        order, _mm512_min_epi8(_mm512_max_epi8(bytes, low), high))
    }
  }

  /// Requantises `rows` of `columns` accumulators, `stride` elements apart, by any multipliers.
  func requantize(
    _ accumulators: UnsafePointer<Int32>, stride: Int, rows: Int, columns: Int,
    _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int
  ) {
    var column = 0
    while column < columns {
      let mask = laneMask(columns &- column)
      let bias = load(requantization.bias + column)
      let multipliers = GeneralMultipliers(
        mantissas: load(requantization.mantissas + column),
        exponents: load(requantization.exponents + column))
      for row in 0..<rows {
        let sum = _mm512_maskz_loadu_epi32(mask, accumulators + (row &* stride &+ column))
        let value = add(multipliers.multiply(add(sum, bias)), splat(requantization.zeroPoint))
        let limited = _mm512_min_epi32(
          _mm512_max_epi32(value, splat(requantization.low)), splat(requantization.high))
        _mm512_mask_cvtepi32_storeu_epi8(output + (row &* outputStride &+ column), mask, limited)
      }
      column &+= lanes
    }
  }
#endif
