/// SHA-256 (FIPS 180-4), for the golden runs' hashes.
func sha256(_ message: [UInt8]) -> [UInt8] {
  // The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of
  // the first 8.
  let primes = (2...311).filter { number in !(2..<number).contains { number % $0 == 0 } }
  let constants = primes.prefix(64).map { fraction(of: UInt128($0) << 96, power: 3) }
  var state = primes.prefix(8).map { fraction(of: UInt128($0) << 64, power: 2) }

  var padded = message + [0x80]
  while padded.count % 64 != 56 { padded.append(0) }
  for shift in stride(from: 56, through: 0, by: -8) {
    padded.append(UInt8(truncatingIfNeeded: (UInt64(message.count) * 8) >> UInt64(shift)))
  }
  func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

  for block in stride(from: 0, to: padded.count, by: 64) {
    var words = (0..<16).map { index in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[block + 4 * index + $1]) }
    }
    for index in 16..<64 {
      let (a, b) = (words[index - 15], words[index - 2])
      let small = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3
      let large = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10
      words.append(words[index - 16] &+ small &+ words[index - 7] &+ large)
    }
    var v = state
    for index in 0..<64 {
      let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
      let first =
        v[7] &+ (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) &+ choice &+ constants[index]
        &+ words[index]
      let second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) &+ majority
      v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
    }
    for index in 0..<8 { state[index] = state[index] &+ v[index] }
  }
  return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
}

/// The low 32 bits of the root of `number`, rounded down.
private func fraction(of number: UInt128, power: Int) -> UInt32 {
  var root: UInt128 = 0
  for bit in stride(from: 41, through: 0, by: -1) {
    let next = root | 1 << UInt128(bit)
    // (2^42)^3 fits in 128 bits.
    if (1...power).reduce(UInt128(1), { product, _ in product * next }) <= number { root = next }
  }
  return UInt32(truncatingIfNeeded: root)
}
