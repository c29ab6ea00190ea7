import FixedPoint

/// The softmax of each row of `depth` values, as probabilities of scale 1/256 and zero point −128.
///
/// - Parameter exponentials: For each difference 0...255 below the row's maximum, e^(−difference · scale · β)
///   without integer bits; 0 where LiteRT leaves the difference out of the sum.
///
/// Source: gemmlowp's softmax; the sum has 12 integer bits.
public func softmaxScalar(
  _ input: UnsafePointer<Int8>, _ rows: Int, _ depth: Int, _ exponentials: UnsafePointer<Int32>,
  _ output: UnsafeMutablePointer<Int8>
) {
  for row in 0..<rows {
    let values = input + row &* depth
    let results = output + row &* depth
    var maximum = Int8.min
    for index in 0..<depth { maximum = max(maximum, values[index]) }
    var sum: Int32 = 0
    for index in 0..<depth {
      let exponential = exponentials[Int(maximum) &- Int(values[index])]
      sum = sum &+ roundingShiftRight(exponential, by: 12)
    }
    let reciprocal = Reciprocal(of: sum, integerBits: 12)
    let shift = min(max(reciprocal.shift &+ 23, 0), 31)
    for index in 0..<depth {
      let exponential = exponentials[Int(maximum) &- Int(values[index])]
      let scaled = roundingShiftRight(
        saturatingRoundingDoublingHighMultiply(reciprocal.mantissa, exponential), by: shift)
      results[index] = Int8(truncatingIfNeeded: clamp(scaled &- 128, -128, 127))
    }
  }
}
