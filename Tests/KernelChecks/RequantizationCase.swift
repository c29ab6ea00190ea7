import Kernels

/// Bias and multipliers of some columns, either as `Requantization.isPlain` promises them or as any file may.
struct RequantizationCase {
  private let bias: GuardedMemory<Int32>
  private let mantissas: GuardedMemory<Int32>
  private let exponents: GuardedMemory<Int32>
  let requantization: Requantization

  /// - Parameter largestAccumulator: No accumulator before the bias is larger.
  init(_ random: inout RandomNumbers, columns: Int, largestAccumulator: Int, isPlain: Bool) {
    // Requantizations start at any column, so there is slack for whole vectors from the last one on.
    let count = columns + 16
    let limit = (1 << 30) - 1 - largestAccumulator
    var biases: [Int32] = []
    var exponents: [Int32] = []
    for _ in 0..<count {
      if isPlain {
        biases.append(
          Int32(random.bool() ? random.int(-limit...limit) : random.int(-20000...20000)))
        exponents.append(Int32(random.bool() ? random.int(-22 ... -1) : random.int(-12 ... -4)))
      } else {
        biases.append(
          random.bool()
            ? random.int32() : random.element([Int32.min, Int32.max, -1, 0, 1 << 30, -1 << 30]))
        exponents.append(
          Int32(random.bool() ? random.int(-31...30) : random.element([-31, -30, -1, 0, 1, 30])))
      }
    }
    bias = GuardedMemory(biases)
    mantissas = GuardedMemory(
      (0..<count).map { _ in isPlain ? random.mantissa() & Int32.max : random.mantissa() })
    self.exponents = GuardedMemory(exponents)
    let isLimited = random.bool()
    let (a, b) = (Int32(random.int(-128...127)), Int32(random.int(-128...127)))
    requantization = Requantization(
      bias: bias.constant, mantissas: mantissas.constant, exponents: self.exponents.constant,
      zeroPoint: Int32(random.int(-128...127)), low: isLimited ? min(a, b) : -128,
      high: isLimited ? max(a, b) : 127, isPlain: isPlain)
  }
}
