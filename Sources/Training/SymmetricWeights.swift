import FirmwareModel
import FixedPoint

/// A layer's weights with zero point 0 and a scale for each output channel (a row), made of weights with any zero point.
///
/// With c = max |w − z| of a row, its weights become w' = round(127 · (w − z) / c) and its scale s' = s · c / 127, so that
/// s' · w' differs from s · (w − z) by half of s' at most, and the largest is exact. The bias is in units of the input's
/// scale times s', so it becomes b' = round(127 · b / c), and the factor to the output M' = M · c / 127. A row of small
/// weights and a large bias gets a larger c, so that |b'| stays below 2^28.
struct SymmetricWeights {
  static let greatest = 127
  private static let greatestBias = 1 << 28

  /// [rows, length], and what goes with each row.
  private(set) var weights: [Int8] = []
  private(set) var biases: [Int32] = []
  private(set) var multipliers: [QuantizedMultiplier] = []
  private(set) var scales: [Scale] = []

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - differences: The weights less their zero point, −255...255.
  ///   - bias: In units of the accumulator.
  ///   - multiplier: From the accumulator to the output.
  ///   - scale: Of the weights.
  ///   - span: c, where it isn't the largest difference; 127 keeps weights as they are.
  mutating func addRow(
    _ differences: [Int], bias: Int32, _ multiplier: QuantizedMultiplier, _ scale: Scale, span: Int? = nil
  ) {
    let greatest = SymmetricWeights.greatest
    var span = span ?? largest(differences)
    let limit = SymmetricWeights.greatestBias
    span = max(span, (Int(bias.magnitude) * greatest + limit - 1) / limit)
    for difference in differences {
      weights.append(Int8(roundedRatio(Int64(difference) * Int64(greatest), Int64(span))))
    }
    biases.append(Int32(roundedRatio(Int64(bias) * Int64(greatest), Int64(span))))
    let factor = product(Int64(multiplier.mantissa), by: span, bits: 31)
    multipliers.append(
      QuantizedMultiplier(mantissa: Int32(factor.value), exponent: multiplier.exponent + factor.exponent))
    let rowScale = product(Int64(scale.mantissa), by: span, bits: 24)
    scales.append(Scale(mantissa: Int32(rowScale.value), exponent: scale.exponent + rowScale.exponent))
  }

  private func largest(_ differences: [Int]) -> Int {
    var largest = 1
    for difference in differences { largest = max(largest, abs(difference)) }
    return largest
  }

  /// Makes room for rows, so that none has to be moved.
  mutating func reserve(rows: Int, length: Int) {
    weights.reserveCapacity(rows * length)
    biases.reserveCapacity(rows)
    multipliers.reserveCapacity(rows)
    scales.reserveCapacity(rows)
  }

  /// A ratio to the nearest integer, halves away from zero; the denominator is positive.
  private func roundedRatio(_ numerator: Int64, _ denominator: Int64) -> Int64 {
    let half = numerator < 0 ? -denominator : denominator
    return (2 * numerator + half) / (2 * denominator)
  }

  /// `value · span / 127` as `value' · 2^exponent` with so many bits, rounded to nearest; 0 stays 0.
  private func product(_ value: Int64, by span: Int, bits: Int) -> (value: Int64, exponent: Int32) {
    if value == 0 { return (0, 0) }
    // Below 2^31 · 2^10 · 2^16.
    let wide = ((value * Int64(span)) << 16) / Int64(SymmetricWeights.greatest)
    let shift = Int64.bitWidth - wide.leadingZeroBitCount - bits
    var rounded = shift > 0 ? (wide + (1 << Int64(shift - 1))) >> Int64(shift) : wide << Int64(-shift)
    var exponent = shift - 16
    if rounded == 1 << Int64(bits) {
      rounded >>= 1
      exponent += 1
    }
    return (rounded, Int32(exponent))
  }
}
