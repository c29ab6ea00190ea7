#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The multipliers of four columns.
  protocol ColumnMultipliers {
    /// Outputs have limits that saturation to int8 does not keep.
    static var hasLimits: Bool { get }

    init(mantissas: int32x4_t, exponents: int32x4_t, zeroPoint: Int32)

    /// The outputs, saturated but not yet limited, in the highest bytes; the other bytes are of no account.
    func multiply(_ accumulators: int32x4_t) -> int32x4_t
  }

  extension ColumnMultipliers {
    @inline(__always)
    init(_ requantization: Requantization, column: Int) {
      self.init(
        mantissas: load(requantization.mantissas + column),
        exponents: load(requantization.exponents + column), zeroPoint: requantization.zeroPoint)
    }
  }

  /// For accumulators and multipliers as `Requantization.isPlain` promises them.
  ///
  /// With y = ⌊(x · m + 2^30) / 2^31⌋ (`sqrdmulh`), an exponent of −e and a zero point z the output is
  /// ⌊(y − [y < 0] + 2^(e−1)) / 2^e⌋ + z = ⌊(y − [y < 0] + c) / 2^e⌋ with c = 2^(e−1) + z · 2^e. Since 0 ≤ m, [x < 0]
  /// may stand for [y < 0]: they differ only where y = 0, and there the output is z with either. A saturating shift to
  /// the left by 24 − e then leaves the output in the highest byte, and so does the work of a rounding shift, two
  /// saturating narrowings and an addition. As |x| < 2^30 and e ≤ 22 the sum is below 2^31.
  ///
  /// - Parameters:
  ///   - isSigned: 0 for a zero point of −128, below which nothing shows, as after a rectifier: [y < 0] is left out.
  ///   - isLimited: 0 where the limits are those of int8.
  struct PlainMultipliers<let isSigned: Int, let isLimited: Int>: ColumnMultipliers {
    static var hasLimits: Bool { isLimited != 0 }

    private let mantissas: int32x4_t
    private let offsets: int32x4_t
    private let shifts: int32x4_t

    @inline(__always)
    init(mantissas: int32x4_t, exponents: int32x4_t, zeroPoint: Int32) {
      self.mantissas = mantissas
      // c = (2z + 1) · 2^(e−1), and e − 1 is the complement of −e.
      offsets = vshlq_s32(vdupq_n_s32(2 &* zeroPoint &+ 1), vmvnq_s32(exponents))
      shifts = vaddq_s32(exponents, vdupq_n_s32(24))
    }

    @inline(__always)
    func multiply(_ accumulators: int32x4_t) -> int32x4_t {
      var product = vqrdmulhq_s32(accumulators, mantissas)
      if isSigned != 0 { product = vaddq_s32(product, accumulators &>> 31) }
      // Nothing saturates in this sum, but the compiler does not take such additions apart to begin with the offset.
      return vqshlq_s32(vqaddq_s32(product, offsets), shifts)
    }
  }

  /// For any accumulators, mantissas and exponents (−31...30).
  struct GeneralMultipliers: ColumnMultipliers {
    static var hasLimits: Bool { true }

    private let mantissas: int32x4_t
    private let leftShifts: int32x4_t
    /// Zero or negative, as `srshl` takes them.
    private let rightShifts: int32x4_t
    private let zeroPoints: int32x4_t

    @inline(__always)
    init(mantissas: int32x4_t, exponents: int32x4_t, zeroPoint: Int32) {
      self.mantissas = mantissas
      leftShifts = vmaxq_s32(exponents, vdupq_n_s32(0))
      rightShifts = vminq_s32(exponents, vdupq_n_s32(0))
      zeroPoints = vdupq_n_s32(zeroPoint)
    }

    @inline(__always)
    func multiply(_ accumulators: int32x4_t) -> int32x4_t {
      let product = vqrdmulhq_s32(vshlq_s32(accumulators, leftShifts), mantissas)
      // `srshl` rounds ties up. One less than a negative number rounds up as that number rounds away from zero;
      // without a shift it stays, and so does Int32.min, which every shift divides.
      let sign = vandq_s32(product, rightShifts) &>> 31
      let scaled = vrshlq_s32(vqaddq_s32(product, sign), rightShifts)
      // The sum with the zero point wraps, as it does by definition.
      return vqshlq_s32(vaddq_s32(scaled, zeroPoints), vdupq_n_s32(24))
    }
  }

  /// The limits of an output.
  struct OutputRange {
    private let low: int8x16_t
    private let high: int8x16_t

    @inline(__always)
    init(_ requantization: Requantization) {
      low = vdupq_n_s8(Int8(truncatingIfNeeded: requantization.low))
      high = vdupq_n_s8(Int8(truncatingIfNeeded: requantization.high))
    }

    @inline(__always)
    func limited(_ bytes: int8x16_t) -> int8x16_t { vminq_s8(vmaxq_s8(bytes, low), high) }
  }
#endif
