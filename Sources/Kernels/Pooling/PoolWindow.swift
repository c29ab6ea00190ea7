import FixedPoint

/// The pixels under one pooling window: `height` rows of `width` pixels, all inside the image.
public struct PoolWindow {
  /// First channel of the window's first pixel; pixels are `channels` bytes apart, rows `rowStride`.
  public var input: UnsafePointer<Int8>
  public var rowStride: Int
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(
    input: UnsafePointer<Int8>, rowStride: Int, height: Int, width: Int, channels: Int
  ) {
    self.input = input
    self.rowStride = rowStride
    self.height = height
    self.width = width
    self.channels = channels
  }
}

/// How an average's quotient is rounded where it lies half way.
public enum AverageRounding: Int, Sendable {
  /// Away from zero: LiteRT's int8.
  case awayFromZero = 0
  /// Up: LiteRT's uint8, whose sums are never negative.
  case up = 1

  /// The average of `count` int8 values of a given sum. For `.up` the division is of the sum of uint8 values, 128
  /// above ours.
  @inline(__always)
  public func quotient(_ sum: Int32, _ count: Int32) -> Int32 {
    switch self {
    case .awayFromZero: (sum > 0 ? sum &+ count / 2 : sum &- count / 2) / count
    case .up: (sum &+ 128 &* count &+ count / 2) / count &- 128
    }
  }
}

/// Writes the average of each channel.
public func averagePoolScalar(
  _ window: PoolWindow, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
  _ output: UnsafeMutablePointer<Int8>
) {
  let count = Int32(truncatingIfNeeded: window.height &* window.width)
  for channel in 0..<window.channels {
    var sum: Int32 = 0
    for y in 0..<window.height {
      for x in 0..<window.width {
        sum =
          sum &+ Int32(window.input[y &* window.rowStride &+ x &* window.channels &+ channel])
      }
    }
    let average = rounding.quotient(sum, count)
    output[channel] = Int8(truncatingIfNeeded: clamp(average, low, high))
  }
}

/// Writes the maximum of each channel.
public func maximumPoolScalar(
  _ window: PoolWindow, _ low: Int32, _ high: Int32, _ output: UnsafeMutablePointer<Int8>
) {
  for channel in 0..<window.channels {
    var maximum = Int8.min
    for y in 0..<window.height {
      for x in 0..<window.width {
        maximum = max(
          maximum, window.input[y &* window.rowStride &+ x &* window.channels &+ channel])
      }
    }
    output[channel] = Int8(truncatingIfNeeded: clamp(Int32(maximum), low, high))
  }
}
