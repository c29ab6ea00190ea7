import CV4L
import Camera
import Foundation
import Platform

extension ScriptedSystem {
  public func control(
    _ descriptor: Int32, _ request: ocellus_v4l2_request, _ argument: UnsafeMutableRawPointer
  ) throws(SystemError) {
    let result: SystemError? = lock.withLock {
      guard var handle = handles[descriptor] else {
        violations.append("a request on a closed descriptor")
        return SystemError(code: 9)
      }
      guard handle.isAlive else { return .noDevice }
      for error in devices[handle.device].errors where error.request == request.rawValue {
        return SystemError(code: error.code)
      }
      // Taken out while it is changed, so that its arrays are not copied.
      handles[descriptor] = nil
      defer { handles[descriptor] = handle }
      return answer(&handle, request, argument)
    }
    if let result { throw result }
  }

  private func answer(
    _ handle: inout Handle, _ request: ocellus_v4l2_request, _ argument: UnsafeMutableRawPointer
  ) -> SystemError? {
    func with<Value>(_ type: Value.Type, _ body: (inout Value) -> SystemError?) -> SystemError? {
      body(&argument.assumingMemoryBound(to: type).pointee)
    }
    let device = devices[handle.device]
    switch request {
    case OCELLUS_VIDIOC_QUERYCAP:
      return with(ocellus_v4l2_capability.self) { value in
        value = ocellus_v4l2_capability()
        copy(device.driver, &value.driver)
        copy(device.card, &value.card)
        copy(device.bus, &value.bus_info)
        value.device_caps = device.capabilities
        // As the kernel does it: those of all of the camera's nodes.
        value.capabilities =
          device.capabilities | OCELLUS_V4L2_CAP_META_CAPTURE | OCELLUS_V4L2_CAP_DEVICE_CAPS
        return nil
      }
    case OCELLUS_VIDIOC_ENUM_FMT:
      return with(ocellus_v4l2_fmtdesc.self) { value in
        guard Int(value.index) < device.formats.count else { return .invalidArgument }
        value.pixelformat = device.formats[Int(value.index)].format.code
        copy(device.formats[Int(value.index)].description, &value.description)
        return nil
      }
    case OCELLUS_VIDIOC_ENUM_FRAMESIZES:
      return with(ocellus_v4l2_frmsizeenum.self) { listSize(device, &$0) }
    case OCELLUS_VIDIOC_ENUM_FRAMEINTERVALS:
      return with(ocellus_v4l2_frmivalenum.self) { listInterval(device, &$0) }
    case OCELLUS_VIDIOC_S_FMT:
      return with(ocellus_v4l2_format.self) { value in
        if !handle.buffers.isEmpty || buffersOfOthers(handle) != nil { return .busy }
        value.fmt.pix = settle(device, value.fmt.pix)
        handle.format = value.fmt.pix
        return nil
      }
    case OCELLUS_VIDIOC_G_PARM, OCELLUS_VIDIOC_S_PARM:
      return with(ocellus_v4l2_streamparm.self) { value in
        if request == OCELLUS_VIDIOC_S_PARM { handle.interval = value.parm.capture.timeperframe }
        if let forced = device.forcedInterval {
          handle.interval = ocellus_v4l2_fract(numerator: forced.numerator, denominator: forced.denominator)
        }
        value.parm.capture.capability = OCELLUS_V4L2_CAP_TIMEPERFRAME
        value.parm.capture.timeperframe = handle.interval
        return nil
      }
    case OCELLUS_VIDIOC_REQBUFS:
      return with(ocellus_v4l2_requestbuffers.self) { requestBuffers(&handle, device, &$0) }
    case OCELLUS_VIDIOC_QUERYBUF: return with(ocellus_v4l2_buffer.self) { queryBuffer(handle, &$0) }
    case OCELLUS_VIDIOC_QBUF: return with(ocellus_v4l2_buffer.self) { queue(&handle, &$0) }
    case OCELLUS_VIDIOC_DQBUF: return with(ocellus_v4l2_buffer.self) { dequeue(&handle, &$0) }
    case OCELLUS_VIDIOC_STREAMON:
      if devices[handle.device].startErrors > 0 {
        devices[handle.device].startErrors -= 1
        return .invalidArgument
      }
      handle.isStreaming = true
      handle.nextFrame = now + 10_000
      return nil
    case OCELLUS_VIDIOC_STREAMOFF:
      handle.isStreaming = false
      handle.queued.removeAll(keepingCapacity: true)
      handle.done.removeAll(keepingCapacity: true)
      return nil
    case OCELLUS_VIDIOC_SUBSCRIBE_EVENT: return nil
    case OCELLUS_VIDIOC_DQEVENT:
      return with(ocellus_v4l2_event.self) { value in
        guard handle.hasEvent else { return .noEntry }
        handle.hasEvent = false
        value.type = OCELLUS_V4L2_EVENT_SOURCE_CHANGE
        return nil
      }
    case OCELLUS_VIDIOC_QUERYCTRL:
      return with(ocellus_v4l2_queryctrl.self) { value in
        guard let control = device.controls.first(where: { $0.id == value.id }) else {
          return .invalidArgument
        }
        value.flags = control.flags
        return nil
      }
    case OCELLUS_VIDIOC_G_CTRL, OCELLUS_VIDIOC_S_CTRL:
      return with(ocellus_v4l2_control.self) { value in
        guard let index = device.controls.firstIndex(where: { $0.id == value.id }) else {
          return .invalidArgument
        }
        if request == OCELLUS_VIDIOC_S_CTRL { devices[handle.device].controls[index].value = value.value }
        value.value = devices[handle.device].controls[index].value
        return nil
      }
    default: return .wrongRequest
    }
  }

  private func copy<Target>(_ text: String, _ target: inout Target) {
    withUnsafeMutableBytes(of: &target) { bytes in
      for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
    }
  }

  private func listSize(_ device: ScriptedDevice, _ value: inout ocellus_v4l2_frmsizeenum) -> SystemError? {
    let code = value.pixel_format
    guard device.listsSizes, let format = device.formats.first(where: { $0.format.code == code }) else {
      return .wrongRequest
    }
    let index = Int(value.index)
    if let step = format.step {
      guard index == 0, let first = format.sizes.first, let last = format.sizes.last else {
        return .invalidArgument
      }
      value.type = 3
      value.min_width = UInt32(first.width)
      value.max_width_or_height = UInt32(last.width)
      value.step_width = UInt32(step)
      value.min_height = UInt32(first.height)
      value.max_height = UInt32(last.height)
      value.step_height = UInt32(step)
      return nil
    }
    guard index < format.sizes.count else { return .invalidArgument }
    value.type = OCELLUS_V4L2_FRMSIZE_TYPE_DISCRETE
    value.min_width = UInt32(format.sizes[index].width)
    value.max_width_or_height = UInt32(format.sizes[index].height)
    return nil
  }

  private func listInterval(_ device: ScriptedDevice, _ value: inout ocellus_v4l2_frmivalenum) -> SystemError?
  {
    let code = value.pixel_format
    guard device.listsSizes, value.index == 0,
      let format = device.formats.first(where: { $0.format.code == code }),
      let size = format.sizes.first(where: { $0.width == Int(value.width) && $0.height == Int(value.height) })
    else { return .invalidArgument }
    value.type = OCELLUS_V4L2_FRMIVAL_TYPE_DISCRETE
    value.interval.0.numerator = size.shortestInterval.numerator
    value.interval.0.denominator = size.shortestInterval.denominator
    return nil
  }

  /// What the driver makes of a wish: the format or its first one, the nearest size.
  private func settle(_ device: ScriptedDevice, _ wish: ocellus_v4l2_pix_format) -> ocellus_v4l2_pix_format {
    var result = wish
    let format = device.formats.first { $0.format.code == wish.pixelformat } ?? device.formats[0]
    result.pixelformat = format.format.code
    if format.step == nil, !format.sizes.isEmpty,
      !format.sizes.contains(where: { $0.width == Int(wish.width) && $0.height == Int(wish.height) })
    {
      let area = { (size: FrameSize) in abs(size.width * size.height - Int(wish.width * wish.height)) }
      let nearest = format.sizes.min { area($0) < area($1) }!
      (result.width, result.height) = (UInt32(nearest.width), UInt32(nearest.height))
    }
    if let forced = device.forcedFormat {
      result.pixelformat = forced.format.code
      (result.width, result.height) = (UInt32(forced.width), UInt32(forced.height))
    }
    let (width, height, padding) = (result.width, result.height, UInt32(device.linePadding))
    switch FourCC(code: result.pixelformat) {
    case .yuyv, .uyvy:
      result.bytesperline = width * 2 + padding
      result.sizeimage = result.bytesperline * height
    case .rgb24, .bgr24:
      result.bytesperline = width * 3 + padding
      result.sizeimage = result.bytesperline * height
    case .nv12, .nv21, .yu12, .yv12:
      result.bytesperline = width + padding
      result.sizeimage = result.bytesperline * (height + (height + 1) / 2)
    case .grey:
      result.bytesperline = width + padding
      result.sizeimage = result.bytesperline * height
    default:
      result.bytesperline = 0
      result.sizeimage = width * height * 2
    }
    return result
  }

  // MARK: - Buffers

  private func requestBuffers(
    _ handle: inout Handle, _ device: ScriptedDevice, _ value: inout ocellus_v4l2_requestbuffers
  ) -> SystemError? {
    if mappedCount > 0 && !handle.buffers.isEmpty || buffersOfOthers(handle) != nil { return .busy }
    value.count = min(value.count, UInt32(device.mostBuffers))
    for buffer in handle.buffers { buffer.memory.deallocate() }
    handle.buffers.removeAll(keepingCapacity: true)
    for _ in 0..<Int(value.count) {
      handle.buffers.append(
        Buffer(memory: .allocate(byteCount: Int(handle.format.sizeimage) + 4096, alignment: 4096)))
    }
    return nil
  }

  /// The buffers that another program has of a descriptor's device: only one may have any.
  private func buffersOfOthers(_ handle: Handle) -> Handle? {
    // The descriptor's own handle is not in the table while it is answered.
    handles.values.first { $0.device == handle.device && $0.isAlive && !$0.buffers.isEmpty }
  }

  /// Anyone may ask after a device's buffers, as with the kernel's videobuf2.
  private func queryBuffer(_ own: Handle, _ value: inout ocellus_v4l2_buffer) -> SystemError? {
    let handle = buffersOfOthers(own) ?? own
    let index = Int(value.index)
    guard index < handle.buffers.count else { return .invalidArgument }
    value.length = UInt32(handle.buffers[index].memory.count)
    value.m.offset = UInt32(index * 4096)
    value.flags = handle.queued.contains(index) ? 2 : handle.done.contains(index) ? 4 : 0
    return nil
  }

  private func queue(_ handle: inout Handle, _ value: inout ocellus_v4l2_buffer) -> SystemError? {
    let index = Int(value.index)
    guard index < handle.buffers.count, !handle.queued.contains(index), !handle.done.contains(index) else {
      violations.append("gave buffer \(index) back that the driver has")
      return .invalidArgument
    }
    if handle.refusesQueue {
      handle.refusesQueue = false
      return .wrongRequest
    }
    handle.queued.append(index)
    return nil
  }

  private func dequeue(_ handle: inout Handle, _ value: inout ocellus_v4l2_buffer) -> SystemError? {
    guard handle.isStreaming else { return .invalidArgument }
    if handle.hasError || handle.transferErrors > 0 {
      handle.transferErrors = max(handle.transferErrors - 1, 0)
      return .inputOutput
    }
    if handle.falseAlarms > 0 {
      handle.falseAlarms -= 1
      return .tryAgain
    }
    guard !handle.done.isEmpty else { return .tryAgain }
    let index = handle.done.removeFirst()
    let buffer = handle.buffers[index]
    value.index = buffer.shownIndex ?? UInt32(index)
    value.bytesused = UInt32(buffer.bytesUsed)
    value.flags = buffer.flags
    value.sequence = buffer.sequence
    value.seconds = Int(buffer.stamp / 1_000_000)
    value.microseconds = Int(buffer.stamp % 1_000_000)
    value.length = UInt32(buffer.memory.count)
    return nil
  }
}
