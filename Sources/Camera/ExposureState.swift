import CV4L
import Platform

/// What a camera's controls say of its exposure.
struct ExposureState {
  /// The camera sets it by itself; nil where it does not say.
  let isAutomatic: Bool?
  /// It may be longer than the time between frames, which then come less often.
  let mayDelayFrames: Bool
  /// The camera can be told that it may not.
  let canBeSteady: Bool
  /// How long it is now; nil where the camera does not say.
  let microseconds: Int64?

  /// Reads the controls, as any program may while another one streams.
  init(_ device: CaptureDevice<some CameraSystem>) {
    let mode = device.value(of: OCELLUS_V4L2_CID_EXPOSURE_AUTO)
    isAutomatic = mode.map {
      $0 == Int32(OCELLUS_V4L2_EXPOSURE_AUTO) || $0 == Int32(OCELLUS_V4L2_EXPOSURE_APERTURE_PRIORITY)
    }
    let priority = device.value(of: OCELLUS_V4L2_CID_EXPOSURE_AUTO_PRIORITY)
    mayDelayFrames = isAutomatic != false && priority == 1
    canBeSteady = isAutomatic != nil && priority != nil
    // In units of 100 microseconds.
    let units = device.value(of: OCELLUS_V4L2_CID_EXPOSURE_ABSOLUTE)
    microseconds = units.flatMap { $0 > 0 ? Int64($0) * 100 : nil }
  }
}

extension CaptureDevice {
  /// A control's value; nil where there is no such control, or none that is in use.
  fileprivate func value(of control: UInt32) -> Int32? {
    do throws(SystemError) {
      var query = ocellus_v4l2_queryctrl()
      query.id = control
      try system.control(descriptor, OCELLUS_VIDIOC_QUERYCTRL, of: &query)
      // Controls that are inactive just now are read: automatic exposure makes its time inactive, and sets it.
      if query.flags & OCELLUS_V4L2_CTRL_FLAG_DISABLED != 0 { return nil }
      var value = ocellus_v4l2_control(id: control, value: 0)
      try system.control(descriptor, OCELLUS_VIDIOC_G_CTRL, of: &value)
      return value.value
    } catch { return nil }
  }

  /// Whether another program has buffers of this device, and so streams or is about to.
  ///
  /// videobuf2 lets anyone ask after a queue's buffers, and this program has none. uvcvideo has long refused that to all
  /// but the program that streams, streaming or not, so that an error means nothing.
  var hasBuffersOfOthers: Bool {
    var buffer = ocellus_v4l2_buffer()
    buffer.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    buffer.memory = OCELLUS_V4L2_MEMORY_MMAP
    do throws(SystemError) {
      try system.control(descriptor, OCELLUS_VIDIOC_QUERYBUF, of: &buffer)
      return true
    } catch { return false }
  }
}
