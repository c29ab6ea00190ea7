/// Step sizes that rise in a line to their full size, and fall in a line from the first step to 0 after the last.
public struct StepSchedule: Equatable, Sendable {
  /// Steps of the whole run.
  public var total: Int
  /// Steps until the rise ends; 0 for none.
  public var rise: Int

  public init(total: Int, rise: Int = 0) {
    precondition(total > 0 && rise >= 0)
    self.total = total
    self.rise = rise
  }

  /// ⌊first · (total − step) / total⌋, and of that ⌊· (step + 1) / rise⌋ in the rise.
  ///
  /// - Parameters:
  ///   - first: The size without a rise, Q16.
  ///   - step: In 0...total.
  public func stepSize(_ first: Int32, at step: Int) -> Int32 {
    let size = Int64(first) &* Int64(total - step) / Int64(total)
    return Int32(truncatingIfNeeded: step < rise ? size &* Int64(step + 1) / Int64(rise) : size)
  }
}
