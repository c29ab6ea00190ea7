// What the instruction sets' steps have in common.

/// `GradientNormalization` in 32 bits: a gradient's product with the multiplier m, of which the upper half is enough.
///
/// With a shift s a normalised gradient is ⌊(g · m + 2^(s−1)) / 2^s⌋ within ±32767.
///
/// - m = 2^31 has no place among signed numbers: then m = 2^30 and s less by one give the same.
/// - From |g| = 2^(s−15) on, |g| · m / 2^s ≥ 2^15 as m ≥ 2^30: beyond the limit. So g may be limited to that, and then be
///   shifted left by 45 − s without overflow. (For s < 15 each g but 0 is beyond the limit, as with s = 15.)
/// - The shift is now at least 45, and ⌊(p + 2^(s−1)) / 2^s⌋ = ⌊(⌊p / 2^32⌋ + 2^(s−33)) / 2^(s−32)⌋.
///
/// Example: m = 2^30, s = 40, g = 5: limited to 2^25, shifted left by 5 it is 160; the product's upper half is
/// 160 · 2^30 / 2^32 = 40, and (40 + 2^12) / 2^13 is 0, as 5 · 2^30 / 2^40 rounds.
public struct HighProductNormalization {
  /// The gradient's limits.
  public let least: Int32
  public let greatest: Int32
  /// 0...30.
  public let leftShift: Int32
  /// 2^30 or more.
  public let multiplier: Int32
  /// Of the product's upper half, rounded halves up: 13...31.
  public let rightShift: Int32

  @inlinable
  public init(_ normalization: GradientNormalization) {
    let isHalved = normalization.multiplier == 1 &<< 31
    let shift = max(isHalved ? normalization.shift &- 1 : normalization.shift, 15)
    multiplier = Int32(truncatingIfNeeded: isHalved ? 1 &<< 30 : normalization.multiplier)
    greatest = shift > 45 ? Int32.max : 1 &<< (shift &- 15)
    least = shift > 45 ? Int32.min : 0 &- greatest
    leftShift = max(45 &- shift, 0)
    rightShift = max(shift, 45) &- 32
  }
}

extension ParameterUpdate {
  /// A step's largest factor for which vectors are exact: below 2^25 no master's change comes to 2^31.
  @inlinable static var factorLimit: Int64 { 1 &<< 25 }

  /// `updateParameterScalar` by vectors; what is no whole vector, or moves by more than vectors can hold, is the
  /// definition's.
  ///
  /// - Parameters:
  ///   - width: Columns of a vector.
  ///   - vectors: Updates columns of a row, a multiple of `width`, by a factor that is the row's step size times its
  ///     unit, and gives the largest magnitude of a master.
  @inlinable @inline(__always)
  public func byVectors(
    width: Int, _ vectors: (_ part: ParameterUpdate, _ factor: Int32) -> UInt32
  ) -> UInt32 {
    var largest: UInt32 = 0
    for row in 0..<rowCount {
      let factor = Int64(stepSize) &* Int64(units[row])
      let whole = factor.magnitude < ParameterUpdate.factorLimit ? columns / width &* width : 0
      if whole > 0 {
        largest = max(largest, vectors(part(row, 0..<whole), Int32(truncatingIfNeeded: factor)))
      }
      if whole < columns { largest = max(largest, updateParameterScalar(part(row, whole..<columns))) }
    }
    return largest
  }

  /// Some columns of a row.
  @inlinable
  func part(_ row: Int, _ range: Range<Int>) -> ParameterUpdate {
    let first = row &* columns &+ range.lowerBound
    return ParameterUpdate(
      gradient: gradient + first, momentum: momentum + first, masters: masters + first,
      weights: weights + first, rowCount: 1, columns: range.count, units: units + row,
      normalization: normalization, stepSize: stepSize, key: key,
      firstIndex: firstIndex &+ UInt32(truncatingIfNeeded: first))
  }
}
