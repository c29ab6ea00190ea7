import CV4L
import Camera
import Foundation
import Platform
import ScriptedCamera
import Testing

/// The cameras' doctor: each finding where it belongs, and nowhere else.
@Suite struct ReportTests {
  static let webcam = ScriptedDevice(formats: [
    .init(.yuyv, [.size(640, 480), .size(352, 288), .size(1280, 720, rate: 10)], description: "YUYV 4:2:2"),
    .init(.mjpeg, [.size(640, 480), .size(1280, 720)], description: "Motion-JPEG"),
  ])

  /// A camera, changed.
  static func webcam(_ change: (inout ScriptedDevice) -> Void) -> ScriptedDevice {
    var device = webcam
    change(&device)
    return device
  }

  /// What is found in the only device.
  func findings(_ change: (inout ScriptedDevice) -> Void = { _ in }) throws -> [CameraFinding] {
    let report = CameraReport(ScriptedSystem([Self.webcam(change)]))
    #expect(report.findings == [])
    return try #require(report.nodes.first).findings
  }

  @Test func aSoundCamera() throws {
    let system = ScriptedSystem([Self.webcam])
    system.folders["/dev/v4l/by-id"] = ["usb-other", "usb-webcam"]
    system.folders["/dev/v4l/by-path"] = ["platform-usb-0:1.3"]
    system.links["/dev/v4l/by-id/usb-other"] = "../../video1"
    system.links["/dev/v4l/by-id/usb-webcam"] = "../../video0"
    system.links["/dev/v4l/by-path/platform-usb-0:1.3"] = "../../video0"
    let report = CameraReport(system)
    let node = try #require(report.nodes.first)
    #expect(report.nodes.count == 1 && report.findings == [] && report.hasUsableCamera)
    #expect(text(node.path) == "/dev/video0" && node.kind == .camera && node.findings == [])
    #expect(text(node.driver) == "uvcvideo" && text(node.card) == "Scripted Camera")
    #expect(text(node.bus) == "usb-0000:01:00.0-1.3")
    #expect(node.names.map(text) == ["/dev/v4l/by-id/usb-webcam", "/dev/v4l/by-path/platform-usb-0:1.3"])
    #expect(node.formats.map(\.format) == [.yuyv, .mjpeg] && node.formats[0].sizes.count == 3)
    #expect(node.choice?.format == .yuyv && node.choice?.width == 352 && node.choice?.height == 288)
    #expect(node.connection == nil)
    #expect(system.openCount == 0 && system.violations == [])
  }

  /// Nodes are listed by number, whatever the order in the folder.
  @Test func nodesInOrder() {
    let devices = [10, 2, 0].map { number in Self.webcam { $0.number = number } }
    let report = CameraReport(ScriptedSystem(devices))
    #expect(report.nodes.map { text($0.path) } == ["/dev/video0", "/dev/video2", "/dev/video10"])
  }

  @Test func noCameraAtAll() {
    #expect(CameraReport(ScriptedSystem([])).findings == [.noCamera])
    let codec = Self.webcam { $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE }
    let report = CameraReport(ScriptedSystem([codec]))
    #expect(report.findings == [.noCamera] && !report.hasUsableCamera)
    // A camera that can't be used is one, and has findings of its own.
    let sensor = CameraReport(ScriptedSystem([Self.webcam { $0.driver = "unicam" }, codec]))
    #expect(sensor.findings == [] && !sensor.hasUsableCamera)
  }

  @Test func nodesThatAreNoCamerasAreNoFaults() throws {
    func node(_ change: (inout ScriptedDevice) -> Void) throws -> NodeReport {
      try #require(CameraReport(ScriptedSystem([Self.webcam(change)])).nodes.first)
    }
    let kinds: [(DeviceKind, (inout ScriptedDevice) -> Void)] = [
      (.codec, { $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE }),
      (.metadata, { $0.capabilities = OCELLUS_V4L2_CAP_META_CAPTURE }),
      (.output, { $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_OUTPUT }),
      (.imageProcessor, { $0.driver = "pispbe" }),
      (.other, { $0.errors = [.init(OCELLUS_VIDIOC_QUERYCAP, 25)] }),
    ]
    for (kind, change) in kinds {
      let node = try node(change)
      #expect(
        node.kind == kind && node.findings == [] && node.choice == nil && !node.isCamera && !node.isUsable)
    }
  }

  @Test func rawSensors() throws {
    #expect(try findings { $0.driver = "unicam" } == [.unusable(.sensor)])
    #expect(try findings { $0.driver = "rp1-cfe" } == [.unusable(.sensor)])
    #expect(try findings { $0.capabilities |= OCELLUS_V4L2_CAP_IO_MC } == [.unusable(.sensor)])
    #expect(try findings { $0.formats = [.init(FourCC("RG10")!, [.size(640, 480)])] } == [.unusable(.sensor)])
    #expect(
      try findings {
        $0.capabilities = OCELLUS_V4L2_CAP_VIDEO_CAPTURE_MPLANE | OCELLUS_V4L2_CAP_STREAMING
      } == [.unusable(.multiplanar)])
    #expect(words(.unusable(.sensor)).contains("rpicam-vid -t 0 --codec mjpeg"))
  }

  @Test func permission() throws {
    let system = ScriptedSystem([Self.webcam { $0.openError = 13 }])
    system.files["/sys/class/video4linux/video0/name"] = "USB Camera\n"
    let report = CameraReport(system)
    #expect(report.nodes[0].findings == [.permission] && !report.hasUsableCamera && report.findings == [])
    #expect(text(report.nodes[0].card) == "USB Camera" && report.nodes[0].kind == nil)
    #expect(words(.permission).contains("sudo usermod -aG video $USER"))
  }

  @Test func refused() throws {
    #expect(try findings { $0.openError = 19 } == [.refused(.gone)])
    #expect(
      try findings { $0.openError = 5 } == [.refused(.system(SystemError(code: 5), during: .open))])
    #expect(
      try findings { $0.errors = [.init(OCELLUS_VIDIOC_QUERYCAP, 5)] }
        == [.refused(.system(SystemError(code: 5), during: .query))])
    #expect(words(.refused(.gone)).contains("dmesg"))
    #expect(words(.refused(.system(SystemError(code: 5), during: .query))).contains("Input/output error"))
  }

  @Test func unreadableFormats() throws {
    let (h264, hevc) = (FourCC("H264")!, FourCC("HEVC")!)
    let both = try findings { $0.formats = [.init(h264, [.size(640, 480)]), .init(hevc, [.size(640, 480)])] }
    #expect(both == [.unreadable([h264, hevc])])
    #expect(words(both[0]).contains("it sends H264 and HEVC only"))
    #expect(words(both[0]).contains("-i /dev/video7"))
    // Beside others they are no matter.
    #expect(try findings { $0.formats.append(.init(h264, [.size(640, 480)])) } == [])
    #expect(try findings { $0.formats = [] } == [.noFormats])
  }

  @Test func exposure() throws {
    let mode = OCELLUS_V4L2_CID_EXPOSURE_AUTO
    let priority = OCELLUS_V4L2_CID_EXPOSURE_AUTO_PRIORITY
    let time = OCELLUS_V4L2_CID_EXPOSURE_ABSOLUTE
    func found(_ controls: ScriptedDevice.Control...) throws -> [CameraFinding] {
      try findings { $0.controls = controls }
    }
    #expect(try found(.init(mode, 3), .init(priority, 0), .init(time, 333)) == [])
    #expect(try found(.init(mode, 3), .init(priority, 1), .init(time, 333)) == [.slowInTheDark])
    #expect(try found(.init(mode, 0), .init(priority, 1)) == [.slowInTheDark])
    #expect(try found(.init(priority, 1)) == [.slowInTheDark])
    // Exposed by hand, priority does nothing.
    #expect(try found(.init(mode, 1), .init(priority, 1), .init(time, 50)) == [])
    #expect(try found(.init(mode, 3), .init(priority, 1, flags: 1)) == [])

    func long(_ microseconds: Int64, _ isAutomatic: Bool, _ canBeSteady: Bool) -> CameraFinding {
      .longExposure(
        .init(
          microseconds: microseconds, intervalMicroseconds: 33_333, isAutomatic: isAutomatic,
          canBeSteady: canBeSteady))
    }
    #expect(try found(.init(mode, 1), .init(time, 334)) == [long(33_400, false, false)])
    #expect(
      try found(.init(mode, 3), .init(priority, 1), .init(time, 666, flags: 16))
        == [.slowInTheDark, long(66_600, true, true)])
    #expect(try found(.init(time, 334, flags: 1)) == [])
    // A camera that takes its time has it.
    #expect(
      try findings {
        $0.formats = [.init(.yuyv, [.size(640, 480, rate: 15)])]
        $0.controls = [.init(mode, 1), .init(time, 334)]
      } == [])
    #expect(words(.slowInTheDark).contains("--exposure steady"))
    let said = words(long(66_600, true, true))
    #expect(said.contains("66.6 ms") && said.contains("33.3 ms") && said.contains("--exposure steady"))
    #expect(words(long(40_000, false, false)).contains("--exposure auto"))
    #expect(words(long(40_000, true, false)).contains("--exposure 33333"))
  }
}

/// A path's or name's bytes, up to a zero.
func text<Byte: FixedWidthInteger>(_ bytes: [Byte]) -> String {
  String(decoding: bytes.map { UInt8(truncatingIfNeeded: $0) }.prefix { $0 != 0 }, as: UTF8.self)
}

/// What is written to a text writer.
func written(_ body: (inout TextWriter) -> Void) -> Data {
  let pipe = Pipe()
  // No pipe holds as little as what is written here.
  var text = TextWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor)
  body(&text)
  text.flush()
  pipe.fileHandleForWriting.closeFile()
  return pipe.fileHandleForReading.readDataToEndOfFile()
}

/// What is said of a finding at `/dev/video7`.
func words(_ finding: CameraFinding) -> String {
  String(decoding: written { $0.write(finding, "/dev/video7".utf8CString.map { $0 }) }, as: UTF8.self)
}
