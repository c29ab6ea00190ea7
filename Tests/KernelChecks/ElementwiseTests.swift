import FixedPoint
import Kernels

/// One run of pairs.
struct ElementwiseCase: CustomStringConvertible {
  var function: Elementwise
  var firstStep: Int
  var secondStep: Int
  var count: Int
  /// The output takes the place of an operand.
  var isInPlace: Bool
  var seed: Int

  var description: String {
    "\(function), steps \(firstStep) and \(secondStep), count \(count), in place \(isInPlace), seed "
      + "\(seed)"
  }

  static var all: [ElementwiseCase] {
    var random = RandomNumbers(seed: 3)
    var cases: [ElementwiseCase] = []
    for code in 0...6 {
      for (firstStep, secondStep) in [(1, 1), (1, 0), (0, 1), (0, 0)] {
        for count in Array(0...36) + [63, 64, 65, 100] {
          let isFine = random.bool()
          let function = Elementwise(
            function: Elementwise.Function(rawValue: code)!, firstZeroPoint: zeroPoint(&random),
            secondZeroPoint: zeroPoint(&random), outputZeroPoint: zeroPoint(&random),
            first: isFine ? fineMultiplier(&random) : multiplier(&random),
            second: isFine ? fineMultiplier(&random) : multiplier(&random),
            output: isFine
              ? QuantizedMultiplier(mantissa: 1 << 30 | random.int32() & 0xFF_FFFF, exponent: -1)
              : multiplier(&random),
            low: Int32(random.int(-128 ... -1)), high: Int32(random.int(0...127)))
          cases.append(
            ElementwiseCase(
              function: function, firstStep: firstStep, secondStep: secondStep, count: count,
              isInPlace: random.bool(), seed: cases.count))
        }
      }
    }
    return cases
  }

  private static func zeroPoint(_ random: inout RandomNumbers) -> Int32 {
    Int32(random.int(-128...127))
  }

  private static func multiplier(_ random: inout RandomNumbers) -> QuantizedMultiplier {
    let exponents = random.bool() ? -8...0 : -31...30
    return QuantizedMultiplier(mantissa: random.mantissa(), exponent: Int32(random.int(exponents)))
  }

  /// So small that a sum's terms are of the output's size, and that the last place of each can be seen.
  private static func fineMultiplier(_ random: inout RandomNumbers) -> QuantizedMultiplier {
    QuantizedMultiplier(mantissa: Int32(random.int(0...4095)), exponent: Int32(random.int(-2...0)))
  }

  func compute(_ kernels: KernelTable) -> (values: [Int8], isIntact: Bool) {
    var random = RandomNumbers(seed: seed + 3000)
    let first = GuardedMemory(random.bytes(firstStep == 0 ? 1 : count))
    let second = GuardedMemory(random.bytes(secondStep == 0 ? 1 : count))
    var output = GuardedMemory<Int8>(count: count)
    if isInPlace {
      if firstStep == 1 { output = first } else if secondStep == 1 { output = second }
    }
    kernels.elementwise(
      function,
      ElementwiseRun(
        first: first.constant, firstStep: firstStep, second: second.constant,
        secondStep: secondStep, output: output.start, count: count))
    return (output.values, output.isIntact && first.isIntact && second.isIntact)
  }
}

struct ElementwiseTests {
  func compute() {
    for item in ElementwiseCase.all {
      let expected = item.compute(.scalar).values
      for (name, kernels) in testedSets {
        let (actual, isIntact) = item.compute(kernels)
        expect(actual, equals: expected, intact: isIntact, name, "\(item)")
      }
    }
  }

  func lookUp() {
    var random = RandomNumbers(seed: 4)
    for count in Array(0...70) + Array(120...200) + [255, 256, 300, 1000] {
      for isInPlace in [false, true] {
        let table = GuardedMemory((0..<256).map { _ in Int8(truncatingIfNeeded: random.next() >> 9) })
        let values = (0..<count).map { _ in Int8(truncatingIfNeeded: random.next() >> 24) }
        let expected = values.map { table.values[Int($0) + 128] }
        for (name, kernels) in testedSets {
          let input = GuardedMemory(values)
          let output = isInPlace ? input : GuardedMemory(count: count)
          kernels.lookUp(table.constant, input.constant, output.start, count)
          expect(
            output.values, equals: expected, intact: output.isIntact && input.isIntact, name,
            "look-up of \(count), in place \(isInPlace)")
        }
      }
    }
  }
}
