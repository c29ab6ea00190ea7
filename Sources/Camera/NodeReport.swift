import Platform

/// What is known of one video node.
public struct NodeReport: Sendable {
  /// The node's path, ended by a zero.
  public let path: [CChar]
  /// What the device says of itself; empty where it was not heard. The camera's name then comes from /sys.
  public private(set) var driver: [UInt8] = []
  public private(set) var card: [UInt8] = []
  public private(set) var bus: [UInt8] = []
  /// Nil where the node could not be opened.
  public private(set) var kind: DeviceKind?
  /// Links that keep leading to it when its number changes, each ended by a zero.
  public let names: [[CChar]]
  /// Nil where it is not plugged into USB.
  public let connection: USBConnection?
  public private(set) var formats: [DeviceFormat] = []
  /// What `classify` would ask it for, for a model that sees 224 × 224 pixels cut from 256 × 256.
  public private(set) var choice: FormatChoice?
  public internal(set) var findings: [CameraFinding] = []

  static var usualRequest: CameraRequest {
    CameraRequest(leastWidth: 256, leastHeight: 256, wantsColors: true)
  }

  init(_ path: [CChar], holders: [NodeHolder], links: StableLinks, _ system: some CameraSystem) {
    self.path = path
    let node = File.lastComponent(path)
    names = links.leading(to: node)
    connection = USBConnection(node: node, system)
    do throws(CameraError) {
      try examine(CaptureDevice.opened(path, system), holders)
    } catch {
      card = system.line(Camera.path("/sys/class/video4linux/", node, "/name")) ?? []
      switch error {
      case .permission: findings.append(.permission)
      case .busy: findings.append(.busy(holders))
      case .unusable(let kind): self.kind = kind
      default: findings.append(.refused(error))
      }
    }
  }

  /// There is a camera behind it, or may be, whether its frames can be read or not.
  public var isCamera: Bool {
    switch kind {
    case .camera, .sensor, .multiplanar, nil: true
    case .output, .codec, .metadata, .imageProcessor, .other: false
    }
  }

  /// Frames can be had from it.
  public var isUsable: Bool {
    for finding in findings where finding.isFatal { return false }
    return choice != nil
  }

  /// It has a compressed format that is read here.
  var hasJPEG: Bool {
    for format in formats where format.format.isJPEG { return true }
    return false
  }

  /// What its frames would come to on a USB 2 bus; nil where it is on none, or where frames are compressed.
  var usb2BytesPerSecond: Int64? { connection?.isUSB2 == true ? choice?.bytesPerSecond : nil }

  private mutating func examine(_ device: CaptureDevice<some CameraSystem>, _ holders: [NodeHolder]) {
    let identity = device.identity
    (driver, card, bus) = (bytes(identity.driver), bytes(identity.card), bytes(identity.bus))
    formats = device.formats()
    let kind = identity.kind == .camera && DeviceFormat.areRaw(formats) ? .sensor : identity.kind
    self.kind = kind
    guard kind == .camera else {
      if isCamera { findings.append(.unusable(kind)) }
      return
    }
    if device.hasBuffersOfOthers || connection?.isStreaming == true {
      findings.append(.busy(holders))
    } else if !holders.isEmpty {
      findings.append(.open(holders))
    }
    choice = FormatChoice.choose(formats, Self.usualRequest)
    guard let choice else {
      findings.append(formats.isEmpty ? .noFormats : .unreadable(formats.map { $0.format }))
      return
    }
    addExposure(ExposureState(device), choice)
    if let needed = choice.bytesPerSecond, let available = connection?.bytesPerSecond, needed > available {
      findings.append(.bandwidth(.init(needed: needed, available: available, hasJPEG: hasJPEG)))
    }
  }

  private mutating func addExposure(_ exposure: ExposureState, _ choice: FormatChoice) {
    if exposure.mayDelayFrames { findings.append(.slowInTheDark) }
    let interval = choice.interval.microseconds
    guard let microseconds = exposure.microseconds, interval > 0, microseconds > interval else { return }
    findings.append(
      .longExposure(
        .init(
          microseconds: microseconds, intervalMicroseconds: interval,
          isAutomatic: exposure.isAutomatic != false, canBeSteady: exposure.canBeSteady)))
  }
}

/// The links that udev makes to video nodes: by what the cameras are, and by where they are plugged in.
struct StableLinks {
  /// A link's path and the name of the node that it leads to, each ended by a zero.
  private var links: [(path: [CChar], node: [CChar])] = []

  init(_ system: some CameraSystem) {
    for folder in [path("/dev/v4l/by-id"), path("/dev/v4l/by-path")] {
      for name in system.list(folder) {
        let link = folder.withUnsafeBufferPointer { File.join($0.baseAddress!, name) }
        if let node = system.targetName(link) { links.append((link, node)) }
      }
    }
  }

  func leading(to node: [CChar]) -> [[CChar]] {
    var paths: [[CChar]] = []
    for link in links where link.node == node { paths.append(link.path) }
    return paths
  }
}
