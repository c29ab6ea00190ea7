import Platform

/// Finds a camera by a path or a name and starts it, and finds the same one again after it was gone.
struct CameraFinder<System: CameraSystem> {
  let system: System
  private let path: [CChar]
  private let identity: DeviceIdentity

  /// Finds a camera and starts its stream.
  ///
  /// - Parameters:
  ///   - name: A device's path, one of the stable names of `/dev/v4l`, the bus or the name that a camera gives. Nil for
  ///     the first camera that can be used.
  ///   - request: What the stream should be like.
  /// - Returns: What finds the camera again, and the camera, which streams.
  static func start(
    _ name: UnsafePointer<CChar>?, _ request: CameraRequest, _ system: System
  ) throws(CameraError) -> (finder: CameraFinder, device: CaptureDevice<System>) {
    guard let name else { return try first(request, system) { _ in true } }
    if name[0] != 0x2F && name[0] != 0x2E { return try first(request, system) { $0.isNamed(name) } }
    let device = try CaptureDevice(name, system)
    try device.start(request)
    let path = Array(UnsafeBufferPointer(start: name, count: textLength(name) + 1))
    return (CameraFinder(system: system, path: path, identity: device.identity), device)
  }

  /// Finds the same camera after it was gone: it may have another number now.
  func startAgain(_ request: CameraRequest) throws(CameraError) -> CaptureDevice<System> {
    var failure = CameraError.gone
    var device: CaptureDevice<System>?
    do throws(CameraError) { device = try CaptureDevice.opened(path, system) } catch { failure = error }
    if let device, device.identity.isSame(identity) {
      try device.start(request)
      return device
    }
    device = nil
    do throws(CameraError) {
      return try CameraFinder.first(request, system) { $0.isSame(identity) }.device
    } catch {
      // What can't be opened may be any camera.
      throw error == .noCamera || error == .permission ? failure : error
    }
  }

  /// The first camera, by number, that passes and can be started.
  private static func first(
    _ request: CameraRequest, _ system: System, _ passes: (DeviceIdentity) -> Bool
  ) throws(CameraError) -> (finder: CameraFinder, device: CaptureDevice<System>) {
    // If there is none, one that does not start is worth a word, or else one that can't be opened.
    var failure = CameraError.noCamera
    var isOfCamera = false
    for path in videoNodes(system) {
      var isCamera = false
      do throws(CameraError) {
        let device = try CaptureDevice.opened(path, system)
        guard device.identity.kind == .camera && passes(device.identity) else { continue }
        isCamera = true
        try device.start(request)
        return (CameraFinder(system: system, path: path, identity: device.identity), device)
      } catch {
        if isCamera ? !isOfCamera : error == .permission && !isOfCamera {
          (failure, isOfCamera) = (error, isCamera)
        }
      }
    }
    throw failure
  }
}

/// The paths of all video nodes, `/dev/video0` and so on, in the order of their numbers.
func videoNodes(_ system: some CameraSystem) -> [[CChar]] {
  let folder: StaticString = "/dev"
  let prefix: StaticString = "video"
  let start = folder.cString
  let names: [[CChar]]
  do throws(SystemError) { names = try system.names(in: start) } catch { return [] }
  var nodes: [(number: Int, path: [CChar])] = []
  for name in names {
    var number: Int?
    var isNode = name.count > prefix.utf8CodeUnitCount + 1
    for (index, character) in name.dropLast().enumerated() {
      let byte = UInt8(bitPattern: character)
      if index < prefix.utf8CodeUnitCount {
        if byte != prefix.utf8Start[index] { isNode = false }
      } else if byte >= 0x30 && byte <= 0x39 && (number ?? 0) < 100_000 {
        number = (number ?? 0) * 10 + Int(byte - 0x30)
      } else {
        isNode = false
      }
    }
    if isNode, let number { nodes.append((number, File.join(start, name))) }
  }
  nodes.sort { $0.number < $1.number }
  var paths: [[CChar]] = []
  for node in nodes { paths.append(node.path) }
  return paths
}
