// Rounding as training rounds: errors, gradients and weights, which no LiteRT kernel defines.

/// `value / 2^shift` to the nearest integer, halves up: ⌊(value + 2^(shift − 1)) / 2^shift⌋ for any positive shift,
/// without overflow; for the shift 0 and below, `value · 2^−shift`, which must fit.
@inline(__always)
public func shiftRightHalvesUp(_ value: Int64, by shift: Int32) -> Int64 {
  if shift <= 0 { return value &<< Int64(0 &- shift) }
  if shift > 63 { return 0 }
  // The bit below the last one kept is what adding a half carries.
  return (value &>> Int64(shift)) &+ ((value &>> Int64(shift &- 1)) & 1)
}

/// The same of 32 bits; `shift` in 0...31.
@inline(__always)
public func shiftRightHalvesUp(_ value: Int32, by shift: Int32) -> Int32 {
  if shift == 0 { return value }
  return (value &>> shift) &+ ((value &>> (shift &- 1)) & 1)
}

/// `value / 2^shift` rounded up with the probability of what is cut off, else down:
/// ⌊(value + u · 2^(shift − 32)) / 2^shift⌋ for a random word u, without overflow. For a uniform u the expectation is
/// the exact quotient, but for what the word's own 32 bits cut off.
///
/// - Parameter shift: At most 62; 0 and below shift left, as `shiftRightHalvesUp`.
@inline(__always)
public func shiftRightStochastically(_ value: Int64, by shift: Int32, random: UInt32) -> Int64 {
  if shift <= 0 { return value &<< Int64(0 &- shift) }
  let part = UInt64(truncatingIfNeeded: value) & ((1 &<< UInt64(shift)) &- 1)
  let threshold =
    shift > 32 ? UInt64(random) &<< UInt64(shift &- 32) : UInt64(random) &>> UInt64(32 &- shift)
  return (value &>> Int64(shift)) &+ Int64(truncatingIfNeeded: (part &+ threshold) &>> UInt64(shift))
}

/// A random word that depends on nothing but an index and a key: murmur3's finaliser of a Weyl sequence. Words can be
/// drawn in any order, by any number of threads and lanes.
@inline(__always)
public func counterHash(_ index: UInt32, key: UInt32) -> UInt32 {
  var word = index &* 0x9E37_79B1 &+ key
  word ^= word &>> 16
  word = word &* 0x85EB_CA6B
  word ^= word &>> 13
  word = word &* 0xC2B2_AE35
  return word ^ (word &>> 16)
}

/// Bits of a magnitude without leading zeros: 0 for 0, 1 for 1, 2 for 2 and 3.
@inline(__always)
public func bitLength(_ magnitude: UInt64) -> Int32 { 64 &- Int32(magnitude.leadingZeroBitCount) }

/// ⌊√value⌋, two bits of `value` at a time, as by hand.
public func squareRoot(_ value: UInt64) -> UInt64 {
  var rest = value
  var root: UInt64 = 0
  var bit: UInt64 = 1 &<< 62
  while bit > rest { bit &>>= 2 }
  while bit != 0 {
    if rest >= root &+ bit {
      rest &-= root &+ bit
      root = (root &>> 1) &+ bit
    } else {
      root &>>= 1
    }
    bit &>>= 2
  }
  return root
}
