import FixedPoint

/// What a gradient is multiplied by to be measured in units of its running root mean square, with 10 fraction bits.
public struct GradientNormalization {
  /// In [2^30, 2^31].
  public var multiplier: Int64
  /// At most 63; 0 and below: whatever is not 0 is beyond the limit.
  public var shift: Int32

  /// The normalised gradient's largest magnitude: 32 times the root mean square.
  public static let limit: Int64 = 32767
  /// Momentum: each step an eighth of what is new.
  public static let momentumShift: Int32 = 3

  public init(multiplier: Int64, shift: Int32) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// The momentum after a gradient, Q10.
  @inline(__always)
  public func momentum(_ momentum: Int16, after gradient: Int32) -> Int16 {
    let product = Int64(gradient) &* multiplier
    let scaled = shift > 0 ? shiftRightHalvesUp(product, by: shift) : product
    let limit = GradientNormalization.limit
    let normalized = min(max(scaled, 0 &- limit), limit)
    let change = shiftRightHalvesUp(normalized &- Int64(momentum), by: GradientNormalization.momentumShift)
    return Int16(truncatingIfNeeded: Int64(momentum) &+ change)
  }
}

/// A step of rows of weights.
public struct ParameterUpdate<Master: MasterWeight> {
  public var gradient: UnsafePointer<Int32>
  public var momentum: UnsafeMutablePointer<Int16>
  public var masters: UnsafeMutablePointer<Master>
  public var weights: UnsafeMutablePointer<Int8>
  public var rowCount: Int
  public var columns: Int
  /// For each row the unit of its steps, in last bits of its weights.
  public var units: UnsafePointer<Int32>
  public var normalization: GradientNormalization
  /// Q16: the step for a normalised gradient of 1, in the row's units.
  public var stepSize: Int32
  public var key: UInt32
  /// The first weight's index within the parameter.
  public var firstIndex: UInt32

  public init(
    gradient: UnsafePointer<Int32>, momentum: UnsafeMutablePointer<Int16>,
    masters: UnsafeMutablePointer<Master>, weights: UnsafeMutablePointer<Int8>, rowCount: Int, columns: Int,
    units: UnsafePointer<Int32>, normalization: GradientNormalization, stepSize: Int32, key: UInt32,
    firstIndex: UInt32
  ) {
    self.gradient = gradient
    self.momentum = momentum
    self.masters = masters
    self.weights = weights
    self.rowCount = rowCount
    self.columns = columns
    self.units = units
    self.normalization = normalization
    self.stepSize = stepSize
    self.key = key
    self.firstIndex = firstIndex
  }
}

/// A momentum's step with `26 − shift` fraction bits: Q10 times Q16, `shift` bits cut off.
@inlinable @inline(__always)
public func scaledStep(
  _ momentum: Int16, factor: Int64, shift: Int32, isStochastic: Bool, index: UInt32, key: UInt32
) -> Int64 {
  let product = Int64(momentum) &* factor
  return isStochastic
    ? shiftRightStochastically(product, by: shift, random: counterHash(index, key: key))
    : shiftRightHalvesUp(product, by: shift)
}

/// The definition of a step: momentum, master and weight of each element.
///
/// - Returns: The largest magnitude of a master.
@inlinable
public func updateParameterScalar<Master>(_ update: ParameterUpdate<Master>) -> UInt32 {
  var largest: UInt32 = 0
  let limit = Int64(Master.limit)
  var index = 0
  for row in 0..<update.rowCount {
    let factor = Int64(update.stepSize) &* Int64(update.units[row])
    for _ in 0..<update.columns {
      let momentum = update.normalization.momentum(update.momentum[index], after: update.gradient[index])
      update.momentum[index] = momentum
      let change = scaledStep(
        momentum, factor: factor, shift: 26 &- Master.fractionBits, isStochastic: Master.isStochastic,
        index: update.firstIndex &+ UInt32(truncatingIfNeeded: index), key: update.key)
      let moved = Int64(update.masters[index]) &- change
      let master = Int32(truncatingIfNeeded: min(max(moved, 0 &- limit), limit))
      update.masters[index] = Master(truncatingIfNeeded: master)
      update.weights[index] = Master.weight(master)
      largest = max(largest, master.magnitude)
      index &+= 1
    }
  }
  return largest
}

/// The definition of a gradient's sum of squares, each number shifted right first (halves up) to 16 bits with its sign.
public func sumOfSquaresScalar(_ gradient: UnsafePointer<Int32>, _ count: Int, _ shift: Int32) -> UInt64 {
  var sum: UInt64 = 0
  for index in 0..<count {
    let value = Int64(shiftRightHalvesUp(gradient[index], by: shift))
    sum = sum &+ UInt64(truncatingIfNeeded: value &* value)
  }
  return sum
}
