/// One picture of a motion JPEG stream.
public struct MJPEGFrame {
  /// 16 MiB, more than any camera's frame.
  public static let defaultMaximumBytes = 1 << 24

  /// From its start-of-image marker on.
  public var bytes: UnsafeRawBufferPointer
  /// It has its end-of-image marker; otherwise another picture, or the stream's end, cut it short.
  public var isComplete: Bool
}

/// The pictures in bytes that are all there, a mapped file's for example.
public struct MJPEGSplitter {
  private let bytes: UnsafeRawBufferPointer
  private var scanner: MJPEGScanner

  /// - Parameters:
  ///   - bytes: They must outlive the frames.
  ///   - maximumFrameBytes: Larger frames are left out and counted.
  public init(_ bytes: UnsafeRawBufferPointer, maximumFrameBytes: Int = MJPEGFrame.defaultMaximumBytes) {
    self.bytes = bytes
    scanner = MJPEGScanner(maximumBytes: maximumFrameBytes)
  }

  /// The next picture; nil after the last.
  public mutating func next() -> MJPEGFrame? {
    guard let found = scanner.advance(bytes) ?? scanner.finish() else { return nil }
    return MJPEGFrame(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[found.range]), isComplete: found.isComplete)
  }

  /// Bytes passed over so far that belong to no picture; final once `next` has returned nil.
  public var skippedBytes: Int { scanner.skippedBytes }

  /// Frames left out so far for their size.
  public var oversizedFrames: Int { scanner.oversized }
}
