import FixedPoint

/// An int8 function of two int8 operands, element by element.
public struct Elementwise {
  public enum Function: Int, Sendable {
    /// `multiplier_o · (multiplier_1 · (a − z_1)·2^20 + multiplier_2 · (b − z_2)·2^20)`
    case add = 0
    /// As `add`, with the second term subtracted.
    case subtract = 1
    /// `multiplier_o · (a − z_1)(b − z_2)`
    case multiply = 2
    /// The square of `subtract`'s difference (scaled by 2^7 instead of 2^20), times `multiplier_o`.
    case squaredDifference = 3
    case minimum = 4
    case maximum = 5
    /// `multiplier_1 · (a − z_1)` where that is not negative, else `multiplier_2 · (a − z_1)(b − z_2)`.
    case prelu = 6
  }

  /// Left shift of the operands of `add` and `subtract` before they are scaled.
  public static let sumShift: Int32 = 20
  /// Left shift of the operands of `squaredDifference`.
  public static let differenceShift: Int32 = 7

  public var function: Function
  public var firstZeroPoint: Int32
  public var secondZeroPoint: Int32
  public var outputZeroPoint: Int32
  public var first: QuantizedMultiplier
  public var second: QuantizedMultiplier
  public var output: QuantizedMultiplier
  public var low: Int32
  public var high: Int32

  public init(
    function: Function, firstZeroPoint: Int32, secondZeroPoint: Int32, outputZeroPoint: Int32,
    first: QuantizedMultiplier, second: QuantizedMultiplier, output: QuantizedMultiplier, low: Int32,
    high: Int32
  ) {
    self.function = function
    self.firstZeroPoint = firstZeroPoint
    self.secondZeroPoint = secondZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.first = first
    self.second = second
    self.output = output
    self.low = low
    self.high = high
  }

  /// The function of one pair.
  @inline(__always)
  public func callAsFunction(_ a: Int8, _ b: Int8) -> Int8 {
    let x = Int32(a) &- firstZeroPoint
    let y = Int32(b) &- secondZeroPoint
    let value: Int32
    switch function {
    case .add:
      value = output.multiply(
        first.multiply(x &<< Elementwise.sumShift) &+ second.multiply(y &<< Elementwise.sumShift))
    case .subtract:
      value = output.multiply(
        first.multiply(x &<< Elementwise.sumShift) &- second.multiply(y &<< Elementwise.sumShift))
    case .multiply:
      value = output.multiply(x &* y)
    case .squaredDifference:
      let difference =
        first.multiply(x &<< Elementwise.differenceShift)
        &- second.multiply(y &<< Elementwise.differenceShift)
      value = output.multiply(difference &* difference)
    case .minimum:
      return min(a, b)
    case .maximum:
      return max(a, b)
    case .prelu:
      value = x >= 0 ? first.multiply(x) : second.multiply(x &* y)
    }
    return Int8(truncatingIfNeeded: clamp(outputZeroPoint &+ value, low, high))
  }
}

/// A run of `count` pairs; an operand whose step is 0 stays the same for the whole run.
public struct ElementwiseRun {
  public var first: UnsafePointer<Int8>
  public var firstStep: Int
  public var second: UnsafePointer<Int8>
  public var secondStep: Int
  public var output: UnsafeMutablePointer<Int8>
  public var count: Int

  public init(
    first: UnsafePointer<Int8>, firstStep: Int, second: UnsafePointer<Int8>, secondStep: Int,
    output: UnsafeMutablePointer<Int8>, count: Int
  ) {
    self.first = first
    self.firstStep = firstStep
    self.second = second
    self.secondStep = secondStep
    self.output = output
    self.count = count
  }
}

/// The definition of an elementwise run.
public func elementwiseScalar(_ function: Elementwise, _ run: ElementwiseRun) {
  for index in 0..<run.count {
    run.output[index] = function(
      run.first[index &* run.firstStep], run.second[index &* run.secondStep])
  }
}
