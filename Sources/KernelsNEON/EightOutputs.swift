#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// How the accumulators of eight neighbouring columns become bytes.
  public protocol EightOutputs {
    init(_ requantization: Requantization, column: Int)
    /// One multiplier for all columns.
    init(_ function: Elementwise)
    /// Columns 0 to 3 and 4 to 7.
    func bytes(_ low: int32x4_t, _ high: int32x4_t) -> int8x8_t
  }

  /// For accumulators and multipliers as `Requantization.isPlain` promises them.
  ///
  /// The product is `sqrdmulh`; `srshl` rounds ties up, and one less than a negative number rounds up as that number
  /// rounds away from zero. As `PlainMultipliers` explains, the accumulator's sign will do. Saturation to 16 bits before
  /// the zero point is added does not show: what saturates is far outside of int8.
  ///
  /// - Parameters:
  ///   - isSigned: 0 where negative values do not show, so that it does not matter how their ties are rounded.
  ///   - isLimited: 0 where the limits are int8's.
  public struct PlainOutputs<let isSigned: Int, let isLimited: Int>: EightOutputs {
    private let lowMantissas, highMantissas: int32x4_t
    private let lowExponents, highExponents: int32x4_t
    private let zeroPoints: int16x8_t
    private let least, greatest: int8x8_t

    @inline(__always)
    public init(_ requantization: Requantization, column: Int) {
      lowMantissas = load(requantization.mantissas + column)
      highMantissas = load(requantization.mantissas + (column &+ 4))
      lowExponents = load(requantization.exponents + column)
      highExponents = load(requantization.exponents + (column &+ 4))
      zeroPoints = vdupq_n_s16(Int16(truncatingIfNeeded: requantization.zeroPoint))
      least = vdup_n_s8(Int8(truncatingIfNeeded: requantization.low))
      greatest = vdup_n_s8(Int8(truncatingIfNeeded: requantization.high))
    }

    @inline(__always)
    public init(_ function: Elementwise) {
      lowMantissas = vdupq_n_s32(function.output.mantissa)
      highMantissas = lowMantissas
      lowExponents = vdupq_n_s32(function.output.exponent)
      highExponents = lowExponents
      zeroPoints = vdupq_n_s16(Int16(truncatingIfNeeded: function.outputZeroPoint))
      least = vdup_n_s8(Int8(truncatingIfNeeded: function.low))
      greatest = vdup_n_s8(Int8(truncatingIfNeeded: function.high))
    }

    @inline(__always)
    private func multiply(
      _ accumulators: int32x4_t, _ mantissas: int32x4_t, _ exponents: int32x4_t
    ) -> int32x4_t {
      let product = vqrdmulhq_s32(accumulators, mantissas)
      return vrshlq_s32(isSigned == 0 ? product : vaddq_s32(product, accumulators &>> 31), exponents)
    }

    @inline(__always)
    public func bytes(_ low: int32x4_t, _ high: int32x4_t) -> int8x8_t {
      let first = multiply(low, lowMantissas, lowExponents)
      let second = multiply(high, highMantissas, highExponents)
      let bytes = vqmovn_s16(vqaddq_s16(vqmovn_high_s32(vqmovn_s32(first), second), zeroPoints))
      return isLimited == 0 ? bytes : vmin_s8(vmax_s8(bytes, least), greatest)
    }
  }

  /// Outputs after a ReLU: a zero point of −128, and nothing below it.
  public typealias RectifiedOutputs = PlainOutputs<0, 0>
  /// Outputs that take the whole of int8.
  public typealias FullOutputs = PlainOutputs<1, 0>
  public typealias LimitedOutputs = PlainOutputs<1, 1>

  /// For any accumulators, mantissas and exponents.
  struct GeneralOutputs: EightOutputs {
    private let low, high: GeneralMultipliers
    private let least, greatest: int8x8_t

    @inline(__always)
    init(_ requantization: Requantization, column: Int) {
      low = GeneralMultipliers(requantization, column: column)
      high = GeneralMultipliers(requantization, column: column &+ 4)
      least = vdup_n_s8(Int8(truncatingIfNeeded: requantization.low))
      greatest = vdup_n_s8(Int8(truncatingIfNeeded: requantization.high))
    }

    @inline(__always)
    init(_ function: Elementwise) {
      low = GeneralMultipliers(
        mantissas: vdupq_n_s32(function.output.mantissa),
        exponents: vdupq_n_s32(function.output.exponent), zeroPoint: function.outputZeroPoint)
      high = low
      least = vdup_n_s8(Int8(truncatingIfNeeded: function.low))
      greatest = vdup_n_s8(Int8(truncatingIfNeeded: function.high))
    }

    @inline(__always)
    func bytes(_ low: int32x4_t, _ high: int32x4_t) -> int8x8_t {
      let bytes = ocellus_upper_bytes(self.low.multiply(low), self.high.multiply(high))
      return vmin_s8(vmax_s8(bytes, least), greatest)
    }
  }
#endif
