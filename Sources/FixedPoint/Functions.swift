/// Functions of fixed-point numbers, bit for bit as gemmlowp's `fixedpoint.h` computes them.
///
/// A number with `m` integer bits is an Int32 with 31 − m fraction bits; the product of two numbers is their
/// `saturatingRoundingDoublingHighMultiply`, whose integer bits add up.

@inline(__always)
private func product(_ a: Int32, _ b: Int32) -> Int32 { saturatingRoundingDoublingHighMultiply(a, b) }

/// `value · 2^shift`, saturated.
@inline(__always)
func saturatingShiftLeft(_ value: Int32, by shift: Int32) -> Int32 {
  let wide = Int64(value) &<< Int64(shift)
  return Int32(clamping: wide)
}

/// e^a for a in [−1/4, 0), no integer bits: the Taylor series around −1/8 to the fourth power.
private func exponentialOfQuarter(_ a: Int32) -> Int32 {
  let exponentialOfEighth: Int32 = 1_895_147_668
  let third: Int32 = 715_827_883
  let x = a &+ (1 << 28)
  let square = product(x, x)
  let cube = product(square, x)
  let fourth = product(square, square)
  let tail = roundingShiftRight(
    product(roundingShiftRight(fourth, by: 2) &+ cube, third) &+ square, by: 1)
  return exponentialOfEighth &+ product(exponentialOfEighth, x &+ tail)
}

/// e^a for a ≤ 0 with `integerBits` integer bits (0...10); the result has none, so 1 is Int32.max.
public func exponential(ofNegative a: Int32, integerBits: Int32) -> Int32 {
  if a == 0 { return Int32.max }
  let fractionBits = 31 &- integerBits
  let quarter = Int32(1) &<< (fractionBits &- 2)
  let modulus = (a & (quarter &- 1)) &- quarter
  var result = exponentialOfQuarter(saturatingShiftLeft(modulus, by: integerBits))
  let remainder = modulus &- a
  // e^(−2^exponent) for each bit of the multiple of a quarter.
  let factors: InlineArray<7, (exponent: Int32, value: Int32)> = [
    (-2, 1_672_461_947), (-1, 1_302_514_674), (0, 790_015_084), (1, 290_630_308), (2, 39_332_535),
    (3, 720_401), (4, 242),
  ]
  for index in 0..<7 {
    let (exponent, value) = factors[index]
    if integerBits > exponent && remainder & (1 &<< (fractionBits &+ exponent)) != 0 {
      result = product(result, value)
    }
  }
  if integerBits > 5 && a < 0 &- (Int32(1) &<< (36 &- integerBits)) { return 0 }
  return result
}

/// 1 / (1 + a) for a in [0, 1), no integer bits on either side: three Newton–Raphson steps.
public func reciprocalOfOnePlus(_ a: Int32) -> Int32 {
  let sum = Int64(a) + Int64(Int32.max)
  let half = Int32(truncatingIfNeeded: (sum + (sum >= 0 ? 1 : -1)) / 2)
  var x: Int32 = 1_515_870_810 &+ product(half, -1_010_580_540)
  for _ in 0..<3 {
    let error = (1 << 29) &- product(half, x)
    x = x &+ saturatingShiftLeft(product(x, error), by: 2)
  }
  return saturatingShiftLeft(x, by: 1)
}

/// The reciprocal of a positive number with `integerBits` integer bits.
public struct Reciprocal {
  /// Without integer bits.
  public var mantissa: Int32
  /// The reciprocal is `mantissa · 2^−shift`.
  public var shift: Int32

  public init(of value: Int32, integerBits: Int32) {
    let headroom = Int32(value.leadingZeroBitCount)
    shift = integerBits &- headroom
    let fraction = Int32(
      truncatingIfNeeded: Int64(UInt32(bitPattern: value) &<< UInt32(headroom)) &- (1 &<< 31))
    mantissa = reciprocalOfOnePlus(fraction)
  }
}

/// 1 / √value for a non-negative integer, as a multiplier: five Newton–Raphson steps.
public func inverseSquareRoot(_ value: Int32) -> QuantizedMultiplier {
  if value <= 1 { return QuantizedMultiplier(mantissa: Int32.max, exponent: 0) }
  var input = value
  var shift: Int32 = 11
  while input >= 1 << 29 {
    input /= 4
    shift += 1
  }
  let pairs = (Int32(input.leadingZeroBitCount) - 1) / 2 - 1
  shift -= pairs
  input <<= 2 * pairs
  let halfInput = roundingShiftRight(input >> 1, by: 1)
  let threeHalves: Int32 = (1 << 28) + (1 << 27)
  var x: Int32 = 1 << 28
  for _ in 0..<5 {
    let cube = saturatingShiftLeft(product(product(x, x), x), by: 6)
    x = saturatingShiftLeft(product(threeHalves, x) &- product(halfInput, cube), by: 3)
  }
  let halfSquareRootOfTwo: Int32 = 1_518_500_250
  x = product(x, halfSquareRootOfTwo)
  if shift < 0 {
    x = x &<< (0 &- shift)
    shift = 0
  }
  return QuantizedMultiplier(mantissa: x, exponent: 0 &- shift)
}
