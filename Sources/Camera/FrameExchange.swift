import Platform

/// A frame as the capturing side hands it over: the bytes are in one of the driver's buffers.
public struct CameraFrame {
  public let bytes: UnsafeRawBufferPointer
  public let format: StreamFormat
  /// When the camera took it, and when it came from the driver, in microseconds of the monotonic clock.
  public let capturedMicroseconds: Int64
  public let arrivedMicroseconds: Int64
  /// Frames that came, or should have come, since the frame handed over before and were not looked at.
  public let dropped: Int
  let buffer: Int
}

/// What the capturing side and the one that looks at frames know of each other. Everything is read and written under
/// the lock.
struct FrameExchange: ~Copyable {
  /// The newest valid frame that nobody has taken.
  var newest: CameraFrame?
  /// The buffer that is being looked at.
  var heldBuffer: Int?
  /// A bit for each buffer that was looked at and can go back to the driver.
  var returnedBuffers: UInt32 = 0
  /// Frames that were not looked at since the last one handed over, and since the start.
  var droppedSinceTaken = 0
  var droppedFrames = 0
  var faults = FaultCounts()
  /// How the camera's frames are laid out now, or were last.
  var format: StreamFormat
  var interval: FrameInterval
  /// Turns that the capturing side has begun.
  var turns: UInt32 = 0
  /// What is wanted of the capturing side.
  var shallEnd = false
  var shallReopen = false

  /// What a frame's handing over may take beyond the time to the next one.
  private static let slack: Int64 = 5_000
  /// How old a frame may be where the time to the next one is not known.
  private static let oldest: Int64 = 1_000_000

  /// Drops the newest frame if it is one of the past, which only damaged ones have followed, or none: it is better to
  /// wait for the next.
  ///
  /// - Parameter now: The time, of the clock that frames arrive by.
  mutating func dropPast(_ now: Int64) {
    let limit = interval.isValid ? interval.microseconds + Self.slack : Self.oldest
    guard let frame = newest, now - frame.arrivedMicroseconds > limit else { return }
    newest = nil
    returnedBuffers |= 1 << UInt32(frame.buffer)
    drop(1)
  }

  /// Hands the newest frame over, if there is one.
  mutating func take() -> CameraFrame? {
    guard let frame = newest else { return nil }
    newest = nil
    heldBuffer = frame.buffer
    let result = CameraFrame(
      bytes: frame.bytes, format: frame.format, capturedMicroseconds: frame.capturedMicroseconds,
      arrivedMicroseconds: frame.arrivedMicroseconds, dropped: droppedSinceTaken, buffer: frame.buffer)
    droppedSinceTaken = 0
    return result
  }

  /// Takes a frame's buffer back.
  mutating func release() {
    if let buffer = heldBuffer { returnedBuffers |= 1 << UInt32(buffer) }
    heldBuffer = nil
  }

  /// Offers a frame in place of the one offered before.
  ///
  /// - Parameter missed: Frames that the driver has lost before it.
  mutating func offer(_ frame: CameraFrame, missed: Int) {
    if let old = newest {
      returnedBuffers |= 1 << UInt32(old.buffer)
      drop(1)
    }
    drop(missed)
    newest = frame
  }

  mutating func drop(_ count: Int) {
    droppedSinceTaken += count
    droppedFrames += count
  }
}
