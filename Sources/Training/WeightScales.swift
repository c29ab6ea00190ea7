import FixedPoint

/// The scales of a layer's weights, one for each output, as errors are multiplied by them:
/// `scale = factor · 2^−exponent`, the largest factor in 2^14...2^15.
public struct WeightScales {
  public let factors: UnsafeMutablePointer<Int32>
  public let count: Int
  public var exponent: Int32 = 0

  public static func byteCount(count: Int) -> Int { alignedBytes(count, of: Int32.self) }

  /// - Parameter memory: `byteCount` bytes, aligned to 64. Factors and exponent are the caller's to set.
  public init(memory: UnsafeMutableRawPointer, count: Int) {
    factors = memory.bindMemory(to: Int32.self, capacity: count)
    self.count = count
  }

  /// Takes the scales `m · 2^(e − 31)`, each rounded to the nearest factor.
  public mutating func set(_ scale: (Int) -> QuantizedMultiplier) {
    var largest = Int32.min
    for index in 0..<count where scale(index).mantissa > 0 { largest = max(largest, scale(index).exponent) }
    if largest == Int32.min { largest = 0 }
    // The largest lies in [2^(E − 1), 2^E): times 2^(15 − E) it is a factor.
    exponent = 15 &- largest
    for index in 0..<count {
      let scale = scale(index)
      factors[index] = Int32(
        truncatingIfNeeded: shiftRightHalvesUp(Int64(scale.mantissa), by: 16 &+ largest &- scale.exponent))
    }
  }
}
