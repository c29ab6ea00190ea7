import CLinux

/// A file that is written and read at any place of it, and closed when the value ends.
public struct StoredFile: ~Copyable {
  private let path: [CChar]
  private let descriptor: Int32
  private let calls: FileCalls

  /// Opens a file, or makes an empty one.
  ///
  /// - Parameter path: Ended by a zero.
  public init(path: [CChar]) throws(SystemError) { try self.init(path: path, calls: .kernel) }

  package init(path: [CChar], calls: FileCalls) throws(SystemError) {
    let flags = OCELLUS_READ_WRITE.value | OCELLUS_CREATE.value | OCELLUS_CLOSE_ON_EXEC.value
    let descriptor = path.withUnsafeBufferPointer { ocellus_open($0.baseAddress!, flags, 0o644) }
    guard descriptor >= 0 else { throw .last }
    self.path = path
    self.descriptor = descriptor
    self.calls = calls
  }

  deinit { close(descriptor) }

  /// The file's bytes.
  public func size() throws(SystemError) -> Int64 {
    let length = lseek64(descriptor, 0, OCELLUS_SEEK_END.value)
    guard length >= 0 else { throw .last }
    return Int64(length)
  }

  /// Makes the file empty.
  public func clear() throws(SystemError) {
    while ftruncate64(descriptor, 0) != 0 {
      guard ocellus_errno() == OCELLUS_EINTR.value else { throw .last }
    }
  }

  /// Takes room on the disk for the first `count` bytes, and makes the file as long.
  ///
  /// - Throws: Also where the file system does not know how; the room is then taken as bytes are written.
  public func allocate(_ count: Int64) throws(SystemError) {
    try repeated { calls.allocate(descriptor, count) }
  }

  /// Writes zeros into the first `count` bytes: whatever file system it is, their room is then taken.
  public func writeZeros(_ count: Int64) throws(SystemError) {
    let zeros = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(min(count, StoredFile.chunk)), alignment: 64)
    defer { zeros.deallocate() }
    zeros.initializeMemory(as: UInt8.self, repeating: 0)
    var offset: Int64 = 0
    while offset < count {
      let length = Int(min(count - offset, StoredFile.chunk))
      try write(UnsafeRawBufferPointer(rebasing: zeros[..<length]), at: offset)
      offset += Int64(length)
    }
  }

  private static let chunk: Int64 = 1 << 16

  /// Writes all of the bytes at an offset.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = try repeated { calls.write(descriptor, rest, offset + Int64(done)) }
      // Nothing written and no error would be so for ever.
      guard count > 0 else { throw .inputOutput }
      done += count
    }
  }

  /// Fills the buffer with the bytes at an offset.
  ///
  /// - Throws: `EIO` where the file ends before.
  public func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = try repeated { calls.read(descriptor, rest, offset + Int64(done)) }
      guard count > 0 else { throw .inputOutput }
      done += count
    }
  }

  /// Waits until all that was written would outlive a power failure.
  public func synchronize() throws(SystemError) { try repeated { calls.synchronize(descriptor) } }

  /// The same of a new file's name, which is no part of the file.
  public func synchronizeName() throws(SystemError) { try repeated { calls.synchronizeFolder(path) } }

  /// Takes the file's name away, if it still has one; its room is free once it is closed.
  public func remove() throws(SystemError) {
    let result = path.withUnsafeBufferPointer { unlink($0.baseAddress!) }
    guard result == 0 || ocellus_errno() == OCELLUS_ENOENT.value else { throw .last }
  }

  /// Makes a call again while signals interrupt it.
  @discardableResult
  private func repeated(_ call: () -> Int) throws(SystemError) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      if result != -Int(OCELLUS_EINTR.value) { throw SystemError(code: Int32(-result)) }
    }
  }
}

extension File {
  /// Waits until the names in the folder of a path would outlive a power failure: of files made, renamed and removed.
  ///
  /// - Parameter path: Ended by a zero.
  public static func synchronizeFolder(of path: [CChar]) throws(SystemError) {
    var end = path.count - 1
    while end > 0 && path[end - 1] != 0x2F { end -= 1 }
    let folder = end == 0 ? [0x2E, 0] : Array(path[..<end]) + [0]
    let descriptor = folder.withUnsafeBufferPointer {
      ocellus_open(
        $0.baseAddress!, OCELLUS_READ_ONLY.value | OCELLUS_DIRECTORY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    }
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
      let error = SystemError.last
      // Some file systems have nothing to wait for.
      if error == .invalidArgument { return }
      guard error.code == OCELLUS_EINTR.value else { throw error }
    }
  }
}
