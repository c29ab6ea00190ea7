import FixedPoint

/// How int32 accumulators become int8 outputs, one multiplier a column (output channel).
///
/// `output = clamp(zeroPoint + multiplier · (accumulator + bias), low, high)`. The arrays hold a multiple of 16
/// entries, the last ones unused, so that vector kernels may read whole vectors.
public struct Requantization {
  /// Bias with the input's zero point folded in: `bias − z_input · Σ_k (w_k − z_weight)`.
  public var bias: UnsafePointer<Int32>
  public var mantissas: UnsafePointer<Int32>
  public var exponents: UnsafePointer<Int32>
  public var zeroPoint: Int32
  public var low: Int32
  public var high: Int32
  /// Every exponent is in −22 ... −1, no mantissa is negative, and no accumulator can reach 2^30 (all found when
  /// the weights are packed): the rounding right shift may then be written as two additions and a shift, its sign be
  /// taken from the accumulator, and the zero point be added before it.
  public var isPlain: Bool

  public init(
    bias: UnsafePointer<Int32>, mantissas: UnsafePointer<Int32>, exponents: UnsafePointer<Int32>,
    zeroPoint: Int32, low: Int32, high: Int32, isPlain: Bool
  ) {
    self.bias = bias
    self.mantissas = mantissas
    self.exponents = exponents
    self.zeroPoint = zeroPoint
    self.low = low
    self.high = high
    self.isPlain = isPlain
  }

  /// The output of one column.
  @inline(__always)
  public func output(_ accumulator: Int32, column: Int) -> Int8 {
    let multiplier = QuantizedMultiplier(mantissa: mantissas[column], exponent: exponents[column])
    let value = zeroPoint &+ multiplier.multiply(accumulator &+ bias[column])
    return Int8(truncatingIfNeeded: clamp(value, low, high))
  }

  /// The same from column `first` on.
  public func dropping(_ first: Int) -> Requantization {
    var rest = self
    rest.bias += first
    rest.mantissas += first
    rest.exponents += first
    return rest
  }
}
