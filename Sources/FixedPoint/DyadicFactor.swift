/// A positive real factor with the 53-bit significand of an IEEE double: `significand · 2^exponent`.
///
/// LiteRT's fully connected reference kernel multiplies accumulators by a double and rounds the product to the
/// nearest integer, halves away from zero. `multiply` gives that integer without floating point.
public struct DyadicFactor: Equatable, Sendable {
  /// In [2^52, 2^53), or 0 for the factor 0.
  public var significand: Int64
  public var exponent: Int32

  /// Exponents for which every shift in `multiply` is defined; factors beyond saturate or vanish anyway.
  public static let exponents: ClosedRange<Int32> = -115...0

  @inline(__always)
  public init(significand: Int64, exponent: Int32) {
    self.significand = significand
    self.exponent = exponent
  }

  /// `value` times the factor: the product first rounded to a double (53 bits, ties to even), then to an
  /// integer (ties away from zero), saturated to Int32.
  ///
  /// The first rounding matters: it can turn a product just below a half into the half.
  public func multiply(_ value: Int32) -> Int32 {
    let magnitude = UInt64(value.magnitude)
    let product = magnitude.multipliedFullWidth(by: UInt64(bitPattern: significand))
    var high = product.high
    var low = product.low
    // The bits beyond a double's 53.
    let width = high == 0 ? 64 &- low.leadingZeroBitCount : 128 &- high.leadingZeroBitCount
    var shift = 0 &- Int(exponent)
    if width > 53 {
      let excess = width &- 53
      let kept = shiftRight(high, low, by: excess)
      let lost = remainder(high, low, bits: excess)
      let half = UInt64(1) &<< UInt64(excess &- 1)
      let up = lost > half || (lost == half && kept & 1 == 1)
      (high, low) = (0, kept &+ (up ? 1 : 0))
      shift &-= excess
    }
    let integer: UInt64
    if shift <= 0 {
      integer = low.leadingZeroBitCount > 0 &- shift ? low &<< UInt64(0 &- shift) : UInt64.max
    } else if shift > 64 {
      integer = 0
    } else {
      let whole = shift == 64 ? 0 : low &>> UInt64(shift)
      let half = low &>> UInt64(shift &- 1) & 1
      integer = whole &+ half
    }
    let limited = Int64(min(integer, 1 &<< 31))
    return Int32(clamping: value < 0 ? 0 &- limited : limited)
  }
}

/// Bits from `shift` (1...63) on of a 128-bit number that has at most 64 of them.
@inline(__always)
private func shiftRight(_ high: UInt64, _ low: UInt64, by shift: Int) -> UInt64 {
  (high &<< UInt64(64 &- shift)) | (low &>> UInt64(shift))
}

/// The low `bits` (1...63) bits.
@inline(__always)
private func remainder(_ high: UInt64, _ low: UInt64, bits: Int) -> UInt64 {
  low & ((1 &<< UInt64(bits)) &- 1)
}
