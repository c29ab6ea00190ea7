import FixedPoint
import Foundation
import TestSupport
import Testing

/// gemmlowp's own words: a nudge by the product's sign, then a division that truncates.
private func highMultiplyByDivision(_ a: Int32, _ b: Int32) -> Int32 {
  if a == Int32.min && b == Int32.min { return Int32.max }
  let product = Int64(a) * Int64(b)
  let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
  return Int32((product + nudge) / (1 << 31))
}

private let edges: [Int32] = [
  0, 1, -1, 2, -2, 3, -3, 1 << 30, -(1 << 30), (1 << 30) + 1, Int32.max, Int32.min, Int32.max - 1,
  Int32.min + 1, 0x5555_5555, 1000, -1000,
]

@Test func highMultiplyIsTheDivision() {
  for a in edges {
    for b in edges {
      #expect(saturatingRoundingDoublingHighMultiply(a, b) == highMultiplyByDivision(a, b), "\(a) \(b)")
    }
  }
  var random = Generator(seed: 1)
  for _ in 0..<200_000 {
    let (a, b) = (
      Int32.random(in: .min ... .max, using: &random), Int32.random(in: .min ... .max, using: &random)
    )
    #expect(saturatingRoundingDoublingHighMultiply(a, b) == highMultiplyByDivision(a, b))
  }
}

@Test func roundingShiftIsToNearestAwayFromZero() {
  for value in edges + (-40...40) {
    for shift in Int32(0)...31 {
      // In 128 bits, exactly.
      let magnitude = Int128(value.magnitude)
      let half: Int128 = shift == 0 ? 0 : 1 << Int128(shift - 1)
      let rounded = (magnitude + half) >> Int128(shift)
      #expect(
        Int128(roundingShiftRight(value, by: shift)) == (value < 0 ? -rounded : rounded), "\(value) \(shift)")
    }
  }
}

@Test func dyadicFactorIsTheDoubleProduct() {
  var random = Generator(seed: 2)
  func check(_ value: Int32, _ factor: Double) {
    let exact = DyadicFactor(
      significand: Int64(factor.significandBitPattern | 1 << 52), exponent: Int32(factor.exponent) - 52)
    let expected = (Double(value) * factor).rounded(.toNearestOrAwayFromZero)
    #expect(
      Double(exact.multiply(value)) == max(min(expected, 2147483647), -2147483648), "\(value) · \(factor)")
  }
  for _ in 0..<200_000 {
    let value = Int32.random(in: .min ... .max, using: &random) >> Int32.random(in: 0...31, using: &random)
    let factor =
      Double(Int64.random(in: 1 << 52..<1 << 53, using: &random))
      * Double(sign: .plus, exponent: -Int.random(in: 52...90, using: &random), significand: 1)
    check(value, factor)
  }
  // Products at and around halves.
  for value in Int32(1)...2000 {
    for halves in [1.0, 3, 255, 257] {
      check(value, halves / 2 / Double(value))
      check(-value, (halves / 2 / Double(value)).nextDown)
    }
  }
}

@Test func exponentialIsCloseToTheReal() {
  for step in 1...3000 {
    let real = Double(step) / 100
    let a = -Int32(real * Double(1 << 26))
    guard real < 31 else { break }
    let value = Double(exponential(ofNegative: a, integerBits: 5)) / 2147483648
    let expected = exp(Double(a) / Double(1 << 26))
    #expect(abs(value - expected) < 1 / Double(1 << 21))
  }
  #expect(exponential(ofNegative: 0, integerBits: 5) == Int32.max)
}

@Test func reciprocalAndInverseSquareRootAreCloseToTheReal() {
  let values: [Int32] = [1 << 12, 1 << 19, (1 << 19) + 12345, 1 << 24, Int32.max]
  for value in values {
    let reciprocal = Reciprocal(of: value, integerBits: 12)
    let real = 1 / (Double(value) / Double(1 << 19))
    let computed =
      Double(reciprocal.mantissa) / 2147483648
      * Double(sign: .plus, exponent: -Int(reciprocal.shift), significand: 1)
    #expect(abs(computed / real - 1) < 1e-6)
  }
  let others: [Int32] = [2, 3, 10, 1000, 123_456, 1 << 29, Int32.max]
  for value in others {
    let inverse = inverseSquareRoot(value)
    let computed =
      Double(inverse.mantissa) / 2147483648
      * Double(sign: .plus, exponent: Int(inverse.exponent), significand: 1)
    #expect(abs(computed * Double(value).squareRoot() - 1) < 1 / Double(1 << 19))
  }
}
