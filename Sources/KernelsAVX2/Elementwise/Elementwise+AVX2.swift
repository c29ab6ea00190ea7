#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// A function of two operands, eight elements at a time.
  private protocol PairFunction {
    associatedtype Multipliers: ColumnMultipliers

    init(_ function: Elementwise)

    /// Values before the output's zero point, from operands less their zero points.
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector
  }

  private struct Sum: PairFunction {
    typealias Multipliers = GeneralMultipliers

    private let first: GeneralMultipliers
    private let second: GeneralMultipliers
    private let output: GeneralMultipliers

    @inline(__always)
    init(_ function: Elementwise) {
      first = GeneralMultipliers(function.first)
      second = GeneralMultipliers(function.second)
      output = GeneralMultipliers(function.output)
    }

    @inline(__always)
    fileprivate func scaled(_ x: Vector, _ y: Vector) -> (Vector, Vector) {
      (
        first.multiply(_mm256_slli_epi32(x, Elementwise.sumShift)),
        second.multiply(_mm256_slli_epi32(y, Elementwise.sumShift))
      )
    }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector {
      let (a, b) = scaled(x, y)
      return output.multiply(_mm256_add_epi32(a, b))
    }

    @inline(__always)
    fileprivate func difference(_ x: Vector, _ y: Vector) -> Vector {
      let (a, b) = scaled(x, y)
      return output.multiply(_mm256_sub_epi32(a, b))
    }
  }

  private struct Difference: PairFunction {
    typealias Multipliers = GeneralMultipliers

    private let sum: Sum

    @inline(__always)
    init(_ function: Elementwise) { sum = Sum(function) }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector { sum.difference(x, y) }
  }

  private struct Product: PairFunction {
    typealias Multipliers = GeneralMultipliers

    private let output: GeneralMultipliers

    @inline(__always)
    init(_ function: Elementwise) { output = GeneralMultipliers(function.output) }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector { output.multiply(_mm256_mullo_epi32(x, y)) }
  }

  /// Elementwise functions; steps are 0 or 1, else the definition takes over.
  func elementwiseRun(_ function: Elementwise, _ run: ElementwiseRun) {
    guard run.firstStep | 1 == 1, run.secondStep | 1 == 1 else {
      elementwiseScalar(function, run)
      return
    }
    switch function.function {
    case .add: compute(Sum.self, function, run)
    case .subtract: compute(Difference.self, function, run)
    case .multiply: compute(Product.self, function, run)
    case .minimum: select(run, _mm256_min_epi8, min)
    case .maximum: select(run, _mm256_max_epi8, max)
    case .squaredDifference, .prelu: elementwiseScalar(function, run)
    }
  }

  @inline(__always)
  private func compute<Function: PairFunction>(
    _ type: Function.Type, _ function: Elementwise, _ run: ElementwiseRun
  ) {
    let vectorFunction = Function(function)
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
