import CLinux

/// Mutual exclusion of threads, and waiting for what another thread changes.
public struct Lock: ~Copyable {
  /// 0 free, 1 held, 2 held with threads that wait for it (Drepper, "Futexes Are Tricky", 2011, section 6); and a
  /// count of the announced changes.
  private let state: UnsafeMutablePointer<UInt32>
  private let changes: UnsafeMutablePointer<UInt32>

  public init() {
    state = .allocate(capacity: 2)
    state.initialize(repeating: 0, count: 2)
    changes = state + 1
  }

  deinit { state.deallocate() }

  /// Runs `body` while no other thread is in one of this lock's bodies.
  @inline(__always)
  public func callAsFunction<Result>(_ body: () -> Result) -> Result {
    acquire()
    defer { release() }
    return body()
  }

  private func acquire() {
    if ocellus_compare_exchange(state, 0, 1) == 1 { return }
    while ocellus_exchange(state, 2) != 0 { ocellus_futex_wait(state, 2) }
  }

  private func release() {
    if ocellus_exchange(state, 0) == 2 { ocellus_futex_wake(state, 1) }
  }

  /// How many changes were announced so far, for `wait`. Read before what a change would show in.
  public var changeCount: UInt32 { ocellus_load(changes) }

  /// Wakes all threads in `wait`.
  public func announce() {
    _ = ocellus_fetch_add(changes, 1)
    ocellus_futex_wake(changes, Int32.max)
  }

  /// Waits until a change is announced after the given one, a signal comes or the time is over; may return early.
  ///
  /// - Parameter microseconds: Below one second.
  public func wait(after change: UInt32, microseconds: Int64) {
    ocellus_futex_wait_for(changes, change, Int(min(max(microseconds, 0), 999_999)) * 1000)
  }
}
