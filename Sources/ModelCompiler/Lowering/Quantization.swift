import FixedPoint
import Glibc

/// Quantisation parameters computed as LiteRT's `Prepare` functions compute them. Which steps are in singles and
/// which in doubles decides bits, and is noted at each use.
enum Quantization {
  /// A real factor as mantissa and exponent, the mantissa rounded half away from zero (LiteRT's
  /// `QuantizeMultiplier`); factors under 2^−32 become 0.
  static func multiplier(_ factor: Double) throws(Obstacle) -> QuantizedMultiplier {
    try check(factor)
    guard factor != 0 else { return QuantizedMultiplier(mantissa: 0, exponent: 0) }
    let (fraction, exponent) = frexp(factor)
    var mantissa = Int64((fraction * 2147483648.0).rounded(.toNearestOrAwayFromZero))
    var shift = exponent
    if mantissa == 1 << 31 {
      mantissa /= 2
      shift += 1
    }
    if shift < -31 { return QuantizedMultiplier(mantissa: 0, exponent: 0) }
    return QuantizedMultiplier(mantissa: Int32(mantissa), exponent: Int32(shift))
  }

  /// A real factor with a double's significand.
  static func dyadicFactor(_ factor: Double) throws(Obstacle) -> DyadicFactor {
    try check(factor)
    guard factor > 0 else { return DyadicFactor(significand: 0, exponent: 0) }
    let (fraction, exponent) = frexp(factor)
    let significand = Int64(fraction * 9007199254740992.0)
    let shift = exponent - 53
    if shift < Int(DyadicFactor.exponents.lowerBound) { return DyadicFactor(significand: 0, exponent: 0) }
    return DyadicFactor(significand: significand, exponent: Int32(min(shift, 0)))
  }

  /// An output's zero point, and its lowest and highest stored value after a fused activation, as parameters.
  ///
  /// - Parameter zeroPoint: Of the stored int8 values.
  static func range(_ activation: FusedActivation, scale: Float, zeroPoint: Int32) -> [Int32] {
    func quantize(_ value: Float) -> Int32 {
      let steps = (value / scale).rounded(.toNearestOrAwayFromZero)
      return zeroPoint + Quantization.integer(steps)
    }
    switch activation {
    case .none: return [zeroPoint, -128, 127]
    case .relu: return [zeroPoint, limit(quantize(0)), 127]
    case .relu6: return [zeroPoint, limit(quantize(0)), limit(quantize(6))]
    case .reluN1To1: return [zeroPoint, limit(quantize(-1)), limit(quantize(1))]
    }
  }

  private static func check(_ factor: Double) throws(Obstacle) {
    guard factor.isFinite else { throw Obstacle("its scales' ratio is no finite number") }
  }

  /// A real number of steps as an integer, limited to where sums with zero points stay exact; 0 for no number.
  static func integer<Real: BinaryFloatingPoint>(_ steps: Real) -> Int32 {
    steps.isNaN ? 0 : Int32(Swift.max(Swift.min(steps, 100_000), -100_000))
  }

  static func limit(_ value: Int32) -> Int32 { clamp(value, -128, 127) }
}

/// The activations that TFLite fuses into other operators.
enum FusedActivation: Int8 {
  case none = 0
  case relu = 1
  case reluN1To1 = 2
  case relu6 = 3
}
