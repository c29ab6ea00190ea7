import CV4L
import Camera
import Foundation
import Platform

/// A kernel with scripted cameras and a clock that goes on only while someone waits.
///
/// It keeps the rules that real drivers keep, and counts what is open and mapped.
public final class ScriptedSystem: CameraSystem {
  /// An open descriptor.
  struct Handle {
    var device: Int
    var isAlive = true
    var format = ocellus_v4l2_pix_format()
    var interval = ocellus_v4l2_fract(numerator: 1, denominator: 30)
    var buffers: [Buffer] = []
    /// Numbers of buffers, oldest first.
    var queued: [Int] = []
    var done: [Int] = []
    var isStreaming = false
    var hasError = false
    var hasEvent = false
    var falseAlarms = 0
    var transferErrors = 0
    var refusesQueue = false
    var nextFrame: Int64 = 0
  }

  struct Buffer {
    var memory: UnsafeMutableRawBufferPointer
    var bytesUsed = 0
    var flags: UInt32 = 0
    var sequence: UInt32 = 0
    var stamp: Int64 = 0
    var shownIndex: UInt32?
  }

  let lock = NSRecursiveLock()
  public internal(set) var devices: [ScriptedDevice]
  /// Per device: there, and if not, when it comes back.
  var present: [Bool]
  var returnTime: [Int64]
  /// Per device: frames so far, which the next sequence number and incident go by.
  var frames: [Int]
  var handles: [Int32: Handle] = [:]
  private var nextHandle: Int32 = 3
  /// Microseconds; real time where the script follows the real clock.
  private var clock: Int64 = 1_000_000
  private let isRealTime: Bool
  public private(set) var openCount = 0
  public private(set) var mappedCount = 0
  public private(set) var openings = 0
  /// What the program did against the drivers' rules.
  public internal(set) var violations: [String] = []
  /// Links below /dev/v4l, /proc and so on.
  public var links: [String: String] = [:]
  public var folders: [String: [String]] = [:]
  /// Small files below /sys and /proc.
  public var files: [String: String] = [:]

  public init(_ devices: [ScriptedDevice], isRealTime: Bool = false) {
    self.devices = devices
    self.isRealTime = isRealTime
    present = devices.map { _ in true }
    returnTime = devices.map { _ in Int64.max }
    frames = devices.map { _ in 0 }
  }

  deinit { for handle in handles.values { for buffer in handle.buffers { buffer.memory.deallocate() } } }

  /// Changes a device from now on.
  public func change(_ index: Int, _ body: (inout ScriptedDevice) -> Void) {
    lock.withLock { body(&devices[index]) }
  }

  /// Frames that a device has made.
  public func frameCount(_ index: Int) -> Int { lock.withLock { frames[index] } }

  // MARK: - Clock

  public var now: Int64 { isRealTime ? Clock.microseconds : lock.withLock { clock } }

  /// Lets time pass for someone who does not wait for a camera.
  public func advance(to time: Int64) { lock.withLock { advanceLocked(to: time) } }

  private func advanceLocked(to time: Int64) {
    // Frames and cameras come in the order of their times.
    while let next = nextEvent(), next <= time {
      clock = max(clock, next)
      happen(at: next)
    }
    clock = max(clock, time)
  }

  /// When the next frame is due or the next camera returns.
  func nextEvent() -> Int64? {
    var next: Int64?
    for handle in handles.values where handle.isStreaming && handle.isAlive && !handle.hasError {
      next = min(next ?? Int64.max, handle.nextFrame)
    }
    for index in devices.indices where !present[index] { next = min(next ?? Int64.max, returnTime[index]) }
    return next == Int64.max ? nil : next
  }

  private func happen(at time: Int64) {
    for index in devices.indices where !present[index] && returnTime[index] <= time { present[index] = true }
    while let descriptor = dueDescriptor(at: time) {
      makeFrame(descriptor, at: handles[descriptor]!.nextFrame)
    }
  }

  /// The lowest descriptor with a frame that is due. (Sorting all would allocate, which tests count.)
  private func dueDescriptor(at time: Int64) -> Int32? {
    var lowest: Int32?
    for (descriptor, handle) in handles
    where handle.isStreaming && handle.isAlive && !handle.hasError && handle.nextFrame <= time {
      lowest = min(lowest ?? descriptor, descriptor)
    }
    return lowest
  }

  public func wait(_ descriptor: Int32, milliseconds: Int) throws(SystemError) -> Readiness {
    if isRealTime { return waitReally(descriptor, milliseconds) }
    return lock.withLock {
      let end = clock + Int64(milliseconds) * 1000
      while true {
        let ready = readiness(descriptor)
        if ready != Readiness() { return ready }
        guard let next = nextEvent(), next <= end else { break }
        advanceLocked(to: next)
      }
      advanceLocked(to: end)
      return readiness(descriptor)
    }
  }

  private func waitReally(_ descriptor: Int32, _ milliseconds: Int) -> Readiness {
    let end = Clock.microseconds + Int64(milliseconds) * 1000
    while true {
      let (ready, next) = lock.withLock {
        advanceLocked(to: Clock.microseconds)
        return (readiness(descriptor), nextEvent())
      }
      let now = Clock.microseconds
      if ready != Readiness() || now >= end { return ready }
      usleep(UInt32(max(min(next ?? end, end) - now, 1)))
    }
  }

  private func readiness(_ descriptor: Int32) -> Readiness {
    guard let handle = handles[descriptor] else { return Readiness() }
    if !handle.isAlive || handle.hasError {
      return Readiness(hasFrame: !handle.done.isEmpty && handle.isAlive, hasError: true)
    }
    return Readiness(
      hasFrame: !handle.done.isEmpty || handle.falseAlarms > 0 || handle.transferErrors > 0,
      hasEvent: handle.hasEvent)
  }

  // MARK: - Files

  private func deviceIndex(_ path: UnsafePointer<CChar>) -> Int? {
    var name = String(cString: path)
    if let target = links[name] { name = target }
    return devices.indices.first { present[$0] && name == "/dev/video\(devices[$0].number)" }
  }

  public func open(_ path: UnsafePointer<CChar>) throws(SystemError) -> Int32 {
    let result: Result<Int32, SystemError> = lock.withLock {
      guard let index = deviceIndex(path) else { return .failure(.noEntry) }
      if let code = devices[index].openError { return .failure(SystemError(code: code)) }
      var handle = Handle(device: index)
      handle.buffers.reserveCapacity(32)
      handle.queued.reserveCapacity(64)
      handle.done.reserveCapacity(64)
      handles[nextHandle] = handle
      nextHandle += 1
      openCount += 1
      openings += 1
      return .success(nextHandle - 1)
    }
    return try result.get()
  }

  public func close(_ descriptor: Int32) {
    lock.withLock {
      guard let handle = handles.removeValue(forKey: descriptor) else {
        violations.append("closed twice: \(descriptor)")
        return
      }
      openCount -= 1
      if !handle.buffers.isEmpty && mappedCount > 0 { violations.append("closed with buffers mapped") }
      for buffer in handle.buffers { buffer.memory.deallocate() }
    }
  }

  public func map(
    _ descriptor: Int32, offset: Int64, count: Int
  ) throws(SystemError) -> UnsafeMutableRawBufferPointer {
    let result: Result<UnsafeMutableRawBufferPointer, SystemError> = lock.withLock {
      guard let handle = handles[descriptor], handle.isAlive else { return .failure(.noDevice) }
      let index = Int(offset) / 4096
      guard index < handle.buffers.count, handle.buffers[index].memory.count == count else {
        return .failure(.invalidArgument)
      }
      mappedCount += 1
      return .success(handle.buffers[index].memory)
    }
    return try result.get()
  }

  public func unmap(_ memory: UnsafeMutableRawBufferPointer) {
    lock.withLock {
      mappedCount -= 1
      // Whoever still looks at it shall notice.
      memset(memory.baseAddress!, 0xA5, memory.count)
    }
  }

  public func names(in folder: UnsafePointer<CChar>) throws(SystemError) -> [[CChar]] {
    let names: [String]? = lock.withLock {
      let path = String(cString: folder)
      if path != "/dev" { return folders[path] }
      return devices.indices.filter { present[$0] }.map { "video\(devices[$0].number)" } + [
        "null", "video", "videox",
      ]
    }
    guard let names else { throw .noEntry }
    return names.map { Array($0.utf8CString) }
  }

  public func target(of link: UnsafePointer<CChar>) throws(SystemError) -> [CChar] {
    guard let target = lock.withLock({ links[String(cString: link)] }) else { throw .invalidArgument }
    return Array(target.utf8CString)
  }

  public func read(_ path: UnsafePointer<CChar>) throws(SystemError) -> [UInt8] {
    guard let file = lock.withLock({ files[String(cString: path)] }) else { throw .noEntry }
    return Array(file.utf8)
  }
}
