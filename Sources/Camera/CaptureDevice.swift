import CV4L
import Platform

/// An open device: its format, its buffers and its stream.
///
/// Buffers are either the driver's or the program's. What the driver says about them is checked against that.
final class CaptureDevice<System: CameraSystem> {
  /// Enough that the driver always has one to fill: one is looked at, one waits to be, one was just given back.
  static var buffersWanted: Int { 5 }
  static var mostBuffers: Int { 32 }

  let system: System
  let descriptor: Int32
  let identity: DeviceIdentity
  private(set) var format = StreamFormat(ocellus_v4l2_pix_format())
  /// A frame's least bytes.
  private(set) var leastBytes = 1
  /// The time between frames that the driver has settled on; invalid where it does not say.
  private(set) var interval = FrameInterval(numerator: 0, denominator: 0)
  private var buffers: [UnsafeMutableRawBufferPointer] = []
  /// A bit for each buffer that is the driver's.
  private var driverOwned: UInt32 = 0
  private var isStreaming = false

  /// Opens a device and asks what it is.
  init(_ path: UnsafePointer<CChar>, _ system: System) throws(CameraError) {
    self.system = system
    do throws(SystemError) { descriptor = try system.open(path) } catch {
      throw CameraError(error, during: .open)
    }
    var capability = ocellus_v4l2_capability()
    do throws(SystemError) { try system.control(descriptor, OCELLUS_VIDIOC_QUERYCAP, of: &capability) } catch
    {
      system.close(descriptor)
      // A file, or a device of another kind.
      throw error == .wrongRequest ? .unusable(.other) : CameraError(error, during: .query)
    }
    identity = DeviceIdentity(capability)
  }

  /// The same with a path that ends by a zero.
  static func opened(_ path: [CChar], _ system: System) throws(CameraError) -> CaptureDevice {
    // Closures don't hand typed errors through.
    let result: Result<CaptureDevice, CameraError> = path.withUnsafeBufferPointer { path in
      do throws(CameraError) { return .success(try CaptureDevice(path.baseAddress!, system)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  deinit {
    if isStreaming {
      var type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
      do throws(SystemError) { try system.control(descriptor, OCELLUS_VIDIOC_STREAMOFF, of: &type) } catch {}
    }
    // Buffers outlive their stream, and mapped ones even the descriptor: all must go before the device is opened again.
    for buffer in buffers { system.unmap(buffer) }
    system.close(descriptor)
  }

  /// What the device lists.
  func formats() -> [DeviceFormat] { FormatLister(system: system, descriptor: descriptor).formats() }

  private func call<Value>(
    _ request: ocellus_v4l2_request, _ value: inout Value, _ step: CameraError.Step
  ) throws(CameraError) {
    do throws(SystemError) { try system.control(descriptor, request, of: &value) } catch {
      throw CameraError(error, during: step)
    }
  }

  /// Settles what is sent and starts the stream.
  func start(_ request: CameraRequest) throws(CameraError) {
    try negotiate(request)
    try startStream()
  }

  // MARK: - Format

  /// Settles the format, size, rate and exposure.
  private func negotiate(_ request: CameraRequest) throws(CameraError) {
    guard identity.kind == .camera else { throw .unusable(identity.kind) }
    let formats = formats()
    guard let choice = FormatChoice.choose(formats, request) else {
      throw DeviceFormat.areRaw(formats) ? .unusable(.sensor) : request.width != nil ? .size : .format
    }
    try setFormat(choice, request)
    try setInterval(choice.interval, request)
    try setExposure(request.exposure)
  }

  private func setFormat(_ choice: FormatChoice, _ request: CameraRequest) throws(CameraError) {
    var value = ocellus_v4l2_format()
    value.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    value.fmt.pix.width = UInt32(choice.width)
    value.fmt.pix.height = UInt32(choice.height)
    value.fmt.pix.pixelformat = choice.format.code
    value.fmt.pix.field = OCELLUS_V4L2_FIELD_NONE
    value.fmt.pix.priv = StreamFormat.extensionMark
    try call(OCELLUS_VIDIOC_S_FMT, &value, .format)
    // The driver has the last word, and need not say that it has changed anything.
    var settled = StreamFormat(value.fmt.pix)
    let sizes = 1...65535
    guard sizes.contains(settled.width), sizes.contains(settled.height) else { throw .size }
    settled.complete()
    if let width = request.width, width != settled.width { throw .size }
    if let height = request.height, height != settled.height { throw .size }
    if let pinned = request.format, pinned != settled.format { throw .format }
    guard settled.isReadable else { throw settled.format.isBayer ? .unusable(.sensor) : .format }
    guard let leastBytes = settled.leastBytes else { throw .size }
    format = settled
    self.leastBytes = leastBytes
  }

  /// Asks for a rate and takes what comes, if it was not pinned: not every driver has one to set.
  private func setInterval(_ wanted: FrameInterval, _ request: CameraRequest) throws(CameraError) {
    var value = ocellus_v4l2_streamparm()
    value.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    interval = wanted
    do throws(CameraError) {
      try call(OCELLUS_VIDIOC_G_PARM, &value, .format)
      if wanted.isValid && value.parm.capture.capability & OCELLUS_V4L2_CAP_TIMEPERFRAME != 0 {
        value.parm.capture.timeperframe.numerator = wanted.numerator
        value.parm.capture.timeperframe.denominator = wanted.denominator
        try call(OCELLUS_VIDIOC_S_PARM, &value, .format)
      }
      interval = FrameInterval(value.parm.capture.timeperframe)
    } catch { if request.millihertz != nil { throw .rate } }
    // 29.97 frames a second pass for 30.
    if let pinned = request.millihertz, abs(interval.millihertz - pinned) > pinned / 100 { throw .rate }
  }

  private func setExposure(_ exposure: CameraRequest.Exposure) throws(CameraError) {
    switch exposure {
    case .unchanged: return
    case .automatic, .steady:
      // Cameras know one of the two kinds of automatic exposure.
      if !set(OCELLUS_V4L2_CID_EXPOSURE_AUTO, Int32(OCELLUS_V4L2_EXPOSURE_APERTURE_PRIORITY))
        && !set(OCELLUS_V4L2_CID_EXPOSURE_AUTO, Int32(OCELLUS_V4L2_EXPOSURE_AUTO))
      {
        throw .setting
      }
      let mayBeLong: Int32 = exposure == .automatic ? 1 : 0
      if !set(OCELLUS_V4L2_CID_EXPOSURE_AUTO_PRIORITY, mayBeLong) && exposure == .steady { throw .setting }
    case .manual(let microseconds):
      guard set(OCELLUS_V4L2_CID_EXPOSURE_AUTO, Int32(OCELLUS_V4L2_EXPOSURE_MANUAL)),
        // In units of 100 microseconds.
        set(OCELLUS_V4L2_CID_EXPOSURE_ABSOLUTE, Int32(clamping: max(microseconds / 100, 1)))
      else { throw .setting }
    }
  }

  private func set(_ control: UInt32, _ value: Int32) -> Bool {
    var value = ocellus_v4l2_control(id: control, value: value)
    do throws(SystemError) {
      try system.control(descriptor, OCELLUS_VIDIOC_S_CTRL, of: &value)
      return true
    } catch { return false }
  }

  // MARK: - Buffers

  /// Maps buffers, gives them to the driver and starts the stream.
  private func startStream() throws(CameraError) {
    var event = ocellus_v4l2_event_subscription()
    event.type = OCELLUS_V4L2_EVENT_SOURCE_CHANGE
    // Most cameras know no such event.
    do throws(SystemError) {
      try system.control(descriptor, OCELLUS_VIDIOC_SUBSCRIBE_EVENT, of: &event)
    } catch {}

    var wanted = ocellus_v4l2_requestbuffers()
    wanted.count = UInt32(Self.buffersWanted)
    wanted.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    wanted.memory = OCELLUS_V4L2_MEMORY_MMAP
    try call(OCELLUS_VIDIOC_REQBUFS, &wanted, .buffers)
    // With fewer than three the driver would have none while one is looked at and another waits.
    guard wanted.count >= 3 else {
      throw .system(.noMemory, during: .buffers)
    }
    for index in 0..<min(Int(clamping: wanted.count), Self.mostBuffers) {
      var buffer = description(of: index)
      try call(OCELLUS_VIDIOC_QUERYBUF, &buffer, .buffers)
      do throws(SystemError) {
        buffers.append(
          try system.map(descriptor, offset: Int64(buffer.m.offset), count: Int(clamping: buffer.length)))
      } catch { throw CameraError(error, during: .map) }
    }
    for index in 0..<buffers.count { try giveBack(index) }
    var type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    try call(OCELLUS_VIDIOC_STREAMON, &type, .stream)
    isStreaming = true
  }

  private func description(of index: Int) -> ocellus_v4l2_buffer {
    var buffer = ocellus_v4l2_buffer()
    buffer.index = UInt32(index)
    buffer.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    buffer.memory = OCELLUS_V4L2_MEMORY_MMAP
    return buffer
  }

  /// A buffer that was dequeued.
  struct Filled {
    var index: Int
    var bytesUsed: Int
    var isFlagged: Bool
    var sequence: UInt32
    /// The driver's time stamp in microseconds, if it is the monotonic clock's.
    var microseconds: Int64?
  }

  /// What dequeuing came to.
  enum Dequeued {
    case filled(Filled)
    /// There is no filled buffer yet.
    case none
    /// A transfer failed; the buffer is lost or in the driver's queue again.
    case transferFailed
    /// The driver names a buffer that is not its own.
    case wrongBuffer
  }

  /// Takes the oldest filled buffer.
  func dequeue() throws(CameraError) -> Dequeued {
    var buffer = description(of: 0)
    do throws(SystemError) { try system.control(descriptor, OCELLUS_VIDIOC_DQBUF, of: &buffer) } catch {
      if error == .tryAgain { return .none }
      if error == .inputOutput { return .transferFailed }
      throw CameraError(error, during: .dequeue)
    }
    let index = Int(clamping: buffer.index)
    guard index < buffers.count, driverOwned >> UInt32(index) & 1 == 1 else { return .wrongBuffer }
    driverOwned &= ~(1 << UInt32(index))
    let clock = buffer.flags & OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MASK
    let isMonotonic = clock == OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC
    return .filled(
      Filled(
        index: index, bytesUsed: min(Int(clamping: buffer.bytesused), buffers[index].count),
        isFlagged: buffer.flags & OCELLUS_V4L2_BUF_FLAG_ERROR != 0, sequence: buffer.sequence,
        microseconds: isMonotonic ? Int64(buffer.seconds) * 1_000_000 + Int64(buffer.microseconds) : nil))
  }

  /// A dequeued buffer's bytes.
  func bytes(_ filled: Filled) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: buffers[filled.index].baseAddress, count: filled.bytesUsed)
  }

  /// Gives a buffer to the driver.
  func giveBack(_ index: Int) throws(CameraError) {
    var buffer = description(of: index)
    try call(OCELLUS_VIDIOC_QBUF, &buffer, .queue)
    driverOwned |= 1 << UInt32(index)
  }

  /// After a failed transfer: gives the driver those buffers again that it has dropped from its queues.
  func recoverBuffers() throws(CameraError) {
    let queuedOrDone: UInt32 = 0x2 | 0x4
    for index in 0..<buffers.count where driverOwned >> UInt32(index) & 1 == 1 {
      var buffer = description(of: index)
      try call(OCELLUS_VIDIOC_QUERYBUF, &buffer, .buffers)
      if buffer.flags & queuedOrDone == 0 { try giveBack(index) }
    }
  }

  /// Takes all events; whether the picture's source has changed.
  func takeEvents() -> Bool {
    var hasChanged = false
    // A driver does not hold many.
    for _ in 0..<64 {
      var event = ocellus_v4l2_event()
      do throws(SystemError) { try system.control(descriptor, OCELLUS_VIDIOC_DQEVENT, of: &event) } catch {
        break
      }
      if event.type == OCELLUS_V4L2_EVENT_SOURCE_CHANGE { hasChanged = true }
    }
    return hasChanged
  }
}
