import FixedPoint
import Kernels

/// The biases of a layer while they are trained, in units of its accumulators.
public struct TrainableBias: ~Copyable {
  public let number: UInt32
  public let count: Int
  public let values: UnsafeMutablePointer<Int32>
  /// Q10, of the normalised gradient.
  public let momentum: UnsafeMutablePointer<Int16>
  /// For each channel the unit of its steps in accumulators, `fractionBits` of which are fraction bits.
  public let units: UnsafeMutablePointer<Int32>
  public let fractionBits: Int32
  public var scale = RunningScale()

  /// Biases stay within this, so that they never fill an accumulator.
  static let limit: Int64 = 1 << 30

  public static func byteCount(count: Int) -> Int {
    2 * alignedBytes(count, of: Int32.self) + alignedBytes(count, of: Int16.self)
  }

  /// - Parameter memory: `byteCount` bytes, aligned to 64. `values` and `units` are the caller's to set.
  public init(memory: UnsafeMutableRawPointer, count: Int, number: UInt32, fractionBits: Int32) {
    var parts = MemoryParts(memory)
    values = parts.take(count, of: Int32.self)
    units = parts.take(count, of: Int32.self)
    momentum = parts.take(count, of: Int16.self)
    self.count = count
    self.number = number
    self.fractionBits = fractionBits
  }

  /// Begins with the values and units that are set.
  public mutating func start() {
    momentum.update(repeating: 0, count: count)
    scale = RunningScale()
  }

  /// The unit of a bias's steps: one of its output's last bits, in accumulators with 4 fraction bits.
  ///
  /// An output is `multiplier · accumulator`, so its last bit is 1 / multiplier accumulators: with the multiplier
  /// `m · 2^(e − 31)`, 16 / multiplier = 2^(35 − e) / m, rounded to the nearest, at least 1, at most 2^24.
  public static func unit(of multiplier: QuantizedMultiplier) -> Int32 {
    let mantissa = Int64(multiplier.mantissa)
    let shift = 35 &- Int64(multiplier.exponent)
    guard mantissa > 0, shift < 56 else { return 1 << 24 }
    guard shift > 0 else { return 1 }
    return Int32(truncatingIfNeeded: max(1, min(((1 &<< shift) &+ mantissa / 2) / mantissa, 1 << 24)))
  }

  /// One step against a gradient: `context.stepSize` units for a normalised gradient of 1.
  ///
  /// - Parameter isStochastic: Whether steps round as those of masters with few fraction bits do.
  public mutating func update(_ gradient: Gradient, isStochastic: Bool, _ context: StepContext) {
    guard
      let normalization = scale.normalization(of: gradient, count: count, kernels: context.kernels)
    else { return }
    let key = context.key(of: number)
    for index in 0..<count {
      momentum[index] = normalization.momentum(momentum[index], after: gradient.values[index])
      // 26 fraction bits, Q10 times Q16, less 18 leave 8 beside the unit's own.
      let step = scaledStep(
        momentum[index], factor: Int64(context.stepSize) &* Int64(units[index]), shift: 18,
        isStochastic: isStochastic, index: UInt32(truncatingIfNeeded: index), key: key)
      let value = Int64(values[index]) &+ shiftRightHalvesUp(0 &- step, by: 8 &+ fractionBits)
      values[index] = Int32(
        truncatingIfNeeded: min(max(value, 0 &- TrainableBias.limit), TrainableBias.limit))
    }
  }

  /// Halves all biases, halves up, and with them their steps.
  mutating func halve() {
    for index in 0..<count {
      values[index] = shiftRightHalvesUp(values[index], by: 1)
      units[index] = max(1, units[index] &>> 1)
    }
  }
}
