/// A positive real factor in fixed point: `mantissa · 2^(exponent − 31)`.
///
/// The mantissa lies in [2^30, 2^31), or is 0 for the factor 0; `exponent` is negative for a factor below one
/// half. It is the form in which LiteRT keeps the ratio of quantisation scales, `input · weight / output`.
public struct QuantizedMultiplier: Equatable, Sendable {
  /// Q31 mantissa.
  public var mantissa: Int32
  /// Power of two that scales the mantissa: a left shift when positive, a rounding right shift when negative.
  public var exponent: Int32

  /// Every `exponent` that arithmetic here accepts: a left shift must leave an `Int32` defined, a right shift
  /// must stay below its width.
  public static let exponents: ClosedRange<Int32> = -31...30

  @inline(__always)
  public init(mantissa: Int32, exponent: Int32) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// `value` times the factor, rounded twice as LiteRT's reference kernels round: to nearest (ties up) after
  /// the Q31 product, then to nearest (ties away from zero) at the right shift.
  @inline(__always)
  public func multiply(_ value: Int32) -> Int32 {
    let left = max(exponent, 0)
    let right = max(0 &- exponent, 0)
    return roundingShiftRight(
      saturatingRoundingDoublingHighMultiply(value &<< left, mantissa), by: right)
  }
}

/// The high half of `2·a·b`, rounded to nearest with ties up, saturated where both operands are `Int32.min`.
///
/// gemmlowp's `SaturatingRoundingDoublingHighMul` and Arm's `SQRDMULH`: ⌊(a·b + 2^30) / 2^31⌋. gemmlowp writes
/// a division that truncates towards zero with a nudge of 2^30 or 1 − 2^30 by the product's sign; both are the
/// same function.
@inline(__always)
public func saturatingRoundingDoublingHighMultiply(_ a: Int32, _ b: Int32) -> Int32 {
  if a == Int32.min && b == Int32.min { return Int32.max }
  let product = Int64(a) &* Int64(b)
  return Int32(truncatingIfNeeded: (product &+ (1 &<< 30)) &>> 31)
}

/// `value / 2^shift`, rounded to nearest with ties away from zero; `shift` in 0...31.
@inline(__always)
public func roundingShiftRight(_ value: Int32, by shift: Int32) -> Int32 {
  let mask = Int32(truncatingIfNeeded: (Int64(1) &<< Int64(shift)) &- 1)
  let remainder = value & mask
  let threshold = (mask &>> 1) &+ (value < 0 ? 1 : 0)
  return (value &>> shift) &+ (remainder > threshold ? 1 : 0)
}

/// `value` limited to `range`. (The standard library's `clamped(to:)` does not inline.)
@inline(__always)
public func clamp(_ value: Int32, _ low: Int32, _ high: Int32) -> Int32 {
  value < low ? low : (value > high ? high : value)
}
