import CV4L

/// What a video node of the kernel's is, as far as frames can be had from it.
public enum DeviceKind: Equatable, Sendable {
  /// Frames can be read from it.
  case camera
  /// It takes frames instead of giving them.
  case output
  /// It turns frames into others: a codec, scaler or image processor.
  case codec
  /// It gives what is known about frames, beside a camera.
  case metadata
  /// A sensor's raw data, or a node that only its media controller can set up: Raspberry Pi's CSI cameras.
  case sensor
  /// A node of an image signal processor.
  case imageProcessor
  /// It has frames in several memory planes only, as some systems' camera interfaces.
  case multiplanar
  /// It has no frames that can be streamed through mapped buffers.
  case other

  /// - Parameters:
  ///   - driver: The driver's name, ended by a zero.
  ///   - capabilities: Those of the node itself.
  init(driver: InlineArray<17, UInt8>, capabilities: UInt32) {
    func has(_ flag: UInt32) -> Bool { capabilities & flag != 0 }
    func isDriver(_ name: StaticString) -> Bool {
      for index in 0..<name.utf8CodeUnitCount where driver[index] != name.utf8Start[index] { return false }
      return true
    }
    if isDriver("pispbe") || isDriver("bcm2835-isp") || isDriver("rkisp") || isDriver("rockchip-isp") {
      self = .imageProcessor
    } else if has(OCELLUS_V4L2_CAP_META_CAPTURE) || has(OCELLUS_V4L2_CAP_META_OUTPUT) {
      self = .metadata
    } else if isDriver("unicam") || isDriver("rp1-cfe") {
      self = .sensor
    } else if isDriver("v4l2 loopback") && has(OCELLUS_V4L2_CAP_VIDEO_CAPTURE)
      && has(OCELLUS_V4L2_CAP_STREAMING)
    {
      // It gives the frames that another program, such as one of libcamera's, writes to it.
      self = .camera
    } else if has(OCELLUS_V4L2_CAP_VIDEO_M2M) || has(OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE)
      || has(OCELLUS_V4L2_CAP_VIDEO_CAPTURE) && has(OCELLUS_V4L2_CAP_VIDEO_OUTPUT)
    {
      self = .codec
    } else if has(OCELLUS_V4L2_CAP_VIDEO_CAPTURE) && has(OCELLUS_V4L2_CAP_STREAMING) {
      self = has(OCELLUS_V4L2_CAP_IO_MC) ? .sensor : .camera
    } else if has(OCELLUS_V4L2_CAP_VIDEO_OUTPUT) || has(OCELLUS_V4L2_CAP_VIDEO_OUTPUT_MPLANE) {
      self = .output
    } else if has(OCELLUS_V4L2_CAP_VIDEO_CAPTURE_MPLANE) {
      self = has(OCELLUS_V4L2_CAP_IO_MC) ? .sensor : .multiplanar
    } else {
      self = .other
    }
  }

  /// Its name.
  public var name: StaticString {
    switch self {
    case .camera: "camera"
    case .output: "output"
    case .codec: "codec"
    case .metadata: "metadata"
    case .sensor: "sensor"
    case .imageProcessor: "isp"
    case .multiplanar: "multiplanar"
    case .other: "other"
    }
  }

  /// In words, with what to do about it where it is no camera.
  public var text: StaticString {
    switch self {
    case .camera: "a camera"
    case .output: "an output: it takes frames and gives none"
    case .codec: "a codec or scaler: it turns frames into others and sees nothing"
    case .metadata: "a camera's metadata: the frames come from the node beside it"
    case .sensor:
      """
      a CSI camera's raw sensor data, from which only libcamera makes pictures: use \
      rpicam-vid -t 0 --codec mjpeg --width 640 --height 480 -o - | ocellus classify --model M -
      """
    case .imageProcessor:
      """
      a node of the image processor, which works for CSI cameras: use \
      rpicam-vid -t 0 --codec mjpeg --width 640 --height 480 -o - | ocellus classify --model M -
      """
    case .multiplanar:
      "a capture interface with frames in several planes, which is not supported: use libcamera's cam or GStreamer, piped into classify -"
    case .other: "no camera: it has no frames that can be streamed"
    }
  }
}

/// What a device says of itself: enough to know it again under another number.
public struct DeviceIdentity: Sendable {
  /// Each ended by a zero: the driver's name, the camera's, and the place where it is plugged in.
  public private(set) var driver = InlineArray<17, UInt8>(repeating: 0)
  public private(set) var card = InlineArray<33, UInt8>(repeating: 0)
  public private(set) var bus = InlineArray<33, UInt8>(repeating: 0)
  public let kind: DeviceKind

  init(_ capability: ocellus_v4l2_capability) {
    var (driver, card, bus) = (self.driver, self.card, self.bus)
    withUnsafeBytes(of: capability) { bytes in
      // The structure's first three members, of 16, 32 and 32 bytes, which drivers should end by a zero.
      for index in 0..<16 { driver[index] = bytes[index] }
      for index in 0..<32 {
        card[index] = bytes[16 + index]
        bus[index] = bytes[48 + index]
      }
    }
    (self.driver, self.card, self.bus) = (driver, card, bus)
    let hasOwn = capability.capabilities & OCELLUS_V4L2_CAP_DEVICE_CAPS != 0
    kind = DeviceKind(
      driver: driver, capabilities: hasOwn ? capability.device_caps : capability.capabilities)
  }

  /// Whether this is the same camera in the same place.
  public func isSame(_ other: DeviceIdentity) -> Bool {
    if kind != other.kind { return false }
    for index in 0..<17 where driver[index] != other.driver[index] { return false }
    for index in 0..<33 where card[index] != other.card[index] || bus[index] != other.bus[index] {
      return false
    }
    return true
  }

  /// Whether text is the bus or the name that the device gives.
  public func isNamed(_ text: UnsafePointer<CChar>) -> Bool {
    func isText(_ name: InlineArray<33, UInt8>) -> Bool {
      var index = 0
      while text[index] != 0 && index < 32 {
        if UInt8(bitPattern: text[index]) != name[index] { return false }
        index += 1
      }
      return index > 0 && text[index] == 0 && name[index] == 0
    }
    return isText(card) || isText(bus)
  }
}
