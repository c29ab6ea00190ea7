/// How often which latency was seen, in classes that are a sixteenth of their value wide: percentiles come out within
/// about 6 %, for any number of values, without memory for them.
public struct LatencyCounts: Sendable {
  private static let bitsInClass = 4
  private static let classes = 512

  private var counts = InlineArray<512, UInt32>(repeating: 0)
  /// Latencies counted.
  public private(set) var total = 0

  public init() {}

  /// Counts a latency in microseconds.
  public mutating func add(_ microseconds: Int64) {
    let value = UInt64(max(microseconds, 0))
    // Below 32 each value has a class of its own; above, the leading five bits make the class.
    let shift = max(UInt64.bitWidth - value.leadingZeroBitCount - 1 - LatencyCounts.bitsInClass, 0)
    let index = shift << LatencyCounts.bitsInClass + Int(value >> UInt64(shift))
    counts[min(index, LatencyCounts.classes - 1)] &+= 1
    total += 1
  }

  /// The latency that so many of 100 do not exceed, in microseconds: the middle of its class.
  public func percentile(_ percent: Int) -> Int64 {
    let rank = (Int64(total) * Int64(percent) + 99) / 100
    var seen: Int64 = 0
    for index in 0..<LatencyCounts.classes {
      seen += Int64(counts[index])
      if seen >= rank && seen > 0 {
        let shift = max(index >> LatencyCounts.bitsInClass - 1, 0)
        let first = Int64(index - shift << LatencyCounts.bitsInClass) << Int64(shift)
        return first + (Int64(1) << Int64(shift)) / 2
      }
    }
    return 0
  }
}
