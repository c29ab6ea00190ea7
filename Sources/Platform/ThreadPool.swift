import CLinux

/// Threads that wait for rounds of work and all take part in each.
///
/// A round calls one function on every thread, the caller's own included, and ends when all have returned. A
/// waiting thread spins for some tens of microseconds, so that the short rounds of one inference need no system
/// call, then sleeps.
public struct ThreadPool: ~Copyable {
  public typealias Body = (_ context: UnsafeMutableRawPointer, _ thread: Int) -> Void

  private struct Shared {
    var body: Body?
    var context: UnsafeMutableRawPointer?
    /// Incremented when a round starts.
    var round: UnsafeMutablePointer<UInt32>
    /// Threads that have not finished the round.
    var working: UnsafeMutablePointer<UInt32>
    /// 1 when the threads shall end.
    var ending: UnsafeMutablePointer<UInt32>
    /// Hands each thread its index.
    var nextThread: UnsafeMutablePointer<UInt32>

    init() {
      // A cache line each: the words are written by different threads.
      let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * 16)
      words.initialize(repeating: 0, count: 4 * 16)
      round = words
      working = words + 16
      ending = words + 32
      nextThread = words + 48
      nextThread.pointee = 1
    }
  }

  private static let spins = 4000

  private let shared: UnsafeMutablePointer<Shared>
  private let handles: UnsafeMutablePointer<ocellus_thread>
  /// Threads in all, the caller's included.
  public let count: Int

  /// - Parameter count: Threads in all, at least 1.
  public init(count: Int) throws(SystemError) {
    shared = .allocate(capacity: 1)
    shared.initialize(to: Shared())
    handles = .allocate(capacity: max(count - 1, 1))
    var started = 0
    while started < count - 1 {
      let code = pthread_create(
        handles + started, nil,
        {
          ThreadPool.work($0); return nil
        }, UnsafeMutableRawPointer(shared))
      if code != 0 {
        ThreadPool.end(shared, handles, started)
        throw SystemError(code: code)
      }
      started += 1
    }
    self.count = count
  }

  deinit { ThreadPool.end(shared, handles, count - 1) }

  private static func end(
    _ shared: UnsafeMutablePointer<Shared>, _ handles: UnsafeMutablePointer<ocellus_thread>, _ started: Int
  ) {
    ocellus_store_release(shared.pointee.ending, 1)
    startRound(shared)
    for index in 0..<started { pthread_join(handles[index], nil) }
    handles.deallocate()
    shared.pointee.round.deallocate()
    shared.deinitialize(count: 1)
    shared.deallocate()
  }

  /// Runs one round.
  public func run(_ context: UnsafeMutableRawPointer, _ body: @escaping Body) {
    if count == 1 {
      body(context, 0)
      return
    }
    shared.pointee.body = body
    shared.pointee.context = context
    ocellus_store_release(shared.pointee.working, UInt32(count - 1))
    ThreadPool.startRound(shared)
    body(context, 0)
    ThreadPool.wait(shared.pointee.working) { $0 == 0 }
  }

  private static func startRound(_ shared: UnsafeMutablePointer<Shared>) {
    let round = shared.pointee.round
    _ = ocellus_fetch_add(round, 1)
    ocellus_futex_wake(round, Int32.max)
  }

  private static func work(_ argument: UnsafeMutableRawPointer?) {
    let shared = argument!.assumingMemoryBound(to: Shared.self)
    let thread = Int(ocellus_fetch_add(shared.pointee.nextThread, 1))
    let round = shared.pointee.round
    let working = shared.pointee.working
    var seen: UInt32 = 0
    while true {
      wait(round) { $0 != seen }
      seen = seen &+ 1
      if ocellus_load_acquire(shared.pointee.ending) == 1 { return }
      shared.pointee.body!(shared.pointee.context!, thread)
      if ocellus_fetch_add(working, UInt32.max) == 1 { ocellus_futex_wake(working, 1) }
    }
  }

  private static func wait(_ word: UnsafeMutablePointer<UInt32>, until done: (UInt32) -> Bool) {
    for _ in 0..<spins {
      if done(ocellus_load_acquire(word)) { return }
      ocellus_pause()
    }
    while true {
      let value = ocellus_load_acquire(word)
      if done(value) { return }
      ocellus_futex_wait(word, value)
    }
  }
}
