import Platform

/// What cameras there are, what they can do, and what is wrong with them.
///
/// Making it disturbs no camera: nothing is set, and no buffers are asked for.
public struct CameraReport: Sendable {
  /// Every video node, by number, cameras or not.
  public private(set) var nodes: [NodeReport] = []
  /// What is wrong as a whole.
  public private(set) var findings: [CameraFinding] = []

  public init(_ system: some CameraSystem) {
    let paths = videoNodes(system)
    // Before this program has opened any itself.
    let holders = nodeHolders(paths, system)
    let links = StableLinks(system)
    for (index, path) in paths.enumerated() {
      nodes.append(NodeReport(path, holders: holders[index], links: links, system))
    }
    shareBuses()
    var hasCamera = false
    for node in nodes where node.isCamera { hasCamera = true }
    if !hasCamera { findings.append(.noCamera) }
  }

  /// There is a camera that frames can be had from.
  public var hasUsableCamera: Bool {
    for node in nodes where node.isUsable { return true }
    return false
  }

  /// Adds up what the cameras of each USB 2 bus send.
  private mutating func shareBuses() {
    let available = USBConnection.usb2BytesPerSecond
    for index in nodes.indices where nodes[index].usb2BytesPerSecond != nil {
      var needed: Int64 = 0
      var cameras = 0
      for (other, node) in nodes.enumerated() where node.connection?.bus == nodes[index].connection?.bus {
        guard let bytes = node.usb2BytesPerSecond, isFirstOfCamera(other) else { continue }
        needed += bytes
        cameras += 1
      }
      guard cameras > 1, needed > available else { continue }
      nodes[index].findings.append(
        .sharedBandwidth(
          .init(needed: needed, available: available, hasJPEG: nodes[index].hasJPEG), cameras: cameras))
    }
  }

  /// Whether no node of the same camera comes before: of several one is used at a time.
  private func isFirstOfCamera(_ index: Int) -> Bool {
    for node in nodes[..<index] where node.bus == nodes[index].bus && node.usb2BytesPerSecond != nil {
      return false
    }
    return true
  }
}

extension FormatChoice {
  /// What frames come to; nil for compressed ones, and where the rate is not known.
  var bytesPerSecond: Int64? {
    guard interval.isValid, let bytes = StreamFormat(format, width: width, height: height).plainBytes else {
      return nil
    }
    return Int64(bytes) * interval.millihertz / 1000
  }
}
