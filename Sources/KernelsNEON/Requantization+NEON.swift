#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels
  import CIntrinsics

  /// The multipliers of four neighbouring columns.
  protocol ColumnMultipliers {
    init(mantissas: int32x4_t, exponents: int32x4_t)

    /// `QuantizedMultiplier.multiply`, before zero point and limits.
    func multiply(_ accumulators: int32x4_t) -> int32x4_t

    /// Eight products with the zero point added, as int16; what int16 does not hold is saturated.
    static func offset(_ first: int32x4_t, _ second: int32x4_t, _ range: OutputRange) -> int16x8_t
  }

  extension ColumnMultipliers {
    @inline(__always)
    init(_ requantization: Requantization, column: Int) {
      self.init(
        mantissas: load(requantization.mantissas + column),
        exponents: load(requantization.exponents + column))
    }
  }

  /// For accumulators and multipliers as `Requantization.isPlain` promises them.
  ///
  /// With y = ⌊(x · m + 2^30) / 2^31⌋ (`sqrdmulh`) and an exponent of −e the output is ⌊(y − [y < 0] + 2^(e−1)) / 2^e⌋:
  /// `srshl` rounds ties up, and one less than a negative number rounds up as that number rounds away from zero. Since
  /// 0 ≤ m, [x < 0] may stand for [y < 0], which `srshl` then need not wait for: they differ only where y = 0, and
  /// there the output is 0 with either.
  struct PlainMultipliers: ColumnMultipliers {
    private let mantissas: int32x4_t
    private let exponents: int32x4_t

    @inline(__always)
    init(mantissas: int32x4_t, exponents: int32x4_t) {
      self.mantissas = mantissas
      self.exponents = exponents
    }

    @inline(__always)
    func multiply(_ accumulators: int32x4_t) -> int32x4_t {
      let product = vqrdmulhq_s32(accumulators, mantissas)
      return vrshlq_s32(vaddq_s32(product, accumulators &>> 31), exponents)
    }

    /// Saturation to 16 bits before the zero point is added does not show: what saturates is far outside of int8.
    @inline(__always)
    static func offset(_ first: int32x4_t, _ second: int32x4_t, _ range: OutputRange) -> int16x8_t {
      vqaddq_s16(vqmovn_high_s32(vqmovn_s32(first), second), range.shortZeroPoints)
    }
  }

  /// For any accumulators, mantissas and exponents (−31...30).
  struct GeneralMultipliers: ColumnMultipliers {
    private let mantissas: int32x4_t
    private let leftShifts: int32x4_t
    /// Zero or negative, as `srshl` takes them.
    private let rightShifts: int32x4_t

    @inline(__always)
    init(mantissas: int32x4_t, exponents: int32x4_t) {
      self.mantissas = mantissas
      leftShifts = vmaxq_s32(exponents, vdupq_n_s32(0))
      rightShifts = vminq_s32(exponents, vdupq_n_s32(0))
    }

    @inline(__always)
    func multiply(_ accumulators: int32x4_t) -> int32x4_t {
      let product = vqrdmulhq_s32(vshlq_s32(accumulators, leftShifts), mantissas)
      // −1 where the product is negative and there is a shift. Int32.min stays, which every shift divides.
      let sign = vandq_s32(product, rightShifts) &>> 31
      return vrshlq_s32(vqaddq_s32(product, sign), rightShifts)
    }

    /// The sum with the zero point wraps, as it does by definition.
    @inline(__always)
    static func offset(_ first: int32x4_t, _ second: int32x4_t, _ range: OutputRange) -> int16x8_t {
      vqmovn_high_s32(
        vqmovn_s32(vaddq_s32(first, range.zeroPoints)), vaddq_s32(second, range.zeroPoints))
    }
  }

  /// Zero point and limits of an output.
  struct OutputRange {
    let zeroPoints: int32x4_t
    let shortZeroPoints: int16x8_t
    private let low: int8x16_t
    private let high: int8x16_t

    @inline(__always)
    init(zeroPoint: Int32, low: Int32, high: Int32) {
      zeroPoints = vdupq_n_s32(zeroPoint)
      shortZeroPoints = vdupq_n_s16(Int16(truncatingIfNeeded: zeroPoint))
      self.low = vdupq_n_s8(Int8(truncatingIfNeeded: low))
      self.high = vdupq_n_s8(Int8(truncatingIfNeeded: high))
    }

    @inline(__always)
    init(_ requantization: Requantization) {
      self.init(
        zeroPoint: requantization.zeroPoint, low: requantization.low, high: requantization.high)
    }

    /// Sixteen values from `ColumnMultipliers.offset` as bytes within the limits. Narrowing saturates, which the
    /// limits would do anyway.
    @inline(__always)
    func bytes(_ first: int16x8_t, _ second: int16x8_t) -> int8x16_t {
      vminq_s8(vmaxq_s8(vqmovn_high_s16(vqmovn_s16(first), second), low), high)
    }

    /// Eight values.
    @inline(__always)
    func bytes(_ values: int16x8_t) -> int8x8_t {
      vmin_s8(vmax_s8(vqmovn_s16(values), vget_low_s8(low)), vget_low_s8(high))
    }
  }
#endif
