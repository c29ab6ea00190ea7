import CLinux

/// Threads that share the parts of one piece of work after another.
///
/// A round has a number of parts, and one function that computes a part. Parts are taken one by one by whichever
/// thread is free, the caller's own included; a round ends when all parts are done, whether or not every thread
/// came in time to take one. A waiting thread spins for some tens of microseconds, so that the short rounds of
/// one inference need no system call, then sleeps.
public struct ThreadPool: ~Copyable {
  public typealias Body = (_ context: UnsafeMutableRawPointer, _ thread: Int, _ part: Int) -> Void

  /// What is handed out: the round, its number of parts and the next part, in one word, so that taking a part
  /// also says which round it is of. Nothing of a round changes while one of its parts is being computed.
  private struct Ticket {
    var word: UInt64

    static let partBits: UInt64 = 20

    init(word: UInt64) { self.word = word }

    init(round: UInt32, parts: Int) {
      word = UInt64(round) << (2 * Ticket.partBits) | UInt64(parts) << Ticket.partBits
    }

    private static let mask: UInt64 = (1 << partBits) - 1
    var parts: Int { Int(word >> Ticket.partBits & Ticket.mask) }
    var next: Int { Int(word & Ticket.mask) }
    var hasPart: Bool { next < parts }
  }

  private struct Shared {
    var body: Body?
    var context: UnsafeMutableRawPointer?
    var ticket: UnsafeMutablePointer<UInt64>
    /// Parts of the round that are done.
    var done: UnsafeMutablePointer<UInt32>
    /// Incremented when a round starts; sleeping threads wait for that.
    var round: UnsafeMutablePointer<UInt32>
    /// Threads that sleep, or are about to.
    var sleepers: UnsafeMutablePointer<UInt32>
    /// 1 while the caller sleeps until the last part is done.
    var callerSleeps: UnsafeMutablePointer<UInt32>
    /// 1 when the threads shall end.
    var ending: UnsafeMutablePointer<UInt32>
    /// Hands each thread its index.
    var nextThread: UnsafeMutablePointer<UInt32>

    init() {
      // A cache line each: the words are written by different threads.
      ticket = .allocate(capacity: 8)
      ticket.initialize(repeating: 0, count: 8)
      let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 6 * 16)
      words.initialize(repeating: 0, count: 6 * 16)
      done = words
      round = words + 16
      sleepers = words + 32
      callerSleeps = words + 48
      ending = words + 64
      nextThread = words + 80
      nextThread.pointee = 1
    }

    func deallocate() {
      ticket.deallocate()
      done.deallocate()
    }
  }

  /// Largest number of parts of a round.
  public static let maximumParts = 1 << 19
  private static let spins = 3000

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
          ThreadPool.work($0!.assumingMemoryBound(to: Shared.self))
          return nil
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
    ocellus_store(shared.pointee.ending, 1)
    announce(shared)
    for index in 0..<started { pthread_join(handles[index], nil) }
    handles.deallocate()
    shared.pointee.deallocate()
    shared.deinitialize(count: 1)
    shared.deallocate()
  }

  /// Runs one round and returns when all its parts are done.
  ///
  /// - Parameter parts: At most `maximumParts`.
  public func run(_ context: UnsafeMutableRawPointer, parts: Int, _ body: @escaping Body) {
    if count == 1 || parts <= 1 {
      for part in 0..<parts { body(context, 0, part) }
      return
    }
    precondition(parts <= ThreadPool.maximumParts)
    shared.pointee.body = body
    shared.pointee.context = context
    ocellus_store(shared.pointee.done, 0)
    let round = ocellus_load(shared.pointee.round) &+ 1
    ocellus_store_wide(shared.pointee.ticket, Ticket(round: round, parts: parts).word)
    ThreadPool.announce(shared)
    while ThreadPool.takePart(shared, thread: 0) {}
    waitUntilDone(UInt32(parts))
  }

  /// Tells the threads that there is something new.
  private static func announce(_ shared: UnsafeMutablePointer<Shared>) {
    _ = ocellus_fetch_add(shared.pointee.round, 1)
    if ocellus_load(shared.pointee.sleepers) > 0 { ocellus_futex_wake(shared.pointee.round, Int32.max) }
  }

  /// Computes the next part, if one is left.
  private static func takePart(_ shared: UnsafeMutablePointer<Shared>, thread: Int) -> Bool {
    guard Ticket(word: ocellus_load_wide(shared.pointee.ticket)).hasPart else { return false }
    let ticket = Ticket(word: ocellus_fetch_add_wide(shared.pointee.ticket, 1))
    guard ticket.hasPart else { return false }
    shared.pointee.body!(shared.pointee.context!, thread, ticket.next)
    let done = ocellus_fetch_add(shared.pointee.done, 1) &+ 1
    if done == UInt32(ticket.parts) && ocellus_load(shared.pointee.callerSleeps) == 1 {
      ocellus_futex_wake(shared.pointee.done, 1)
    }
    return true
  }

  /// A moment of a spin; now and then it lets another thread have the core, which may be the one that is waited for.
  @inline(__always)
  private static func pause(_ turn: Int) {
    if turn % 32 == 31 { sched_yield() } else { ocellus_pause() }
  }

  private func waitUntilDone(_ parts: UInt32) {
    let done = shared.pointee.done
    for turn in 0..<ThreadPool.spins {
      if ocellus_load(done) == parts { return }
      ThreadPool.pause(turn)
    }
    ocellus_store(shared.pointee.callerSleeps, 1)
    while true {
      let value = ocellus_load(done)
      if value == parts { break }
      ocellus_futex_wait(done, value)
    }
    ocellus_store(shared.pointee.callerSleeps, 0)
  }

  /// The life of a thread.
  private static func work(_ shared: UnsafeMutablePointer<Shared>) {
    let thread = Int(ocellus_fetch_add(shared.pointee.nextThread, 1))
    while true {
      let round = ocellus_load(shared.pointee.round)
      if ocellus_load(shared.pointee.ending) == 1 { return }
      while takePart(shared, thread: thread) {}
      wait(shared, after: round)
    }
  }

  /// Waits until a round after the given one has started.
  private static func wait(_ shared: UnsafeMutablePointer<Shared>, after round: UInt32) {
    for turn in 0..<spins {
      if ocellus_load(shared.pointee.round) != round { return }
      pause(turn)
    }
    _ = ocellus_fetch_add(shared.pointee.sleepers, 1)
    while ocellus_load(shared.pointee.round) == round { ocellus_futex_wait(shared.pointee.round, round) }
    _ = ocellus_fetch_add(shared.pointee.sleepers, UInt32.max)
  }
}
