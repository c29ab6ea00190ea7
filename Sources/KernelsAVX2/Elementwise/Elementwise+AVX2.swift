#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// Elementwise functions; steps are 0 or 1, else the definition takes over.
  func elementwiseRun(_ function: Elementwise, _ run: ElementwiseRun) {
    guard run.firstStep | 1 == 1, run.secondStep | 1 == 1 else {
      elementwiseScalar(function, run)
      return
    }
    switch function.function {
    case .add: sum(function, run, isDifference: false)
    case .subtract: sum(function, run, isDifference: true)
    case .multiply: product(function, run)
    case .minimum: select(run, _mm256_min_epi8, min)
    case .maximum: select(run, _mm256_max_epi8, max)
    case .squaredDifference, .prelu: elementwiseScalar(function, run)
    }
  }

  @inline(__always)
  private func sum(_ function: Elementwise, _ run: ElementwiseRun, isDifference: Bool) {
    if isPlain(function.output) && SumTerm.isPossible(function.first)
      && SumTerm.isPossible(function.second)
    {
      var memory = MultiplierMemory()
      withUnsafeMutableBytes(of: &memory) {
        compute(PlainSum(function, isDifference, $0.baseAddress!), function, run)
      }
    } else {
      compute(GeneralSum(function, isDifference), function, run)
    }
  }

  private func product(_ function: Elementwise, _ run: ElementwiseRun) {
    if isPlain(function.output) {
      var memory = MultiplierMemory()
      withUnsafeMutableBytes(of: &memory) {
        compute(PlainProduct(function, $0.baseAddress!), function, run)
      }
    } else {
      compute(GeneralProduct(function), function, run)
    }
  }

  /// `PlainMultipliers` will do, for values below 2^30.
  private func isPlain(_ multiplier: QuantizedMultiplier) -> Bool {
    multiplier.mantissa >= 0 && multiplier.exponent >= -30 && multiplier.exponent <= -1
  }

  @inline(__always)
  private func compute<Function: PairFunction>(
    _ vectorFunction: Function, _ function: Elementwise, _ run: ElementwiseRun
  ) {
    let range = OutputRange(zeroPoint: function.outputZeroPoint, low: function.low, high: function.high)
    let (firstZero, secondZero) = (repeating(function.firstZeroPoint), repeating(function.secondZeroPoint))
    let (first, second) = (UnsafeRawPointer(run.first), UnsafeRawPointer(run.second))
    var index = 0
    while index &+ 8 <= run.count {
      let x = _mm256_sub_epi32(operand(first, run.firstStep, index), firstZero)
      let y = _mm256_sub_epi32(operand(second, run.secondStep, index), secondZero)
      let values = vectorFunction(x, y)
      if index &+ 16 <= run.count {
        let u = _mm256_sub_epi32(operand(first, run.firstStep, index &+ 8), firstZero)
        let v = _mm256_sub_epi32(operand(second, run.secondStep, index &+ 8), secondZero)
        let shorts = Function.Multipliers.offset(values, vectorFunction(u, v), range)
        ocellus_store_128(run.output + index, _mm256_castsi256_si128(range.bytes(shorts, shorts)))
        index &+= 16
      } else {
        let shorts = Function.Multipliers.offset(values, values, range)
        ocellus_store_64(run.output + index, _mm256_castsi256_si128(range.bytes(shorts, shorts)))
        index &+= 8
      }
    }
    while index < run.count {
      run.output[index] = function(
        run.first[index &* run.firstStep], run.second[index &* run.secondStep])
      index &+= 1
    }
  }

  /// Eight elements of an operand as int32.
  @inline(__always)
  private func operand(_ values: UnsafeRawPointer, _ step: Int, _ index: Int) -> Vector {
    step == 0
      ? repeating(Int32(values.load(as: Int8.self)))
      : _mm256_cvtepi8_epi32(ocellus_load_64(values + index))
  }

  @inline(__always)
  private func select(
    _ run: ElementwiseRun, _ vectorFunction: (Vector, Vector) -> Vector,
    _ scalarFunction: (Int8, Int8) -> Int8
  ) {
    var index = 0
    while index &+ 32 <= run.count {
      let x =
        run.firstStep == 0 ? _mm256_set1_epi8(run.first[0]) : ocellus_load_256(run.first + index)
      let y =
        run.secondStep == 0 ? _mm256_set1_epi8(run.second[0]) : ocellus_load_256(run.second + index)
      ocellus_store_256(run.output + index, vectorFunction(x, y))
      index &+= 32
    }
    while index < run.count {
      run.output[index] = scalarFunction(
        run.first[index &* run.firstStep], run.second[index &* run.secondStep])
      index &+= 1
    }
  }
#endif
