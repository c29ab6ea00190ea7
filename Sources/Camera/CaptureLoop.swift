import Platform

/// What the capturing side shares with the one that looks at frames.
final class SharedExchange {
  let lock = Lock()
  private let state: UnsafeMutablePointer<FrameExchange>

  init(_ exchange: consuming FrameExchange) {
    state = .allocate(capacity: 1)
    state.initialize(to: exchange)
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  @inline(__always)
  func with<Result>(_ body: (inout FrameExchange) -> Result) -> Result {
    lock { body(&state.pointee) }
  }
}

/// The capturing side: keeps the newest frame of a camera on offer, and the camera streaming, whatever happens to it.
///
/// It is driven by turns, each of which waits for at most a tenth of a second; a thread takes one after the other.
struct CaptureLoop<System: CameraSystem>: ~Copyable {
  private static var turnMilliseconds: Int { 100 }
  /// How long to wait before a camera is tried again, doubled from time to time.
  private static var leastPause: Int64 { 50_000 }
  private static var mostPause: Int64 { 400_000 }
  /// No frames for so long, and for five times what one takes, mean that the stream has stopped.
  private static var stallMicroseconds: Int64 { 3_000_000 }
  /// As many failed transfers in a row are more than bad luck.
  private static var mostFailures: Int { 8 }
  /// As many late frames in a row are a slow camera.
  private static var mostLateFrames: Int { 30 }
  /// As many attempts to start a camera that is there may fail before it is said.
  private static var quietAttempts: Int { 4 }
  /// A time stamp may be as far before a frame's arrival, and as far behind it: some drivers give the time at which the
  /// last line will have been read.
  private static var oldestStamp: Int64 { 10_000_000 }
  private static var newestStamp: Int64 { 500_000 }

  let system: System
  let shared: SharedExchange
  private let request: CameraRequest
  private let finder: CameraFinder<System>
  private var device: CaptureDevice<System>?
  private var pause: Int64 = 0
  private var nextAttempt: Int64 = 0
  private var attempts = 0
  /// The last frame's arrival, be it sound or not, or the stream's start.
  private var lastArrival: Int64
  private var lastSequence: UInt32?
  private var lastStamp: Int64 = 0
  /// Frames in a row that came late though none was lost before them.
  private var lateFrames = 0
  private var failures = 0

  /// Opens the camera and starts its stream.
  init(
    _ name: UnsafePointer<CChar>?, _ request: CameraRequest, _ system: System
  ) throws(CameraError) {
    self.system = system
    self.request = request
    let device: CaptureDevice<System>
    (finder, device) = try CameraFinder.start(name, request, system)
    shared = SharedExchange(FrameExchange(format: device.format, interval: device.interval))
    self.device = device
    lastArrival = system.now
  }

  /// Whether turns are still wanted.
  var goesOn: Bool { !shared.with { $0.shallEnd } }

  /// Does what there is to do, waiting for it.
  mutating func turn() {
    shared.with { $0.turns &+= 1 }
    guard let device else { return startAgain() }
    if shared.with({ $0.shallReopen }) {
      shared.with { $0.shallReopen = false }
      return stop(nil)
    }
    do throws(CameraError) {
      try giveBackReturned(device)
      let ready = try wait(device)
      if ready.hasEvent && device.takeEvents() { return stop(.sourceChange) }
      if ready.hasFrame || ready.hasError {
        let hasTaken = try takeFrames(device, isFailing: ready.hasError)
        try giveBackReturned(device)
        // A driver that reports errors and has no more frames never goes on by itself.
        if ready.hasError && !hasTaken { return stop(.driverError) }
      }
      let limit = Self.stallMicroseconds + 5 * device.interval.microseconds
      if system.now - lastArrival > limit { stop(.stalled) }
    } catch {
      switch error {
      case .gone: stop(.gone)
      case .system(_, during: .queue): stop(.queueRefused)
      case .unusable: stop(.wrongBuffer)
      default: stop(.driverError)
      }
    }
  }

  /// Stops the stream for good.
  mutating func end() { if device != nil { stop(nil) } }

  private func wait(_ device: CaptureDevice<System>) throws(CameraError) -> Readiness {
    do throws(SystemError) {
      return try system.wait(device.descriptor, milliseconds: Self.turnMilliseconds)
    } catch {
      throw CameraError(error, during: .wait)
    }
  }

  private func giveBackReturned(_ device: CaptureDevice<System>) throws(CameraError) {
    var buffers = shared.with { exchange in
      defer { exchange.returnedBuffers = 0 }
      return exchange.returnedBuffers
    }
    while buffers != 0 {
      try device.giveBack(buffers.trailingZeroBitCount)
      buffers &= buffers - 1
    }
  }

  // MARK: - Frames

  /// Takes what the driver has filled and offers the newest of it that is sound.
  ///
  /// - Parameter isFailing: The driver has reported an error.
  /// - Returns: Whether the driver had filled any.
  private mutating func takeFrames(
    _ device: CaptureDevice<System>, isFailing: Bool
  ) throws(CameraError) -> Bool {
    var newest: CaptureDevice<System>.Filled?
    var missed = 0
    var hasTaken = false
    // A driver never has more than its buffers at once; one that claims so must not keep this from returning.
    takeAll: for _ in 0..<CaptureDevice<System>.mostBuffers {
      switch try device.dequeue() {
      case .none: break takeAll
      case .wrongBuffer: throw .unusable(.other)
      case .transferFailed where isFailing: break takeAll
      case .transferFailed:
        // The next frame's number tells that one is lost.
        note(.transfer, dropped: 0)
        failures += 1
        if failures >= Self.mostFailures { throw .system(.inputOutput, during: .dequeue) }
        try device.recoverBuffers()
        break takeAll
      case .filled(let filled):
        hasTaken = true
        lastArrival = system.now
        missed += gap(filled.sequence)
        let fault =
          filled.isFlagged
          ? Fault.flagged
          : FrameCheck.fault(
            device.bytes(filled), isJPEG: device.format.format.isJPEG, leastBytes: device.leastBytes)
        if let fault {
          note(fault, dropped: 1)
          // The next sound one comes later than a frame's time, and rightly so.
          lateFrames = 0
          try device.giveBack(filled.index)
          continue
        }
        if let older = newest {
          missed += 1
          try device.giveBack(older.index)
        }
        newest = filled
      }
    }
    guard let newest else {
      shared.with { $0.drop(missed) }
      return hasTaken
    }
    offer(newest, missed, device)
    return true
  }

  /// Frames that the driver has lost before one.
  private mutating func gap(_ sequence: UInt32) -> Int {
    defer { lastSequence = sequence }
    guard let lastSequence else { return 0 }
    let gap = sequence &- lastSequence &- 1
    // Anything else is a counter that has begun again.
    return gap < 1000 ? Int(gap) : 0
  }

  private mutating func offer(
    _ filled: CaptureDevice<System>.Filled, _ missed: Int, _ device: CaptureDevice<System>
  ) {
    let now = system.now
    var captured = now
    if let stamp = filled.microseconds, stamp >= lastStamp, stamp >= now - Self.oldestStamp,
      stamp <= now + Self.newestStamp
    {
      captured = min(stamp, now)
      noteLateness(stamp, missed, device.interval)
      lastStamp = stamp
    } else {
      note(.timeStamp, dropped: 0)
    }
    (failures, attempts, pause) = (0, 0, 0)
    let frame = CameraFrame(
      bytes: device.bytes(filled), format: device.format, capturedMicroseconds: captured,
      arrivedMicroseconds: now, dropped: 0, buffer: filled.index)
    shared.with { $0.offer(frame, missed: missed) }
    shared.lock.announce()
  }

  /// Watches the time between frames: exposures in little light take longer than the rate that was agreed allows.
  private mutating func noteLateness(_ stamp: Int64, _ missed: Int, _ interval: FrameInterval) {
    let isLate = 2 * (stamp - lastStamp) > 3 * interval.microseconds
    guard interval.isValid, lastStamp > 0, missed == 0, isLate else {
      lateFrames = 0
      return
    }
    lateFrames += 1
    if lateFrames == Self.mostLateFrames { note(.slow, dropped: 0) }
  }

  private func note(_ fault: Fault, dropped: Int) {
    shared.with {
      $0.faults.add(fault)
      $0.drop(dropped)
    }
    shared.lock.announce()
  }

  // MARK: - Starting again

  /// Closes the camera, so that it can be opened again.
  private mutating func stop(_ fault: Fault?) {
    shared.with { exchange in
      if exchange.newest != nil { exchange.drop(1) }
      exchange.newest = nil
      if let fault { exchange.faults.add(fault) }
    }
    shared.lock.announce()
    // What is being looked at must not be unmapped.
    while true {
      let change = shared.lock.changeCount
      if shared.with({ $0.heldBuffer == nil }) { break }
      shared.lock.wait(after: change, microseconds: 100_000)
    }
    shared.with { $0.returnedBuffers = 0 }
    device = nil
    lastSequence = nil
    lastStamp = 0
    lateFrames = 0
    failures = 0
    nextAttempt = system.now + pause
  }

  private mutating func startAgain() {
    let now = system.now
    if now < nextAttempt {
      let milliseconds = min(Int((nextAttempt - now + 999) / 1000), Self.turnMilliseconds)
      do throws(SystemError) { _ = try system.wait(-1, milliseconds: milliseconds) } catch {}
      return
    }
    do throws(CameraError) {
      let device = try finder.startAgain(request)
      self.device = device
      lastArrival = system.now
      let isOther = shared.with { exchange in
        let isOther = exchange.format != device.format
        exchange.format = device.format
        exchange.interval = device.interval
        // Whoever wanted it to be opened again has it so.
        exchange.shallReopen = false
        exchange.faults.add(.back)
        return isOther
      }
      if isOther { note(.formatChange, dropped: 0) }
      shared.lock.announce()
    } catch {
      switch error {
      case .gone, .noCamera: attempts = 0
      default:
        attempts += 1
        if attempts == Self.quietAttempts { note(.refused, dropped: 0) }
      }
    }
    // If it stops again before a frame has come, the next attempt waits for longer.
    pause = min(max(2 * pause, Self.leastPause), Self.mostPause)
    nextAttempt = system.now + pause
  }
}
