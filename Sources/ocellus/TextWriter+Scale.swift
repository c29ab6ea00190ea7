import FirmwareModel
import Platform

extension TextWriter {
  /// A scale with ten significant decimals, as JSON writes a number.
  mutating func write(scale: Scale) {
    guard scale.mantissa > 0 else {
      write("0")
      return
    }
    // Multiplied or divided by 10 until ten digits stand before the point; 64-bit steps keep it exact enough.
    var digits = UInt64(scale.mantissa)
    var binary = Int(scale.exponent)
    var decimal = 0
    while digits < 1 << 40 {
      digits <<= 1
      binary -= 1
    }
    while binary < 0 {
      if digits < 1 << 59 {
        digits *= 10
        decimal -= 1
      } else {
        digits >>= 1
        binary += 1
      }
    }
    while binary > 0 {
      if digits < 1 << 62 {
        digits <<= 1
        binary -= 1
      } else {
        digits /= 10
        decimal += 1
      }
    }
    while digits >= 10_000_000_000 {
      digits = (digits + 5) / 10
      decimal += 1
    }
    while digits % 10 == 0 {
      digits /= 10
      decimal += 1
    }
    write(digits, decimal: decimal)
  }

  /// `digits · 10^decimal`, plainly where that is short enough.
  private mutating func write(_ digits: UInt64, decimal: Int) {
    if decimal < 0 && decimal >= -16 {
      var unit: UInt64 = 1
      for _ in 0..<(-decimal) { unit *= 10 }
      write(digits / unit)
      write(".")
      write(digits % unit, digits: -decimal)
      return
    }
    write(digits)
    if decimal == 0 { return }
    write("e")
    write(decimal)
  }
}
