#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The multipliers of 16 columns for `Requantization.isPlain`: accumulators below 2^30, exponents −30 ... −1.
  struct PlainMultipliers {
    /// Mantissas where `vpmuldq` reads them, for the even and for the odd lanes.
    var even: Vector
    var odd: Vector
    /// The right shift and half of what it drops.
    var shift: Vector
    var half: Vector

    @inline(__always)
    init(_ requantization: Requantization, column: Int) {
      even = load(requantization.mantissas + column)
      odd = ocellus_odd_lanes(even)
      shift = _mm512_sub_epi32(zero(), load(requantization.exponents + column))
      half = _mm512_sllv_epi32(splat(1), _mm512_sub_epi32(shift, splat(1)))
    }

    /// The scaled accumulators, without the output's zero point.
    ///
    /// `(2x · m + 2^31) >> 32` is the Q31 product rounded to nearest: its high half needs no shift. One less than a
    /// negative number, plus the half, shifted down, rounds ties away from zero.
    @inline(__always)
    func multiply(_ value: Vector) -> Vector {
      let rounding = _mm512_set1_epi64(1 &<< 31)
      let double = add(value, value)
      let low = _mm512_add_epi64(ocellus_multiply_even_lanes(double, even), rounding)
      let high = _mm512_add_epi64(ocellus_multiply_even_lanes(ocellus_odd_lanes(double), odd), rounding)
      let product = ocellus_high_halves(low, high)
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
