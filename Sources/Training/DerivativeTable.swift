import FirmwareModel

/// Tables that the backward pass looks up by int8 values.
enum DerivativeTable {
  /// Values that a slope is taken over, to each side.
  private static let reach = 8

  /// The derivative of a tabulated function by its real argument, with 6 fraction bits.
  ///
  /// A table knows its function to half a last bit, so a difference of neighbours says little. The slope of the straight
  /// line that fits the 17 values around best (Σ k·T[i+k] / Σ k², least squares) has a standard error of 0.014 last bits,
  /// and is exact for parabolas. Towards the ends as many values are taken as there are on the shorter side; the two
  /// ends have their neighbours' slope.
  ///
  /// - Parameters:
  ///   - table: 256 values, from −128 on.
  ///   - input, output: The scales of argument and value.
  static func set(
    _ derivatives: UnsafeMutablePointer<Int8>, table: UnsafePointer<Int8>, input: Scale, output: Scale
  ) {
    // 64 · output / input · sum / squares: a numerator below 2^51, a denominator below 2^40.
    let exponent = min(max(Int64(output.exponent) - Int64(input.exponent), -64), 64)
    let (numerator, denominator) = (Int64(max(output.mantissa, 0)), Int64(max(input.mantissa, 1)))
    for index in 0..<256 {
      let center = min(max(index, 1), 254)
      let reach = min(DerivativeTable.reach, center, 255 - center)
      var (sum, squares): (Int64, Int64) = (0, 0)
      for offset in 1...reach {
        sum += Int64(offset) * (Int64(table[center + offset]) - Int64(table[center - offset]))
        squares += 2 * Int64(offset * offset)
      }
      derivatives[index] = roundedRatio(
        64 * sum * numerator, squares * denominator, exponent: exponent)
    }
  }

  /// `numerator / denominator · 2^exponent` to the nearest, halves up, within int8.
  private static func roundedRatio(_ numerator: Int64, _ denominator: Int64, exponent: Int64) -> Int8 {
    if numerator == 0 { return 0 }
    var (numerator, denominator) = (numerator, denominator)
    if exponent > 0 {
      let room = Int64(numerator.magnitude.leadingZeroBitCount) - 3
      if exponent > room { return numerator < 0 ? -128 : 127 }
      numerator <<= exponent
    } else {
      let room = Int64(denominator.magnitude.leadingZeroBitCount) - 3
      if -exponent > room { return 0 }
      denominator <<= -exponent
    }
    let doubled = 2 * numerator + denominator
    var quotient = doubled / (2 * denominator)
    if doubled % (2 * denominator) < 0 { quotient -= 1 }
    return Int8(truncatingIfNeeded: min(max(quotient, -128), 127))
  }

  /// 256 times the gate that each int8 value stands for, to the nearest, within 0...255.
  static func setGates(_ gates: UnsafeMutablePointer<UInt8>, scale: Scale, zeroPoint: Int32) {
    for index in 0..<256 {
      let steps = Int64(index - 128) - Int64(zeroPoint)
      // 256 · steps · scale
      let product = steps * Int64(max(scale.mantissa, 0))
      let shift = -(Int64(scale.exponent) + 8)
      let value: Int64
      if shift <= 0 {
        value = min(max(product, 0), 255) << min(-shift, 8)
      } else {
        value = shift > 60 ? 0 : (product + (1 << (shift - 1))) >> shift
      }
      gates[index] = UInt8(truncatingIfNeeded: min(max(value, 0), 255))
    }
  }
}
