/// Lets a picture be looked at now and then.
public struct Pace: Sendable {
  /// Microseconds from one that is looked at to the next, at least.
  private let interval: Int64
  private var due = Int64.min

  /// - Parameter microseconds: 0 where every picture is looked at.
  public init(microseconds: Int64) { interval = microseconds }

  /// How long it takes until the next may be looked at; 0 where it may be now.
  public func wait(_ now: Int64) -> Int64 { now >= due ? 0 : due - now }

  /// One is looked at now. Those that come a little late do not make the next ones late.
  public mutating func look(_ now: Int64) {
    let isLate = due == Int64.min || now - due >= interval
    due = (isLate ? now : due) + interval
  }
}
