/// Step sizes that fall in a line from the first step to 0 after the last.
public struct StepSchedule: Equatable, Sendable {
  /// Steps of the whole run.
  public var total: Int

  public init(total: Int) {
    precondition(total > 0)
    self.total = total
  }

  /// - Parameters:
  ///   - first: The first step's size, Q16.
  ///   - step: In 0...total.
  public func stepSize(_ first: Int32, at step: Int) -> Int32 {
    Int32(truncatingIfNeeded: Int64(first) &* Int64(total - step) / Int64(total))
  }
}
