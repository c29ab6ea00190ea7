import CLinux

/// Whole files, and the directory entries of a folder.
public enum File {
  /// Reads a file, or a stream until it ends.
  ///
  /// - Throws: The system's error; `EFBIG` (27) where there is more than `limit` bytes.
  public static func read(_ path: UnsafePointer<CChar>, limit: Int) throws(SystemError) -> [UInt8] {
    let descriptor = ocellus_open(path, OCELLUS_READ_ONLY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    let length = lseek64(descriptor, 0, OCELLUS_SEEK_END.value)
    if length > 0 {
      guard Int64(length) <= Int64(limit) else { throw SystemError(code: 27) }
      bytes.reserveCapacity(Int(length) + 1)
      _ = lseek64(descriptor, 0, 0)
    }
    let chunk = 1 << 16
    while true {
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: chunk))
      let count = bytes.withUnsafeMutableBytes {
        CLinux.read(descriptor, $0.baseAddress! + start, ocellus_size(chunk))
      }
      bytes.removeLast(chunk - max(Int(count), 0))
      if count == 0 { return bytes }
      if count < 0 && ocellus_errno() != OCELLUS_EINTR.value { throw .last }
      guard bytes.count <= limit else { throw SystemError(code: 27) }
    }
  }

  /// Writes a file so that its path holds either what it held before or all of the new bytes: beside it first,
  /// synchronised, then renamed.
  public static func write(_ bytes: [UInt8], to path: UnsafePointer<CChar>) throws(SystemError) {
    let result: SystemError? = bytes.withUnsafeBytes { bytes in
      do throws(SystemError) {
        try write(bytes, to: path)
        return nil
      } catch { return error }
    }
    if let result { throw result }
  }

  /// The same.
  ///
  /// - Parameter isFlushed: False where the file need not outlive a power failure.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to path: UnsafePointer<CChar>, isFlushed: Bool = true
  ) throws(SystemError) {
    let length = textLength(path)
    let temporary = UnsafeMutablePointer<CChar>.allocate(capacity: length + 9)
    defer { temporary.deallocate() }
    for index in 0..<length { temporary[index] = path[index] }
    let suffix: StaticString = ".partial"
    for index in 0...8 { temporary[length + index] = index < 8 ? CChar(suffix.utf8Start[index]) : 0 }
    let descriptor = ocellus_open(
      temporary,
      OCELLUS_WRITE_ONLY.value | OCELLUS_CREATE.value | OCELLUS_TRUNCATE.value | OCELLUS_CLOSE_ON_EXEC.value,
      0o644)
    guard descriptor >= 0 else { throw .last }
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor)
      guard !isFlushed || fsync(descriptor) == 0 else { throw .last }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = SystemError.last
      unlink(temporary)
      throw error
    }
  }

  private static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
  ) throws(SystemError) {
    var start = 0
    while start < bytes.count {
      let written = CLinux.write(descriptor, bytes.baseAddress! + start, ocellus_size(bytes.count - start))
      if written > 0 {
        start += Int(written)
      } else if ocellus_errno() != OCELLUS_EINTR.value {
        throw .last
      }
    }
  }

  /// Whether a path is a folder.
  public static func isDirectory(_ path: UnsafePointer<CChar>) -> Bool {
    let descriptor = ocellus_open(
      path, OCELLUS_READ_ONLY.value | OCELLUS_DIRECTORY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    if descriptor < 0 { return false }
    close(descriptor)
    return true
  }

  /// A file's bytes; nil where there is no such file.
  public static func size(_ path: [CChar]) -> Int64? {
    let descriptor = path.withUnsafeBufferPointer {
      ocellus_open($0.baseAddress!, OCELLUS_READ_ONLY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    }
    if descriptor < 0 { return nil }
    defer { close(descriptor) }
    let length = lseek64(descriptor, 0, OCELLUS_SEEK_END.value)
    return length < 0 ? nil : Int64(length)
  }

  /// The names in a folder, each ended by a zero byte, without "." and "..", in the order of their bytes.
  public static func names(in path: UnsafePointer<CChar>) throws(SystemError) -> [[CChar]] {
    let descriptor = ocellus_open(
      path, OCELLUS_READ_ONLY.value | OCELLUS_DIRECTORY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    var names: [[CChar]] = []
    let capacity = 1 << 15
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = Int(getdents64(descriptor, buffer, ocellus_size(capacity)))
      guard count >= 0 else { throw .last }
      if count == 0 { break }
      // Entries of struct linux_dirent64: inode and offset (8 bytes each), length (2), type (1), name.
      var offset = 0
      while offset < count {
        let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
        let name = (buffer + offset + 19).assumingMemoryBound(to: CChar.self)
        if !isText(name, ".") && !isText(name, "..") {
          names.append(Array(UnsafeBufferPointer(start: name, count: textLength(name) + 1)))
        }
        offset += length
      }
    }
    names.sort { isBefore($0, $1) }
    return names
  }

  private static func isBefore(_ a: [CChar], _ b: [CChar]) -> Bool {
    var index = 0
    while a[index] == b[index] && a[index] != 0 { index += 1 }
    return UInt8(bitPattern: a[index]) < UInt8(bitPattern: b[index])
  }

  /// `folder/name`, ended by a zero byte.
  public static func join(_ folder: UnsafePointer<CChar>, _ name: [CChar]) -> [CChar] {
    let length = textLength(folder)
    var path = Array(UnsafeBufferPointer(start: folder, count: length))
    if length == 0 || folder[length - 1] != 0x2F { path.append(0x2F) }
    return path + name
  }
}

extension File {
  /// What a symbolic link names, ended by a zero byte.
  public static func target(of link: UnsafePointer<CChar>) throws(SystemError) -> [CChar] {
    var target: [CChar] = Array(repeating: 0, count: 4096)
    let count = target.withUnsafeMutableBufferPointer {
      readlink(link, $0.baseAddress, ocellus_size($0.count - 1))
    }
    guard count >= 0 else { throw .last }
    return Array(target[0..<Int(count)]) + [0]
  }

  /// The last part of a path, without a closing slash, ended by a zero.
  public static func lastComponent(_ path: [CChar]) -> [CChar] {
    var end = path.count - 1
    while end > 1 && path[end - 1] == 0x2F { end -= 1 }
    var start = end
    while start > 0 && path[start - 1] != 0x2F { start -= 1 }
    return Array(path[start..<end]) + [0]
  }
}
