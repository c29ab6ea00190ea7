// The passes of a photograph's resize: as those of a camera's frame, with weights of 22 fraction bits.

/// Weights with `FineWeights.fractionBits` fraction bits that add up to 1, but for what they were rounded by.
public struct FineWeights {
  public static let fractionBits: Int32 = 22
  /// Bits of a weight's low part. High parts of weights that add up to 1 add up to 256 at most, so that a sum of
  /// bytes times high parts fits in 16 bits.
  public static let lowBits: Int32 = 14
  static let half: Int32 = 1 << (fractionBits - 1)

  public var whole: UnsafePointer<Int32>
  /// The same in two parts, `high · 2^14 + low`; of the weight 1 the high part is 255.
  public var high: UnsafePointer<UInt8>
  public var low: UnsafePointer<UInt16>

  public init(whole: UnsafePointer<Int32>, high: UnsafePointer<UInt8>, low: UnsafePointer<UInt16>) {
    self.whole = whole
    self.high = high
    self.low = low
  }

  /// The weights from one on.
  @inlinable
  public static func + (weights: FineWeights, index: Int) -> FineWeights {
    FineWeights(whole: weights.whole + index, high: weights.high + index, low: weights.low + index)
  }

  public static func high(_ weight: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(weight &>> lowBits, 255))
  }

  public static func low(_ weight: Int32) -> UInt16 {
    UInt16(truncatingIfNeeded: weight &- Int32(high(weight)) &<< lowBits)
  }
}

/// Rows of bytes that are weighed into one.
public struct FineRows {
  /// `taps` rows, of which as many bytes can be read as `count` comes to when it is rounded up to a multiple of 32.
  public var rows: UnsafePointer<UnsafePointer<UInt8>>
  public var weights: FineWeights
  /// At least 1.
  public var taps: Int
  public var count: Int

  public init(
    rows: UnsafePointer<UnsafePointer<UInt8>>, weights: FineWeights, taps: Int, count: Int
  ) {
    self.rows = rows
    self.weights = weights
    self.taps = taps
    self.count = count
  }
}

/// Columns of a strip that are weighed into the columns of the result.
public struct FineColumns {
  /// The first column, `PixelStrip.rows` bytes a column, and columns from a pixel to the next.
  public var columns: UnsafePointer<UInt8>
  public var channels: Int
  /// For each pixel of the result the first pixel that it is made of, and `taps` weights.
  public var starts: UnsafePointer<Int32>
  public var weights: FineWeights
  /// At least 1.
  public var taps: Int
  /// Pixels of the result.
  public var count: Int

  public init(
    columns: UnsafePointer<UInt8>, channels: Int, starts: UnsafePointer<Int32>, weights: FineWeights,
    taps: Int, count: Int
  ) {
    self.columns = columns
    self.channels = channels
    self.starts = starts
    self.weights = weights
    self.taps = taps
    self.count = count
  }
}

private typealias Sums = SIMD16<Int32>

@inline(__always)
private func load(_ bytes: UnsafePointer<UInt8>) -> Sums {
  Sums(truncatingIfNeeded: UnsafeRawPointer(bytes).loadUnaligned(as: SIMD16<UInt8>.self))
}

/// Sums that began at a half, rounded down, at most 255: weights may add up to a little more than 1.
@inline(__always)
private func store(_ sums: Sums, _ output: UnsafeMutablePointer<UInt8>) {
  let pixels = (sums &>> FineWeights.fractionBits).clamped(
    lowerBound: Sums(repeating: 0), upperBound: Sums(repeating: 255))
  UnsafeMutableRawPointer(output).storeBytes(
    of: SIMD16<UInt8>(truncatingIfNeeded: pixels), as: SIMD16<UInt8>.self)
}

/// The definition of rows weighed finely: the sum of bytes times weights, rounded to the nearest, halves up.
///
/// - Parameter output: Room for `count` bytes rounded up to a multiple of 32.
public func fineRowsScalar(_ run: FineRows, _ output: UnsafeMutablePointer<UInt8>) {
  for first in stride(from: 0, to: run.count, by: 16) {
    var sums = Sums(repeating: FineWeights.half)
    for tap in 0..<run.taps {
      sums = sums &+ load(run.rows[tap] + first) &* Sums(repeating: run.weights.whole[tap])
    }
    store(sums, output + first)
  }
}

/// The definition of columns weighed finely.
///
/// - Parameter output: `count · channels` columns.
public func fineColumnsScalar(_ run: FineColumns, _ output: UnsafeMutablePointer<UInt8>) {
  var weights = run.weights.whole
  var output = output
  for pixel in 0..<run.count {
    let source = run.columns + Int(run.starts[pixel]) &* run.channels &* PixelStrip.rows
    for channel in 0..<run.channels {
      var sums = Sums(repeating: FineWeights.half)
      for tap in 0..<run.taps {
        let column = source + (tap &* run.channels &+ channel) &* PixelStrip.rows
        sums = sums &+ load(column) &* Sums(repeating: weights[tap])
      }
      store(sums, output)
      output += PixelStrip.rows
    }
    weights += run.taps
  }
}
