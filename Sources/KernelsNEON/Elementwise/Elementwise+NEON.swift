#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  func elementwiseRun(_ function: Elementwise, _ run: ElementwiseRun) {
    guard run.firstStep <= 1, run.secondStep <= 1, run.count >= 16 else {
      return elementwiseScalar(function, run)
    }
    switch function.function {
    case .add, .subtract: sumRun(function, run)
    case .multiply: productRun(function, run)
    case .minimum: byteRun(run) { vminq_s8($0, $1) }
    case .maximum: byteRun(run) { vmaxq_s8($0, $1) }
    case .squaredDifference, .prelu: elementwiseScalar(function, run)
    }
  }

  /// A function of bytes, sixteen at a time, of at least sixteen.
  @inline(__always)
  func byteRun(_ run: ElementwiseRun, _ result: (int8x16_t, int8x16_t) -> int8x16_t) {
    // What is repeated is read again and again from memory that holds it sixteen times.
    var repeated = (vdupq_n_s8(run.first[0]), vdupq_n_s8(run.second[0]))
    withUnsafeBytes(of: &repeated) { memory in
      let start = memory.baseAddress!.assumingMemoryBound(to: Int8.self)
      let first = run.firstStep == 0 ? start : run.first
      let second = run.secondStep == 0 ? start + 16 : run.second
      @inline(__always)
      func sixteen(_ index: Int) -> int8x16_t {
        result(load(first + index &* run.firstStep), load(second + index &* run.secondStep))
      }
      // The last ones, of which some may be among those before, are computed first: the output may take the place of
      // an operand.
      let last = sixteen(run.count &- 16)
      var index = 0
      while index &+ 32 <= run.count {
        let (low, high) = (sixteen(index), sixteen(index &+ 16))
        store(low, run.output + index)
        store(high, run.output + (index &+ 16))
        index &+= 32
      }
      if index &+ 16 <= run.count { store(sixteen(index), run.output + index) }
      store(last, run.output + (run.count &- 16))
    }
  }

  /// What becomes of sixteen pairs of operands before the output's multiplier.
  protocol PairFunction {
    /// The first eight.
    func low(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t)
    /// The last eight.
    func high(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t)
  }

  @inline(__always)
  func pairRun<Outputs: EightOutputs>(
    _ function: Elementwise, _ run: ElementwiseRun, _ pairs: some PairFunction, _ outputs: Outputs.Type
  ) {
    let outputs = Outputs(function)
    byteRun(run) { a, b in
      let (low, high) = (pairs.low(a, b), pairs.high(a, b))
      return vcombine_s8(outputs.bytes(low.0, low.1), outputs.bytes(high.0, high.1))
    }
  }

  /// Operands less their zero point.
  struct Differences {
    private let zeroPoint: int8x16_t

    @inline(__always)
    init(zeroPoint: Int32) { self.zeroPoint = vdupq_n_s8(Int8(truncatingIfNeeded: zeroPoint)) }

    @inline(__always)
    func low(_ values: int8x16_t) -> int16x8_t { vsubl_s8(vget_low_s8(values), vget_low_s8(zeroPoint)) }

    @inline(__always)
    func high(_ values: int8x16_t) -> int16x8_t { vsubl_high_s8(values, zeroPoint) }
  }

  private func productRun(_ function: Elementwise, _ run: ElementwiseRun) {
    if !isPlain(function.output) {
      pairRun(function, run, Product(function), GeneralOutputs.self)
    } else if isLimited(function) {
      pairRun(function, run, Product(function), LimitedOutputs.self)
    } else {
      pairRun(function, run, Product(function), FullOutputs.self)
    }
  }

  private struct Product: PairFunction {
    private let first, second: Differences

    @inline(__always)
    init(_ function: Elementwise) {
      first = Differences(zeroPoint: function.firstZeroPoint)
      second = Differences(zeroPoint: function.secondZeroPoint)
    }

    @inline(__always)
    func low(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) {
      multiply(first.low(a), second.low(b))
    }

    @inline(__always)
    func high(_ a: int8x16_t, _ b: int8x16_t) -> (int32x4_t, int32x4_t) {
      multiply(first.high(a), second.high(b))
    }

    @inline(__always)
    private func multiply(_ a: int16x8_t, _ b: int16x8_t) -> (int32x4_t, int32x4_t) {
      (vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b))
    }
  }

  /// Whether the multiplier is as `Requantization.isPlain` wants it.
  @inline(__always)
  func isPlain(_ multiplier: QuantizedMultiplier) -> Bool {
    multiplier.mantissa >= 0 && multiplier.exponent < 0 && multiplier.exponent >= -22
  }

  /// Whether the output does not take the whole of int8.
  @inline(__always)
  func isLimited(_ function: Elementwise) -> Bool { function.low > -128 || function.high < 127 }
#endif
