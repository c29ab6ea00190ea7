import CV4L
import Camera
import Foundation
import ScriptedCamera
import Testing

/// The report as it is written, for people and for programs.
@Suite struct ReportTextTests {
  /// A camera with all there is, its metadata, CSI nodes of one interface, and one that may not be opened.
  static func system() -> ScriptedSystem {
    let camera = ReportTests.webcam {
      $0.card = "Ca\u{7}m\"é"
      $0.formats.append(
        .init(FourCC("H264")!, [.size(32, 32, rate: 60), .size(640, 480, rate: 60)], step: 16))
      $0.formats[1].sizes[1].shortestInterval = FrameInterval(numerator: 1001, denominator: 30_000)
      $0.controls = [.init(OCELLUS_V4L2_CID_EXPOSURE_AUTO_PRIORITY, 1)]
    }
    let metadata = ReportTests.webcam {
      ($0.number, $0.capabilities) = (1, OCELLUS_V4L2_CAP_META_CAPTURE)
    }
    let sensors = (2...4).map { number in
      ReportTests.webcam { ($0.number, $0.driver, $0.card) = (number, "rp1-cfe", "rp1-cfe") }
    }
    let locked = ReportTests.webcam { ($0.number, $0.openError) = (5, 13) }
    let system = ScriptedSystem([camera, metadata] + sensors + [locked])
    system.folders["/dev/v4l/by-id"] = ["usb-\"x\""]
    system.links["/dev/v4l/by-id/usb-\"x\""] = "../../video0"
    system.files["/sys/class/video4linux/video0/device/../busnum"] = "3\n"
    system.files["/sys/class/video4linux/video0/device/../speed"] = "480\n"
    return system
  }

  func objects(_ system: ScriptedSystem) throws -> [[String: Any]] {
    let lines = written { CameraReport(system).writeJSON(&$0) }.split(separator: 0x0A)
    return try lines.map {
      try #require(JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
  }

  @Test func json() throws {
    let objects = try objects(Self.system())
    #expect(objects.count == 6)
    let camera = objects[0]
    #expect(
      Set(camera.keys) == [
        "device", "driver", "card", "bus", "kind", "names", "usb", "formats", "choice", "findings",
      ])
    #expect(camera["device"] as? String == "/dev/video0" && camera["card"] as? String == "Ca\u{7}m\"é")
    #expect(camera["driver"] as? String == "uvcvideo" && camera["bus"] as? String == "usb-0000:01:00.0-1.3")
    #expect(camera["kind"] as? String == "camera")
    #expect(camera["names"] as? [String] == ["/dev/v4l/by-id/usb-\"x\""])
    #expect(camera["usb"] as? [String: Int] == ["bus": 3, "megabits": 480])
    let formats = try #require(camera["formats"] as? [[String: Any]])
    #expect(formats.map { $0["format"] as? String } == ["YUYV", "MJPG", "H264"])
    #expect(formats[0]["description"] as? String == "YUYV 4:2:2")
    let sizes = try #require(formats[1]["sizes"] as? [[String: NSNumber]])
    #expect(sizes[1] == ["width": 1280, "height": 720, "rate": 29.97])
    #expect(
      formats[1]["steps"] == nil && formats[2]["steps"] as? [String: Int] == ["width": 16, "height": 16])
    let choice = try #require(camera["choice"] as? [String: Any])
    #expect(choice["format"] as? String == "YUYV" && choice["rate"] as? Double == 30)
    #expect(choice["width"] as? Int == 352 && choice["height"] as? Int == 288)
    let findings = try #require(camera["findings"] as? [[String: String]])
    #expect(findings.map { $0["finding"] } == ["slow-in-the-dark"])
    #expect(findings[0]["text"] == words(.slowInTheDark))
    #expect(objects[1]["kind"] as? String == "metadata" && objects[1]["choice"] is NSNull)
    #expect(objects[5]["kind"] is NSNull && objects[5]["driver"] is NSNull)
  }

  @Test func jsonOfUnknownRates() throws {
    var device = ScriptedDevice(formats: [.init(.yuyv, [.size(640, 480)])])
    device.formats[0].sizes[0].shortestInterval = FrameInterval(numerator: 0, denominator: 0)
    let formats = try #require(objects(ScriptedSystem([device]))[0]["formats"] as? [[String: Any]])
    let sizes = try #require(formats[0]["sizes"] as? [[String: Any]])
    #expect(sizes[0]["rate"] is NSNull)
  }

  @Test func jsonWithoutCameras() throws {
    let objects = try objects(ScriptedSystem([]))
    let findings = try #require(objects.first?["findings"] as? [[String: String]])
    #expect(objects.count == 1 && objects[0]["device"] is NSNull)
    #expect(findings.map { $0["finding"] } == ["no-camera"] && findings[0]["text"] == words(.noCamera))
  }

  /// What is said of each finding needs no escapes in JSON.
  @Test func wordsNeedNoEscapes() {
    let bandwidth = CameraFinding.Bandwidth(needed: 1, available: 2, hasJPEG: true)
    let exposure = CameraFinding.LongExposure(
      microseconds: 2, intervalMicroseconds: 1, isAutomatic: true, canBeSteady: false)
    let holders = [NodeHolder(process: 1, name: [0x61])]
    let findings: [CameraFinding] = [
      .noCamera, .unusable(.sensor), .unusable(.multiplanar), .permission, .refused(.gone), .busy([]),
      .busy(holders), .open(holders), .noFormats, .unreadable([FourCC(code: 0x225C_3F01)]), .slowInTheDark,
      .longExposure(exposure), .bandwidth(bandwidth), .sharedBandwidth(bandwidth, cameras: 2),
    ]
    for finding in findings {
      let words = words(finding)
      #expect(!words.isEmpty)
      #expect(!words.utf8.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 >= 0x7F }, "\(words)")
    }
  }

  @Test func textForPeople() {
    let text = String(decoding: written { CameraReport(Self.system()).writeText(&$0) }, as: UTF8.self)
    let expected = """
      /dev/video0  Ca?m"é
        driver  uvcvideo, usb-0000:01:00.0-1.3, USB at 480 Mb/s
        names   /dev/v4l/by-id/usb-"x"
        YUYV    YUYV 4:2:2: 640×480, 352×288 at 30, 1280×720 at 10
        MJPG    Motion-JPEG: 640×480 at 30, 1280×720 at 29.970
        H264    A format: 32×32 to 640×480 at 60 in steps of 16×16
        choice  YUYV 352×288 at 30 frames a second, for a model of 224×224
        ! \(words(.slowInTheDark))

      /dev/video2  rp1-cfe
        driver  rp1-cfe, usb-0000:01:00.0-1.3
        YUYV    YUYV 4:2:2: 640×480, 352×288 at 30, 1280×720 at 10
        MJPG    Motion-JPEG: 640×480, 1280×720 at 30
        ! \(words(.unusable(.sensor)))

      /dev/video5
        ! \(words(.permission))

      Other nodes:
        /dev/video1   metadata    uvcvideo        Scripted Camera
        /dev/video3   sensor      rp1-cfe         rp1-cfe
        /dev/video4   sensor      rp1-cfe         rp1-cfe

      """
    #expect(text == expected)
  }

  @Test func textWithoutCameras() {
    let text = String(decoding: written { CameraReport(ScriptedSystem([])).writeText(&$0) }, as: UTF8.self)
    #expect(text == words(.noCamera) + "\n")
  }
}
