import FixedPoint
import Kernels
import TestSupport
import Testing

@testable import Training

/// ⌊numerator / 2^shift⌋ by division.
private func floorDivide(_ numerator: Int128, byPower shift: Int32) -> Int128 {
  let divisor = Int128(1) << Int128(shift)
  let quotient = numerator / divisor
  return numerator % divisor < 0 ? quotient - 1 : quotient
}

/// `value / 2^shift` to the nearest, halves up.
func nearest(_ value: Int128, byPower shift: Int32) -> Int128 {
  shift <= 0
    ? value << Int128(-shift)
    : floorDivide(value + (Int128(1) << Int128(shift - 1)), byPower: shift)
}

/// `value / 2^shift` after a random part of 2^shift was added, rounded down.
func stochastic(_ value: Int128, byPower shift: Int32, random: UInt32) -> Int128 {
  if shift <= 0 { return value << Int128(-shift) }
  let part = floorDivide(Int128(random) << 64, byPower: 96 - shift)
  return floorDivide(value + part, byPower: shift)
}

private let edges: [Int64] = [
  0, 1, -1, 2, -2, 3, -3, 255, -255, 1 << 31, -(1 << 31), 1 << 32, 1 << 62, -(1 << 62), .max, .min, .max - 1,
  .min + 1, 0x5555_5555_5555_5555,
]

/// Numbers of all lengths.
private func numbers(_ count: Int, _ random: inout Generator) -> [Int64] {
  (0..<count).map { index in Int64.random(in: .min ... .max, using: &random) >> Int64(index % 63) }
}

@Test func halvesUpIsTheDivision() {
  var random = Generator(seed: 11)
  for value in edges + numbers(1000, &random) {
    for shift in Int32(0)...70 {
      #expect(
        Int128(shiftRightHalvesUp(value, by: shift)) == nearest(Int128(value), byPower: shift),
        "\(value) \(shift)")
    }
    let narrow = Int32(truncatingIfNeeded: value)
    for shift in Int32(0)...31 {
      #expect(
        Int128(shiftRightHalvesUp(narrow, by: shift)) == nearest(Int128(narrow), byPower: shift),
        "\(narrow) \(shift)")
    }
  }
  #expect(shiftRightHalvesUp(Int64(-5), by: -3) == -40)
}

@Test func stochasticRoundingIsTheDivision() {
  var random = Generator(seed: 12)
  let words: [UInt32] = [0, 1, .max, 1 << 31, 0x1234_5678]
  for value in edges + numbers(300, &random) {
    for shift in Int32(0)...62 {
      for word in words {
        #expect(
          Int128(shiftRightStochastically(value, by: shift, random: word))
            == stochastic(Int128(value), byPower: shift, random: word), "\(value) \(shift) \(word)")
      }
    }
  }
}

/// Over all words, the mean is the exact quotient.
@Test func stochasticRoundingIsUnbiased() {
  for value: Int64 in [-1000, -3, 5, 700, 12345] {
    var sum: Int64 = 0
    for index in UInt32(0)..<1 << 12 {
      sum += shiftRightStochastically(value, by: 12, random: index << 20)
    }
    #expect(sum == value, "\(value)")
  }
}

/// Words that murmur3's finaliser has, computed by hand in integers without bounds.
@Test func counterHashIsMurmursFinaliser() {
  #expect(counterHash(0, key: 0) == 0)
  #expect(counterHash(1, key: 0) == 0x11FD_02EB)
  #expect(counterHash(123_456_789, key: 0xDEAD_BEEF) == 0xFFFD_5E80)
}

@Test func squareRootIsTheLargestWhoseSquareFits() {
  var random = Generator(seed: 13)
  var values: [UInt64] = [
    0, 1, 2, 3, 4, .max, .max - 1, 1 << 62, 1 << 63, 0xFFFF_FFFE_0000_0001, 0xFFFF_FFFE_0000_0000,
  ]
  for bits in UInt64(1)...63 { values += [(1 << bits) - 1, 1 << bits, (1 << bits) + 1] }
  for _ in 0..<20_000 {
    values.append(UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0...63, using: &random))
  }
  for value in values {
    let root = UInt128(squareRoot(value))
    #expect(root * root <= UInt128(value) && (root + 1) * (root + 1) > UInt128(value), "\(value)")
  }
}

@Test func bitLengths() {
  #expect((0...4).map { bitLength($0) } == [0, 1, 2, 2, 3])
  #expect(bitLength(.max) == 64 && bitLength(1 << 31) == 32)
}

/// Renormalisation against its words: as few bits off as it takes, rounded, limited.
@Test(arguments: [Int32(2), 8, 12], [false, true]) func renormalization(bits: Int32, isStochastic: Bool) {
  var random = Generator(seed: 14)
  let count = 333
  let memory = TestWorkspace(WorkspaceSize(accumulators: count))
  for width in 0...31 {
    var values = (0..<count).map { _ in Int32.random(in: .min ... .max, using: &random) >> Int32(width) }
    if width == 0 { values[7] = .min }
    let pass = memory.pass(ErrorFormat(mantissaBits: bits, isStochastic: isStochastic), step: 9)
    for (index, value) in values.enumerated() { pass.workspace.accumulators[index] = value }
    let errors = TestErrors(images: 1, patches: 1, channels: count)
    let exponent = pass.renormalize(count, exponent: 100, salt: 21, into: errors.tensor.mantissas)
    let largest = values.map { Int64($0).magnitude }.max()!
    var shift: Int32 = 0
    while largest >> UInt64(shift) >= 1 << UInt64(bits - 1) { shift += 1 }
    #expect(exponent == 100 - shift)
    let limit = (Int128(1) << Int128(bits - 1)) - 1
    for index in 0..<count {
      let word = counterHash(UInt32(index), key: 9 * 64 + 21)
      let rounded =
        isStochastic
        ? stochastic(Int128(values[index]), byPower: shift, random: word)
        : nearest(Int128(values[index]), byPower: shift)
      #expect(Int128(errors.tensor.mantissas[index]) == min(max(rounded, -limit), limit), "\(width) \(index)")
    }
  }
}

/// Parts that know where they begin draw the words of the whole.
@Test func renormalizationInParts() {
  var random = Generator(seed: 15)
  let values = (0..<100).map { _ in Int32.random(in: -1_000_000...1_000_000, using: &random) }
  var (whole, parts) = ([Int16](repeating: 0, count: 100), [Int16](repeating: 0, count: 100))
  var run = Renormalization(shift: 10, limit: 2047, isStochastic: true, key: 77, firstIndex: 0)
  renormalizeScalar(values, 100, run, &whole)
  for range in [37..<100, 0..<37] {
    run.firstIndex = UInt32(range.lowerBound)
    parts.withUnsafeMutableBufferPointer { parts in
      values.withUnsafeBufferPointer {
        renormalizeScalar(
          $0.baseAddress! + range.lowerBound, range.count, run, parts.baseAddress! + range.lowerBound)
      }
    }
  }
  #expect(whole == parts)
}
