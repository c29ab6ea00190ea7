import FirmwareModel
import FixedPoint

/// Products and quotients with 31 bits, for scales of at least 0; whatever a file's exponents are.
extension Scale {
  /// The factor of a multiplier.
  init(_ multiplier: QuantizedMultiplier) {
    self.init(mantissa: multiplier.mantissa, exponent: multiplier.exponent &- 31)
  }

  /// `value · 2^exponent` to the nearest 31 bits.
  private init(_ value: UInt64, exponent: Int32) {
    if value == 0 {
      self = .none
      return
    }
    let shift = 33 &- Int32(truncatingIfNeeded: value.leadingZeroBitCount)
    var mantissa =
      shift > 0 ? (value &+ (1 &<< UInt64(shift &- 1))) &>> UInt64(shift) : value &<< UInt64(0 &- shift)
    var exponent = exponent &+ shift
    if mantissa == 1 &<< 31 {
      mantissa = 1 &<< 30
      exponent = exponent &+ 1
    }
    self.init(mantissa: Int32(truncatingIfNeeded: mantissa), exponent: exponent)
  }

  private var magnitude: UInt64 { UInt64(truncatingIfNeeded: max(mantissa, 0)) }

  static func * (a: Scale, b: Scale) -> Scale {
    Scale(a.magnitude &* b.magnitude, exponent: a.exponent &+ b.exponent)
  }

  /// `none` where the divisor is 0.
  static func / (a: Scale, b: Scale) -> Scale {
    if b.magnitude == 0 { return .none }
    // 32 bits more than the quotient of the mantissas.
    return Scale((a.magnitude &<< 32) / b.magnitude, exponent: a.exponent &- b.exponent &- 32)
  }
}
