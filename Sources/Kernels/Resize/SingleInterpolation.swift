/// Arithmetic of IEEE singles in integers, as far as LiteRT's uint8 bilinear interpolation needs it: products and
/// sums rounded to 24 bits, ties to even. Exponents never come near a single's limits.
public struct SingleInterpolation {
  /// The value is `significand · 2^exponent`; the significand's magnitude lies in [2^23, 2^24), or is 0.
  private var significand: Int64
  private var exponent: Int32

  /// From an exact value, rounded to 24 bits.
  fileprivate init(rounding exact: Int64, exponent: Int32) {
    let magnitude = exact.magnitude
    let excess = 40 &- magnitude.leadingZeroBitCount
    if magnitude == 0 {
      significand = 0
      self.exponent = 0
    } else if excess <= 0 {
      significand = exact &<< Int64(0 &- excess)
      self.exponent = exponent &+ Int32(excess)
    } else {
      let kept = magnitude &>> UInt64(excess)
      let lost = magnitude & ((1 &<< UInt64(excess)) &- 1)
      let half = UInt64(1) &<< UInt64(excess &- 1)
      let rounded = kept &+ (lost > half || (lost == half && kept & 1 == 1) ? 1 : 0)
      let carry = rounded &>> 24
      let result = Int64(rounded &>> carry)
      significand = exact < 0 ? 0 &- result : result
      self.exponent = exponent &+ Int32(excess) &+ Int32(carry)
    }
  }

  /// From the bits of a single in [−1, 1].
  fileprivate init(bits: Int32) {
    let field = (bits >> 23) & 0xFF
    let magnitude = Int64(bits & 0x7F_FFFF | 0x80_0000)
    // Below 2^-100 a weight cannot move a sum of bytes.
    significand = field < 27 ? 0 : bits < 0 ? 0 &- magnitude : magnitude
    exponent = field < 27 ? 0 : field &- 150
  }

  /// Whether the bits are those of a single in [−1, 1].
  public static func isWeight(_ bits: Int32) -> Bool { bits & 0x7FFF_FFFF <= 0x3F80_0000 }

  fileprivate static func * (a: SingleInterpolation, b: SingleInterpolation) -> SingleInterpolation {
    SingleInterpolation(rounding: a.significand &* b.significand, exponent: a.exponent &+ b.exponent)
  }

  fileprivate static func + (a: SingleInterpolation, b: SingleInterpolation) -> SingleInterpolation {
    if a.significand == 0 { return b }
    if b.significand == 0 { return a }
    let (large, small) = a.exponent >= b.exponent ? (a, b) : (b, a)
    let shift = large.exponent &- small.exponent
    // 30 bits below the larger, and a sticky bit for what lies further down, decide every rounding.
    let magnitude = small.significand.magnitude
    let term: UInt64
    if shift <= 30 {
      term = magnitude &<< UInt64(30 &- shift)
    } else {
      let down = UInt64(min(shift &- 30, 40))
      let lost = magnitude & ((1 &<< down) &- 1)
      term = (magnitude &>> down) | (lost == 0 ? 0 : 1)
    }
    let signed = small.significand < 0 ? 0 &- Int64(term) : Int64(term)
    return SingleInterpolation(
      rounding: (large.significand &<< 30) &+ signed, exponent: large.exponent &- 30)
  }

  /// 1 − the number.
  fileprivate var complement: SingleInterpolation {
    var negated = self
    negated.significand = 0 &- significand
    return SingleInterpolation(rounding: 1, exponent: 0) + negated
  }

  /// The number plus a half, rounded to a single, truncated to an integer.
  fileprivate var roundedToInteger: Int32 {
    let sum = self + SingleInterpolation(rounding: 1, exponent: -1)
    let shift = 0 &- sum.exponent
    if shift >= 64 || sum.significand < 0 { return 0 }
    // Sums lie below 2^10: the exponent is negative.
    return Int32(truncatingIfNeeded: sum.significand &>> Int64(shift))
  }
}

/// Bilinear interpolation as LiteRT's uint8 reference kernel computes it in singles: for each corner
/// `(value · weight) · weight`, summed from left to right, plus a half, truncated.
public func interpolateSingle(
  _ corners: InterpolationCorners, _ down: Int32, _ right: Int32, _ channels: Int,
  _ output: UnsafeMutablePointer<Int8>
) {
  let (down, right) = (SingleInterpolation(bits: down), SingleInterpolation(bits: right))
  let (up, left) = (down.complement, right.complement)
  func term(
    _ value: Int8, _ first: SingleInterpolation, _ second: SingleInterpolation
  ) -> SingleInterpolation {
    SingleInterpolation(rounding: Int64(value) &+ 128, exponent: 0) * first * second
  }
  for channel in 0..<channels {
    let sum =
      term(corners.upperLeft[channel], up, left) + term(corners.lowerLeft[channel], down, left)
      + term(corners.upperRight[channel], up, right)
      + term(corners.lowerRight[channel], down, right)
    output[channel] = Int8(truncatingIfNeeded: min(sum.roundedToInteger, 255) &- 128)
  }
}
