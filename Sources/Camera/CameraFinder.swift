import Platform

/// Finds a camera by a path or a name, and finds the same one again after it was gone.
struct CameraFinder<System: CameraSystem> {
  let system: System
  private let path: [CChar]
  private let identity: DeviceIdentity

  /// - Parameter name: A device's path, one of the stable names of `/dev/v4l`, the bus or the name that a camera gives.
  ///   Nil for the first camera that there is.
  init(_ name: UnsafePointer<CChar>?, _ system: System) throws(CameraError) {
    self.system = system
    guard let name else {
      let device: CaptureDevice<System>
      (path, device) = try CameraFinder.first(system) { _ in true }
      identity = device.identity
      return
    }
    if name[0] == 0x2F || name[0] == 0x2E {
      identity = try CaptureDevice(name, system).identity
      path = Array(UnsafeBufferPointer(start: name, count: textLength(name) + 1))
    } else {
      let device: CaptureDevice<System>
      (path, device) = try CameraFinder.first(system) { $0.isNamed(name) }
      identity = device.identity
    }
  }

  /// Opens the camera.
  func open() throws(CameraError) -> CaptureDevice<System> { try CaptureDevice.opened(path, system) }

  /// Opens the same camera after it was gone: it may have another number now.
  func openAgain() throws(CameraError) -> CaptureDevice<System> {
    var failure = CameraError.gone
    do throws(CameraError) {
      let device = try open()
      if device.identity.isSame(identity) { return device }
    } catch { failure = error }
    do throws(CameraError) { return try CameraFinder.first(system) { $0.isSame(identity) }.device } catch {
      throw failure
    }
  }

  /// The first camera that passes, by number.
  private static func first(
    _ system: System, _ passes: (DeviceIdentity) -> Bool
  ) throws(CameraError) -> (path: [CChar], device: CaptureDevice<System>) {
    var failure = CameraError.noCamera
    for path in videoNodes(system) {
      do throws(CameraError) {
        let device = try CaptureDevice.opened(path, system)
        if device.identity.kind == .camera && passes(device.identity) { return (path, device) }
      } catch {
        // If nothing else is found, one that can't be opened is worth a word.
        if error == .permission { failure = error }
      }
    }
    throw failure
  }
}

/// The paths of all video nodes, `/dev/video0` and so on, in the order of their numbers.
func videoNodes(_ system: some CameraSystem) -> [[CChar]] {
  let folder: StaticString = "/dev"
  let prefix: StaticString = "video"
  let start = UnsafeRawPointer(folder.utf8Start).assumingMemoryBound(to: CChar.self)
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
