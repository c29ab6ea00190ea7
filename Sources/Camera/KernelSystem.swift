import CLinux
import CV4L
import Platform

/// The kernel's own system calls.
public struct KernelSystem: CameraSystem {
  public init() {}

  public func open(_ path: UnsafePointer<CChar>) throws(SystemError) -> Int32 {
    let flags =
      OCELLUS_READ_WRITE.value | OCELLUS_NONBLOCKING.value | OCELLUS_CLOSE_ON_EXEC.value
    return try KernelSystem.repeated { ocellus_open(path, flags, 0) }
  }

  public func close(_ descriptor: Int32) { _ = CLinux.close(descriptor) }

  public func control(
    _ descriptor: Int32, _ request: ocellus_v4l2_request, _ argument: UnsafeMutableRawPointer
  ) throws(SystemError) {
    _ = try KernelSystem.repeated { ocellus_ioctl(descriptor, UInt(request.rawValue), argument) }
  }

  public func map(
    _ descriptor: Int32, offset: Int64, count: Int
  ) throws(SystemError) -> UnsafeMutableRawBufferPointer {
    let result = mmap64(
      nil, ocellus_size(count), OCELLUS_PROTECTION_READ.value | OCELLUS_PROTECTION_WRITE.value,
      OCELLUS_MAP_SHARED.value, descriptor, ocellus_offset(offset))
    guard let result, result != UnsafeMutableRawPointer(bitPattern: -1) else { throw .last }
    return UnsafeMutableRawBufferPointer(start: result, count: count)
  }

  public func unmap(_ memory: UnsafeMutableRawBufferPointer) {
    munmap(memory.baseAddress, ocellus_size(memory.count))
  }

  public func wait(_ descriptor: Int32, milliseconds: Int) throws(SystemError) -> Readiness {
    let error = OCELLUS_POLL_ERROR.value | OCELLUS_POLL_HANGUP.value | OCELLUS_POLL_INVALID.value
    let wanted = OCELLUS_POLL_IN.value | OCELLUS_POLL_PRIORITY.value
    var state = ocellus_pollfd(
      descriptor: descriptor, events: Int16(truncatingIfNeeded: wanted), results: 0)
    let time = Int32(min(max(milliseconds, 0), 1_000_000))
    guard poll(&state, descriptor < 0 ? 0 : 1, time) >= 0 else {
      // A signal: nothing has come, and the caller looks at the clock anyway.
      if ocellus_errno() == OCELLUS_EINTR.value { return Readiness() }
      throw .last
    }
    let results = Int32(state.results)
    return Readiness(
      hasFrame: results & OCELLUS_POLL_IN.value != 0,
      hasEvent: results & OCELLUS_POLL_PRIORITY.value != 0, hasError: results & error != 0)
  }

  public func names(in folder: UnsafePointer<CChar>) throws(SystemError) -> [[CChar]] {
    try File.names(in: folder)
  }

  public func target(of link: UnsafePointer<CChar>) throws(SystemError) -> [CChar] {
    try File.target(of: link)
  }

  public func read(_ path: UnsafePointer<CChar>) throws(SystemError) -> [UInt8] {
    // Files of /sys claim to be as long as a page of memory, which some kernels have of 64 KiB.
    try File.read(path, limit: 1 << 16)
  }

  public var now: Int64 { Clock.microseconds }

  /// Makes a call again while signals interrupt it.
  private static func repeated(_ call: () -> Int32) throws(SystemError) -> Int32 {
    while true {
      let result = call()
      if result >= 0 { return result }
      if ocellus_errno() != OCELLUS_EINTR.value { throw .last }
    }
  }
}
