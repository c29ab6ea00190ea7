import CV4L
import Camera
import Platform
import ScriptedCamera
import Testing

/// What the doctor learns from other programs and from the bus, and that it leaves cameras alone.
@Suite struct ReportSystemTests {
  /// A process that has nodes open.
  func add(_ process: Int, _ name: String, opens nodes: [String], to system: ScriptedSystem) {
    system.folders["/proc", default: ["1", "cpuinfo", "self"]].append("\(process)")
    system.folders["/proc/\(process)/fd"] = nodes.indices.map { "\($0)" }
    for (index, node) in nodes.enumerated() { system.links["/proc/\(process)/fd/\(index)"] = node }
    system.files["/proc/\(process)/comm"] = name + "\n"
  }

  func holder(_ process: Int, _ name: String) -> NodeHolder {
    NodeHolder(process: process, name: Array(name.utf8))
  }

  /// Whoever has a node open may be the one that streams; the kernel's USB driver does not say who does.
  @Test func openElsewhere() throws {
    let system = ScriptedSystem([ReportTests.webcam, ReportTests.webcam { $0.number = 1 }])
    add(40, "motion", opens: ["/dev/null", "/dev/video0", "/dev/video0"], to: system)
    add(7, "a \"b\\\u{1b}", opens: ["socket:[12]", "/dev/video0"], to: system)
    add(8, "other", opens: ["/dev/video10", "/dev/video0 (deleted)"], to: system)
    let report = CameraReport(system)
    let finding = CameraFinding.open([holder(7, "a ?b??"), holder(40, "motion")])
    #expect(report.nodes.map(\.findings) == [[finding], []])
    #expect(report.hasUsableCamera)
    #expect(words(finding).contains("process 7 (a ?b??), process 40 (motion)"))
    #expect(words(finding).contains("kill 7 40"))
  }

  @Test func busyByBuffers() throws {
    let system = ScriptedSystem([ReportTests.webcam])
    let stream = try CameraStream("/dev/video0", .small, system: system)
    #expect(CameraReport(system).nodes[0].findings == [.busy([])])
    add(40, "motion", opens: ["/dev/video0"], to: system)
    let report = CameraReport(system)
    #expect(report.nodes[0].findings == [.busy([holder(40, "motion")])] && !report.hasUsableCamera)
    _ = consume stream
    #expect(CameraReport(system).nodes[0].findings == [.open([holder(40, "motion")])])
    #expect(words(.busy([])).contains("sudo fuser -v /dev/video7"))
    #expect(words(.busy([holder(40, "motion")])).contains("process 40 (motion); end it: kill 40"))
  }

  @Test func busyByInterface() {
    let system = ScriptedSystem([ReportTests.webcam { $0.errors = [.init(OCELLUS_VIDIOC_QUERYBUF, 16)] }])
    connect(0, bus: 1, speed: "480", to: system)
    let device = "/sys/class/video4linux/video0/device/../"
    func isBusy(_ setting: String, class number: String = "0e", _ subclass: String = "02") -> Bool {
      system.folders[device] = ["1-1.3:1.0", "1-1.3:1.1", "power"]
      system.files[device + "1-1.3:1.0/bInterfaceClass"] = "0e\n"
      system.files[device + "1-1.3:1.0/bInterfaceSubClass"] = "01\n"
      system.files[device + "1-1.3:1.0/bAlternateSetting"] = " 0\n"
      system.files[device + "1-1.3:1.1/bInterfaceClass"] = number + "\n"
      system.files[device + "1-1.3:1.1/bInterfaceSubClass"] = subclass + "\n"
      system.files[device + "1-1.3:1.1/bAlternateSetting"] = setting + "\n"
      return CameraReport(system).nodes[0].findings == [.busy([])]
    }
    #expect(isBusy(" 7") && isBusy("11"))
    #expect(!isBusy(" 0"))
    // Its microphone records.
    #expect(!isBusy(" 1", class: "01"))
    #expect(CameraReport(system).nodes[0].findings == [])
  }

  @Test func busyAtOpening() {
    let system = ScriptedSystem([ReportTests.webcam { $0.openError = 16 }])
    add(40, "motion", opens: ["/dev/video0"], to: system)
    #expect(CameraReport(system).nodes[0].findings == [.busy([holder(40, "motion")])])
  }

  // MARK: - Bandwidth

  func connect(_ number: Int, bus: Int, speed: String, to system: ScriptedSystem) {
    let device = "/sys/class/video4linux/video\(number)/device/../"
    system.files[device + "busnum"] = "\(bus)\n"
    system.files[device + "speed"] = speed + "\n"
  }

  /// Cameras of one size in YUYV, on a bus each.
  func report(_ size: FrameSize, _ speed: String, hasJPEG: Bool = false, buses: [Int] = [1]) -> CameraReport {
    var device = ScriptedDevice(formats: [.init(.yuyv, [size])])
    if hasJPEG { device.formats.append(.init(.mjpeg, [.size(160, 120)])) }
    let system = ScriptedSystem(
      buses.indices.map { index in
        var device = device
        device.number = index
        device.bus = "usb-1.\(index)"
        return device
      })
    for (index, bus) in buses.enumerated() { connect(index, bus: bus, speed: speed, to: system) }
    return CameraReport(system)
  }

  @Test func bandwidth() throws {
    let (fits, large) = (FrameSize.size(640, 480), FrameSize.size(1280, 720))
    #expect(report(fits, "480").nodes[0].findings == [])
    #expect(report(fits, "480").nodes[0].connection?.megabits == 480)
    let needed = Int64(1280 * 720 * 2 * 30)
    #expect(
      report(large, "480").nodes[0].findings
        == [.bandwidth(.init(needed: needed, available: 24_576_000, hasJPEG: false))])
    #expect(report(large, "5000").nodes[0].findings == [])
    let slow = report(fits, "12", hasJPEG: true).nodes[0].findings
    #expect(slow == [.bandwidth(.init(needed: 18_432_000, available: 1_023_000, hasJPEG: true))])
    #expect(words(slow[0]).contains("18.4 MB a second, and USB carries 1.0 at most: use --format MJPG, or"))
    // Compressed frames have no size of which one could say so.
    let jpeg = ScriptedSystem([ScriptedDevice(formats: [.init(.mjpeg, [large])])])
    connect(0, bus: 1, speed: "480", to: jpeg)
    #expect(CameraReport(jpeg).nodes[0].findings == [])
  }

  @Test func sharedBandwidth() throws {
    let size = FrameSize.size(640, 480)
    let shared = CameraFinding.sharedBandwidth(
      .init(needed: 36_864_000, available: 24_576_000, hasJPEG: false), cameras: 2)
    #expect(report(size, "480", buses: [1, 1, 2]).nodes.map(\.findings) == [[shared], [shared], []])
    #expect(report(size, "480", buses: [1, 2]).nodes.map(\.findings) == [[], []])
    #expect(report(size, "5000", buses: [1, 1]).nodes.map(\.findings) == [[], []])
    #expect(report(.size(640, 480, rate: 15), "480", buses: [1, 1]).nodes.map(\.findings) == [[], []])
    #expect(words(shared).contains("2 cameras of its USB bus are 36.9 MB a second"))
    // Two nodes of one camera are not two cameras.
    let system = ScriptedSystem(
      [0, 1].map { number in
        var device = ScriptedDevice(formats: [.init(.yuyv, [size])])
        device.number = number
        return device
      })
    for number in 0...1 { connect(number, bus: 1, speed: "480", to: system) }
    #expect(CameraReport(system).nodes.map(\.findings) == [[], []])
  }

  // MARK: - Peace

  /// A kernel that notes what is asked of it.
  final class WatchedSystem: CameraSystem {
    let system: ScriptedSystem
    private(set) var requests: Set<UInt32> = []

    init(_ system: ScriptedSystem) { self.system = system }

    func control(
      _ descriptor: Int32, _ request: ocellus_v4l2_request, _ argument: UnsafeMutableRawPointer
    ) throws(SystemError) {
      requests.insert(request.rawValue)
      try system.control(descriptor, request, argument)
    }

    func open(_ path: UnsafePointer<CChar>) throws(SystemError) -> Int32 { try system.open(path) }
    func close(_ descriptor: Int32) { system.close(descriptor) }
    func map(
      _ descriptor: Int32, offset: Int64, count: Int
    ) throws(SystemError) -> UnsafeMutableRawBufferPointer {
      try system.map(descriptor, offset: offset, count: count)
    }
    func unmap(_ memory: UnsafeMutableRawBufferPointer) { system.unmap(memory) }
    func wait(_ descriptor: Int32, milliseconds: Int) throws(SystemError) -> Readiness {
      try system.wait(descriptor, milliseconds: milliseconds)
    }
    func names(in folder: UnsafePointer<CChar>) throws(SystemError) -> [[CChar]] {
      try system.names(in: folder)
    }
    func target(of link: UnsafePointer<CChar>) throws(SystemError) -> [CChar] { try system.target(of: link) }
    func read(_ path: UnsafePointer<CChar>) throws(SystemError) -> [UInt8] { try system.read(path) }
    var now: Int64 { system.now }
  }

  /// Only questions are asked, and a stream that another program has goes on.
  @Test func disturbsNobody() throws {
    let driven = try DrivenStream([.plain])
    let watched = WatchedSystem(driven.system)
    for _ in 0..<20 {
      _ = try #require(driven.next())
      driven.stream.release()
      #expect(CameraReport(watched).nodes.count == 1)
    }
    let questions = [
      OCELLUS_VIDIOC_QUERYCAP, OCELLUS_VIDIOC_ENUM_FMT, OCELLUS_VIDIOC_ENUM_FRAMESIZES,
      OCELLUS_VIDIOC_ENUM_FRAMEINTERVALS, OCELLUS_VIDIOC_QUERYBUF, OCELLUS_VIDIOC_QUERYCTRL,
      OCELLUS_VIDIOC_G_CTRL,
    ]
    #expect(watched.requests.contains(OCELLUS_VIDIOC_QUERYBUF.rawValue))
    #expect(watched.requests.subtracting(questions.map(\.rawValue)) == [])
    #expect(driven.stream.faults == FaultCounts() && driven.system.violations == [])
    #expect(driven.system.openCount == 1)
  }
}
