import CLinux

/// A file, pipe or device that is read from front to back.
public struct ByteSource: ~Copyable {
  private let descriptor: Int32

  /// Opens a path.
  public init(path: UnsafePointer<CChar>) throws(SystemError) {
    descriptor = ocellus_open(path, OCELLUS_READ_ONLY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    if descriptor < 0 { throw .last }
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  public static var standardInput: ByteSource { ByteSource(descriptor: 0) }

  deinit { if descriptor > 0 { close(descriptor) } }

  /// Reads up to the buffer's size, waiting for at least one byte.
  ///
  /// - Parameter ends: Asked when a signal comes: whether that is the end.
  /// - Returns: The number of bytes read; 0 at the end.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, ends: () -> Bool = { false }
  ) throws(SystemError) -> Int {
    while true {
      let count = CLinux.read(descriptor, buffer.baseAddress, ocellus_size(buffer.count))
      if count >= 0 { return Int(count) }
      if ocellus_errno() != OCELLUS_EINTR.value { throw .last }
      if ends() { return 0 }
    }
  }
}
