import FixedPoint

/// Divides each row by its Euclidean norm, for an output of scale 1/128 and the given zero point.
///
/// - Parameter scalesFirst: Scale values by 128 before they are multiplied (LiteRT's uint8) and not by an
///   exponent 7 higher (its int8): the two round differently.
public func l2NormalizeScalar(
  _ input: UnsafePointer<Int8>, _ inputZeroPoint: Int32, _ outputZeroPoint: Int32,
  _ scalesFirst: Bool, _ rows: Int, _ depth: Int, _ output: UnsafeMutablePointer<Int8>
) {
  for row in 0..<rows {
    let values = input + row &* depth
    let results = output + row &* depth
    var square: Int32 = 0
    for index in 0..<depth {
      let value = Int32(values[index]) &- inputZeroPoint
      square = square &+ value &* value
    }
    var inverse = inverseSquareRoot(square)
    if !scalesFirst { inverse.exponent += 7 }
    for index in 0..<depth {
      let value = Int32(values[index]) &- inputZeroPoint
      let scaled = inverse.multiply(scalesFirst ? value &* 128 : value)
      results[index] = Int8(truncatingIfNeeded: clamp(outputZeroPoint &+ scaled, -128, 127))
    }
  }
}
