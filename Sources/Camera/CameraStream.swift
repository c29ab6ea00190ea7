import Platform

/// A camera that streams: a thread keeps its newest frame ready, beside whatever is done with the frames.
///
///     let stream = try CameraStream("/dev/video0", request)
///     while let frame = stream.next(microseconds: 1_000_000) {
///       …
///       stream.release()
///     }
///
/// A camera that goes away is waited for and goes on where it comes back; what happened is in `faults`.
public final class CameraStream<System: CameraSystem> {
  private let system: System
  private let shared: SharedExchange
  private let loop: UnsafeMutablePointer<CaptureLoop<System>>
  private var thread: BackgroundThread?

  /// Opens a camera and starts its stream.
  ///
  /// - Parameter name: A device's path, a bus or a camera's name; nil for the first camera that can be used.
  public init(
    _ name: UnsafePointer<CChar>?, _ request: CameraRequest, system: System
  ) throws(CameraError) {
    let loop = UnsafeMutablePointer<CaptureLoop<System>>.allocate(capacity: 1)
    do throws(CameraError) { loop.initialize(to: try CaptureLoop(name, request, system)) } catch {
      loop.deallocate()
      throw error
    }
    self.system = system
    self.loop = loop
    shared = loop.pointee.shared
  }

  /// Starts the thread.
  public func start() throws(SystemError) {
    thread = try BackgroundThread(required: UnsafeMutableRawPointer(loop)) { context in
      let loop = context.assumingMemoryBound(to: CaptureLoop<System>.self)
      while loop.pointee.goesOn { loop.pointee.turn() }
      loop.pointee.end()
    }
  }

  /// Ends the stream.
  deinit {
    release()
    shared.with { $0.shallEnd = true }
    // Waits for the thread's end.
    thread = nil
    loop.deinitialize(count: 1)
    loop.deallocate()
  }

  /// The newest frame, waiting for one that was not handed over before.
  ///
  /// Its bytes are valid until `release`, which must come before the next call.
  ///
  /// - Parameter microseconds: How long to wait, below a second.
  /// - Returns: Nil where none came, for example because a signal or a fault did.
  public func next(microseconds: Int64) -> CameraFrame? {
    let change = shared.lock.changeCount
    let now = system.now
    let frame = shared.with {
      $0.dropPast(now)
      return $0.take()
    }
    if let frame { return frame }
    shared.lock.wait(after: change, microseconds: microseconds)
    // What came meanwhile is new, however long it took to wake up.
    return shared.with { $0.take() }
  }

  /// Waits without taking a frame.
  ///
  /// - Parameter microseconds: How long, below a second; it may be shorter.
  public func pause(microseconds: Int64) {
    let end = Clock.microseconds + microseconds
    while true {
      let rest = end - Clock.microseconds
      if rest <= 0 { return }
      // Frames that arrive wake it, and are left where they are.
      shared.lock.wait(after: shared.lock.changeCount, microseconds: rest)
    }
  }

  /// Gives a frame's memory back.
  public func release() {
    shared.with { $0.release() }
    shared.lock.announce()
  }

  /// Counts a fault that only showed when a frame was decoded.
  public func note(_ fault: Fault) { shared.with { $0.faults.add(fault) } }

  /// Closes the camera and opens it again.
  public func reopen() { shared.with { $0.shallReopen = true } }

  /// What happened since the start.
  public var faults: FaultCounts { shared.with { $0.faults } }
  /// Frames since the start that were not handed over.
  public var droppedFrames: Int { shared.with { $0.droppedFrames } }
  /// How frames are laid out now, or were last, and the time between them.
  public var format: StreamFormat { shared.with { $0.format } }
  public var interval: FrameInterval { shared.with { $0.interval } }
  /// Turns of the thread's work so far: several a second, with or without a camera, unless a driver holds it up.
  public var turns: UInt32 { shared.with { $0.turns } }

  /// Does a turn of the thread's work; for where no thread was started.
  public func turn() { loop.pointee.turn() }
}
