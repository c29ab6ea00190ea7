import CV4L
import Camera
import ScriptedCamera
import Testing

@Suite struct NegotiationTests {
  static let webcam = ScriptedDevice(formats: [
    .init(
      .yuyv, [.size(640, 480), .size(160, 120), .size(320, 240), .size(1280, 720, rate: 10), .size(352, 288)]),
    .init(.mjpeg, [.size(640, 480), .size(1280, 720), .size(1920, 1080), .size(320, 240)]),
  ])

  func opened(_ device: ScriptedDevice, _ change: (inout CameraRequest) -> Void = { _ in }) throws
    -> StreamFormat
  {
    var request = CameraRequest(leastWidth: 256, leastHeight: 256, wantsColors: true)
    change(&request)
    return try CameraStream("/dev/video0", request, system: ScriptedSystem([device])).format
  }

  func error(_ device: ScriptedDevice, _ change: (inout CameraRequest) -> Void = { _ in }) -> CameraError? {
    do { _ = try opened(device, change) } catch { return error as? CameraError }
    return nil
  }

  @Test func smallestSizeThatCovers() throws {
    let format = try opened(Self.webcam)
    #expect(format.format == .yuyv && format.width == 352 && format.height == 288)
    let large = try opened(Self.webcam) { ($0.leastWidth, $0.leastHeight) = (512, 480) }
    #expect(large.format == .yuyv && large.width == 640 && large.height == 480)
    // YUYV would be too slow there.
    let larger = try opened(Self.webcam) { ($0.leastWidth, $0.leastHeight) = (700, 700) }
    #expect(larger.format == .mjpeg && larger.width == 1280 && larger.height == 720)
    // Nothing covers: the largest.
    let largest = try opened(Self.webcam) { ($0.leastWidth, $0.leastHeight) = (4000, 4000) }
    #expect(largest.format == .mjpeg && largest.width == 1920)
  }

  @Test func pinned() throws {
    let format = try opened(Self.webcam) { $0.format = .mjpeg }
    #expect(format.format == .mjpeg && format.width == 640)
    let size = try opened(Self.webcam) { ($0.width, $0.height) = (1280, 720) }
    #expect(size.width == 1280 && size.height == 720 && size.format == .mjpeg)
    let slow = try opened(Self.webcam) { ($0.width, $0.height, $0.millihertz) = (1280, 720, 10_000) }
    #expect(slow.format == .yuyv)
    #expect(error(Self.webcam) { $0.format = .nv12 } == .format)
    #expect(error(Self.webcam) { ($0.width, $0.height) = (123, 45) } == .size)
  }

  /// A rate that is pinned is had, or refused.
  @Test func pinnedRate() throws {
    let fast = try opened(Self.webcam) { ($0.width, $0.height, $0.millihertz) = (1280, 720, 30_000) }
    #expect(fast.format == .mjpeg)
    #expect(error(Self.webcam) { $0.millihertz = 60_000 } == .rate)
    var device = Self.webcam
    device.forcedInterval = FrameInterval(numerator: 1001, denominator: 30_000)
    #expect(error(device) { $0.millihertz = 30_000 } == nil)
    #expect(error(device) { $0.millihertz = 25_000 } == .rate)
    #expect(error(device) == nil)
    device.forcedInterval = FrameInterval(numerator: 0, denominator: 0)
    #expect(error(device) { $0.millihertz = 30_000 } == .rate)
    #expect(error(device) == nil)
    device.errors = [.init(OCELLUS_VIDIOC_G_PARM, 25)]
    #expect(error(device) { $0.millihertz = 30_000 } == .rate)
    #expect(error(device) == nil)
  }

  @Test func steps() throws {
    let device = ScriptedDevice(formats: [.init(.nv12, [.size(32, 32), .size(4096, 4096)], step: 16)])
    let format = try opened(device) { ($0.leastWidth, $0.leastHeight) = (250, 257) }
    #expect(format.width == 256 && format.height == 272)
  }

  @Test func driversThatListNothing() throws {
    var device = Self.webcam
    device.listsSizes = false
    let format = try opened(device)
    #expect(format.width == 640 && format.height == 480)
  }

  /// The driver gives another format than it was asked for, without saying so.
  @Test func silentlyOtherFormats() throws {
    var device = Self.webcam
    device.forcedFormat = (.mjpeg, 800, 600)
    let format = try opened(device)
    #expect(format.format == .mjpeg && format.width == 800)
    #expect(error(device) { $0.format = .yuyv } == .format)
    #expect(error(device) { ($0.width, $0.height) = (640, 480) } == .size)
    device.forcedFormat = (FourCC("BG10")!, 800, 600)
    #expect(error(device) == .unusable(.sensor))
    device.forcedFormat = (FourCC("H264")!, 800, 600)
    #expect(error(device) == .format)
    device.forcedFormat = (.yuyv, 0, 600)
    #expect(error(device) == .size)
    // More than libv4lconvert can make RGB24 of.
    device.forcedFormat = (FourCC("YVYU")!, 40_000, 20_000)
    #expect(error(device) == .size)
  }

  @Test func linesWithPadding() throws {
    var device = Self.webcam
    device.linePadding = 64
    let format = try opened(device)
    #expect(format.bytesPerLine == 352 * 2 + 64)
    let frameFormat = try #require(format.frameFormat)
    #expect(try frameFormat.byteCount() == (352 * 2 + 64) * 287 + 352 * 2)
  }

  @Test func graySuffices() throws {
    let device = ScriptedDevice(formats: [.init(.yuyv, [.size(640, 480)]), .init(.grey, [.size(640, 480)])])
    #expect(try opened(device).format == .yuyv)
    #expect(try opened(device) { $0.wantsColors = false }.format == .grey)
    let only = ScriptedDevice(formats: [.init(.grey, [.size(640, 480)])])
    #expect(try opened(only).format == .grey)
  }

  @Test func nodesThatAreNoCameras() throws {
    func kind(_ change: (inout ScriptedDevice) -> Void) -> CameraError? {
      var device = Self.webcam
      change(&device)
      return error(device)
    }
    #expect(
      kind { $0.capabilities = OCELLUS_V4L2_CAP_META_CAPTURE | OCELLUS_V4L2_CAP_STREAMING }
        == .unusable(.metadata))
    #expect(
      kind { $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE | OCELLUS_V4L2_CAP_STREAMING }
        == .unusable(.codec))
    #expect(
      kind { $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_OUTPUT | OCELLUS_V4L2_CAP_STREAMING }
        == .unusable(.output))
    // What others write to it can be read from it, unlike from other nodes that can do both.
    let both = OCELLUS_V4L2_CAP_VIDEO_OUTPUT
    #expect(kind { $0.capabilities |= both } == .unusable(.codec))
    #expect(kind { ($0.driver, $0.capabilities) = ("v4l2 loopback", $0.capabilities | both) } == nil)
    #expect(kind { $0.driver = "unicam" } == .unusable(.sensor))
    #expect(kind { $0.driver = "rp1-cfe" } == .unusable(.sensor))
    #expect(kind { $0.driver = "pispbe" } == .unusable(.imageProcessor))
    #expect(kind { $0.capabilities |= OCELLUS_V4L2_CAP_IO_MC } == .unusable(.sensor))
    #expect(kind { $0.formats = [.init(FourCC("RG10")!, [.size(1920, 1080)])] } == .unusable(.sensor))
    #expect(kind { $0.formats = [.init(FourCC("H264")!, [.size(1920, 1080)])] } == .format)
    #expect(kind { $0.errors = [.init(OCELLUS_VIDIOC_QUERYCAP, 25)] } == .unusable(.other))
  }

  @Test func refusals() throws {
    func failure(_ change: (inout ScriptedDevice) -> Void) -> CameraError? {
      var device = Self.webcam
      change(&device)
      return error(device)
    }
    #expect(failure { $0.openError = 13 } == .permission)
    #expect(failure { $0.openError = 16 } == .busy)
    #expect(failure { $0.openError = 2 } == .gone)
    #expect(failure { $0.errors = [.init(OCELLUS_VIDIOC_S_FMT, 16)] } == .busy)
    #expect(failure { $0.errors = [.init(OCELLUS_VIDIOC_REQBUFS, 16)] } == .busy)
    #expect(failure { $0.mostBuffers = 2 } != nil)
    #expect(failure { $0.startErrors = 1 } == .system(.invalidArgument, during: .stream))
    #expect(failure { $0.errors = [.init(OCELLUS_VIDIOC_S_PARM, 22)] } == nil)
  }

  /// Nothing stays open after a refusal at any of the requests.
  @Test(arguments: [
    OCELLUS_VIDIOC_QUERYCAP, OCELLUS_VIDIOC_ENUM_FMT, OCELLUS_VIDIOC_S_FMT, OCELLUS_VIDIOC_REQBUFS,
    OCELLUS_VIDIOC_QUERYBUF, OCELLUS_VIDIOC_QBUF, OCELLUS_VIDIOC_STREAMON,
  ])
  func nothingStaysOpen(_ request: ocellus_v4l2_request) throws {
    var device = Self.webcam
    device.errors = [.init(request, 22)]
    let system = ScriptedSystem([device])
    #expect(throws: CameraError.self) { try CameraStream("/dev/video0", .small, system: system) }
    #expect(system.openCount == 0 && system.mappedCount == 0 && system.violations == [])
  }

  @Test func findsCamerasByName() throws {
    var metadata = Self.webcam
    metadata.number = 1
    metadata.capabilities = OCELLUS_V4L2_CAP_META_CAPTURE | OCELLUS_V4L2_CAP_STREAMING
    var codec = Self.webcam
    codec.capabilities = OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE
    var first = Self.webcam
    first.number = 10
    var second = Self.webcam
    (second.number, second.bus, second.card) = (9, "usb-2", "Other Camera")
    let system = ScriptedSystem([codec, metadata, first, second])
    system.links["/dev/v4l/by-id/usb-camera"] = "/dev/video10"
    func width(_ name: String?) throws -> Int { try CameraStream(name, .small, system: system).format.width }
    #expect(try width(nil) == 160)
    #expect(system.openings == 3)  // 0, 1 and 9
    for name in ["usb-2", "Other Camera", "Scripted Camera", "/dev/v4l/by-id/usb-camera"] {
      #expect(try width(name) == 160)
    }
    #expect(throws: CameraError.noCamera) { try width("usb-3") }
    #expect(throws: CameraError.gone) { try width("/dev/video7") }
  }

  /// Without a name, it is the first camera that can be used.
  @Test func firstUsableCamera() throws {
    var busy = Self.webcam
    busy.errors = [.init(OCELLUS_VIDIOC_REQBUFS, 16)]
    var other = ScriptedDevice(formats: [.init(FourCC("H264")!, [.size(640, 480)])])
    (other.number, other.bus) = (1, "usb-1")
    var locked = Self.webcam
    (locked.number, locked.openError) = (2, 13)
    var usable = Self.webcam
    (usable.number, usable.bus) = (3, "usb-3")
    let system = ScriptedSystem([busy, other, locked, usable])
    do {
      let stream = try CameraStream(String?.none, .small, system: system)
      #expect(stream.format.format == .yuyv)
      #expect(system.openCount == 1)
    }
    #expect(system.openCount == 0 && system.mappedCount == 0 && system.violations == [])
    // There is none: what is wrong with the first.
    func failure(_ devices: [ScriptedDevice]) -> CameraError? {
      do { _ = try CameraStream(String?.none, .small, system: ScriptedSystem(devices)) } catch {
        return error as? CameraError
      }
      return nil
    }
    #expect(failure([busy, other, locked]) == .busy)
    #expect(failure([other, locked]) == .format)
    #expect(failure([locked]) == .permission)
    #expect(failure([locked, busy]) == .busy)
    #expect(failure([]) == .noCamera)
  }
}
