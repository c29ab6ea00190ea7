import Platform

/// The pictures in bytes that arrive piece by piece, from a pipe for example. It holds one frame and one
/// piece at most, if all frames are taken before the next piece is put in.
public struct MJPEGStream: ~Copyable {
  private var scanner: MJPEGScanner
  private var buffer = GrowingBuffer()
  private var count = 0
  private var isFinished = false

  /// - Parameter maximumFrameBytes: Larger frames are left out and counted.
  public init(maximumFrameBytes: Int = MJPEGFrame.defaultMaximumBytes) {
    scanner = MJPEGScanner(maximumBytes: maximumFrameBytes)
  }

  /// Room for the next piece, at least `count` bytes; frames returned before are no longer valid.
  public mutating func space(_ count: Int) throws(SystemError) -> UnsafeMutableRawBufferPointer {
    let needed = scanner.firstNeeded
    if needed > 0 {
      let kept = self.count - needed
      if kept > 0 { buffer.address.copyMemory(from: buffer.address + needed, byteCount: kept) }
      scanner.rebase(by: needed)
      self.count = kept
    }
    let memory = try buffer.reserve(self.count + count, keeping: self.count)
    return UnsafeMutableRawBufferPointer(start: memory + self.count, count: buffer.capacity - self.count)
  }

  /// The first `count` bytes of the room were filled.
  public mutating func fill(_ count: Int) { self.count += count }

  /// No more bytes will come: `next` then also returns a frame that was cut short.
  public mutating func finish() { isFinished = true }

  /// The next frame, valid until room is asked for again; nil where more bytes are needed, or after the last.
  public mutating func next() -> MJPEGFrame? {
    if count == 0 { return nil }
    let bytes = UnsafeRawBufferPointer(start: buffer.address, count: count)
    guard let found = scanner.advance(bytes) ?? (isFinished ? scanner.finish() : nil) else { return nil }
    return MJPEGFrame(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[found.range]), isComplete: found.isComplete)
  }

  /// Bytes passed over so far that belong to no frame.
  public var skippedBytes: Int { scanner.skippedBytes }

  /// Frames left out so far for their size.
  public var oversizedFrames: Int { scanner.oversized }
}
