import CV4L
import Platform

/// The system calls that cameras take: the kernel's, or a script in a test.
///
/// Calls that a signal interrupts are made again; none blocks but `wait`.
public protocol CameraSystem {
  /// Opens a device for reading and writing, not blocking.
  func open(_ path: UnsafePointer<CChar>) throws(SystemError) -> Int32
  func close(_ descriptor: Int32)
  /// `ioctl`.
  ///
  /// - Parameter argument: The request's structure.
  func control(
    _ descriptor: Int32, _ request: ocellus_v4l2_request, _ argument: UnsafeMutableRawPointer
  ) throws(SystemError)
  /// Maps a buffer of the driver's, to be read and written.
  func map(_ descriptor: Int32, offset: Int64, count: Int) throws(SystemError)
    -> UnsafeMutableRawBufferPointer
  func unmap(_ memory: UnsafeMutableRawBufferPointer)
  /// Waits until there is a frame, an event or an error, at most for a time; without a descriptor (−1) for that time.
  func wait(_ descriptor: Int32, milliseconds: Int) throws(SystemError) -> Readiness
  /// The names in a folder, each ended by a zero byte, in the order of their bytes.
  func names(in folder: UnsafePointer<CChar>) throws(SystemError) -> [[CChar]]
  /// What a symbolic link names, ended by a zero byte.
  func target(of link: UnsafePointer<CChar>) throws(SystemError) -> [CChar]
  /// The bytes of a small file, such as those of /sys and /proc.
  func read(_ path: UnsafePointer<CChar>) throws(SystemError) -> [UInt8]
  /// Microseconds of the monotonic clock, that of the frames' time stamps.
  var now: Int64 { get }
}

extension CameraSystem {
  /// `ioctl` on a structure.
  func control<Value>(
    _ descriptor: Int32, _ request: ocellus_v4l2_request, of value: inout Value
  ) throws(SystemError) {
    try withUnsafeMutablePointer(to: &value) { (pointer) throws(SystemError) in
      try control(descriptor, request, UnsafeMutableRawPointer(pointer))
    }
  }
}

/// What a wait ended with; nothing of it where the time was over.
public struct Readiness: Equatable, Sendable {
  /// There is a frame to dequeue.
  public var hasFrame: Bool
  /// There is an event to dequeue.
  public var hasEvent: Bool
  /// The driver reports an error: the camera is gone, or streams no longer.
  public var hasError: Bool

  public init(hasFrame: Bool = false, hasEvent: Bool = false, hasError: Bool = false) {
    self.hasFrame = hasFrame
    self.hasEvent = hasEvent
    self.hasError = hasError
  }
}
