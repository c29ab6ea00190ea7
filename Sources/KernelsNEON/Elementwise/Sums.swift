#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// `add` and `subtract`: the output's multiplier times the sum of two terms `multiplier · (value · 2^20)`, where the
  /// values are within −255...255.
  func sumRun(_ function: Elementwise, _ run: ElementwiseRun) {
    if function.function == .subtract {
      pairRun(function, run, GeneralSum(function, sign: -1), GeneralOutputs.self)
    } else if let sum = UsualSum(function) {
      usualRun(function, run, sum)
    } else if let sum = UsualSum(function.swapped) {
      usualRun(function.swapped, run.swapped, sum)
    } else {
      pairRun(function, run, GeneralSum(function, sign: 1), GeneralOutputs.self)
    }
  }

  private func usualRun(_ function: Elementwise, _ run: ElementwiseRun, _ sum: UsualSum) {
    if isLimited(function) {
      pairRun(function, run, sum, LimitedOutputs.self)
    } else {
      pairRun(function, run, sum, FullOutputs.self)
    }
  }

  extension Elementwise {
    /// The same with the operands in the other order.
    fileprivate var swapped: Elementwise {
      var result = self
      (result.first, result.second) = (second, first)
      (result.firstZeroPoint, result.secondZeroPoint) = (secondZeroPoint, firstZeroPoint)
      return result
    }
  }

  extension ElementwiseRun {
    fileprivate var swapped: ElementwiseRun {
      ElementwiseRun(
        first: second, firstStep: secondStep, second: first, secondStep: firstStep, output: output,
        count: count)
    }
  }

  /// A sum as compilers make it: the operand of the larger scale, here the first, has the factor 2^(−1), the other one
  /// a smaller factor. The first term is then the value times 2^19.
  ///
  /// Differences from the zero points are made by multiplication and come scaled: cores have one pipe for shifts, and
  /// requantization fills it.
  private struct UsualSum: PairFunction {
    private let first, second: ScaledDifferences
    private let power: int16x8_t
    private let mantissa: int32x4_t
    private let exponent: int32x4_t

    /// Nil for any other sum.
    @inline(__always)
    init?(_ function: Elementwise) {
      guard function.first == QuantizedMultiplier(mantissa: 1 &<< 30, exponent: 0),
        function.second.exponent < 0, isPlain(function.output)
      else { return nil }
      first = ScaledDifferences(zeroPoint: function.firstZeroPoint, scale: 1 &<< 5)
      second = ScaledDifferences(zeroPoint: function.secondZeroPoint, scale: 1 &<< 6)
      power = vdupq_n_s16(1 &<< 14)
      mantissa = vdupq_n_s32(function.second.mantissa)
      exponent = vdupq_n_s32(function.second.exponent)
    }

    @inline(__always)
    func low(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) { add(first.low(a), second.low(b)) }

    @inline(__always)
    func high(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) { add(first.high(a), second.high(b)) }

    @inline(__always)
    private func add(_ a: int16x8_t, _ b: int16x8_t) -> (int32x4_t, int32x4_t) {
      let low = rounded(vmull_s16(vget_low_s16(b), vget_low_s16(power)))
      let high = rounded(vmull_high_s16(b, power))
      return (
        vmlal_s16(low, vget_low_s16(a), vget_low_s16(power)), vmlal_high_s16(high, a, power)
      )
    }

    /// `srshl` rounds ties up; one less than a negative number rounds up as that number rounds away from zero. |value|
    /// is below 2^28, so nothing overflows.
    @inline(__always)
    private func rounded(_ value: int32x4_t) -> int32x4_t {
      let product = vqrdmulhq_s32(value, mantissa)
      return vrshlq_s32(vaddq_s32(product, product &>> 31), exponent)
    }
  }

  /// Operands less their zero point, times a scale of at most 64.
  private struct ScaledDifferences {
    private let scale: int8x16_t
    private let offset: int16x8_t

    @inline(__always)
    init(zeroPoint: Int32, scale: Int8) {
      self.scale = vdupq_n_s8(scale)
      offset = vdupq_n_s16(0 &- Int16(truncatingIfNeeded: zeroPoint) &* Int16(scale))
    }

    @inline(__always)
    func low(_ values: int8x16_t) -> int16x8_t { vmlal_s8(offset, vget_low_s8(values), vget_low_s8(scale)) }

    @inline(__always)
    func high(_ values: int8x16_t) -> int16x8_t { vmlal_high_s8(offset, values, scale) }
  }

  /// A sum or a difference with any multipliers.
  private struct GeneralSum: PairFunction {
    private let first, second: GeneralTerm
    private let sign: int32x4_t

    @inline(__always)
    init(_ function: Elementwise, sign: Int32) {
      first = GeneralTerm(function.first, zeroPoint: function.firstZeroPoint)
      second = GeneralTerm(function.second, zeroPoint: function.secondZeroPoint)
      self.sign = vdupq_n_s32(sign)
    }

    @inline(__always)
    func low(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) { add(first.low(a), second.low(b)) }

    @inline(__always)
    func high(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) { add(first.high(a), second.high(b)) }

    @inline(__always)
    private func add(
      _ a: (int32x4_t, int32x4_t), _ b: (int32x4_t, int32x4_t)
    ) -> (int32x4_t, int32x4_t) {
      (vmlaq_s32(a.0, b.0, sign), vmlaq_s32(a.1, b.1, sign))
    }
  }

  /// A term with any multiplier, exactly as `QuantizedMultiplier.multiply` treats it.
  private struct GeneralTerm {
    private let differences: Differences
    private let mantissa: int32x4_t
    private let left: int32x4_t
    /// Zero or negative, as `srshl` takes it.
    private let right: int32x4_t

    @inline(__always)
    init(_ multiplier: QuantizedMultiplier, zeroPoint: Int32) {
      differences = Differences(zeroPoint: zeroPoint)
      mantissa = vdupq_n_s32(multiplier.mantissa)
      left = vdupq_n_s32(max(multiplier.exponent, 0))
      right = vdupq_n_s32(min(multiplier.exponent, 0))
    }

    @inline(__always)
    func low(_ values: int8x16_t) -> (int32x4_t, int32x4_t) { multiply(differences.low(values)) }

    @inline(__always)
    func high(_ values: int8x16_t) -> (int32x4_t, int32x4_t) { multiply(differences.high(values)) }

    @inline(__always)
    private func multiply(_ values: int16x8_t) -> (int32x4_t, int32x4_t) {
      let shifted = values &<< 5
      return (multiply(ocellus_widen_low_15(shifted)), multiply(ocellus_widen_high_15(shifted)))
    }

    @inline(__always)
    private func multiply(_ value: int32x4_t) -> int32x4_t {
      let product = vqrdmulhq_s32(vshlq_s32(value, left), mantissa)
      let sign = vandq_s32(product, right) &>> 31
      return vrshlq_s32(vqaddq_s32(product, sign), right)
    }
  }
#endif
