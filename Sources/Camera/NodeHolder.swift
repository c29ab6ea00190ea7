import Platform

/// A process that has a video node open.
public struct NodeHolder: Equatable, Sendable {
  /// Its number.
  public var process: Int
  /// The name that the kernel has for it: at most 15 characters, of which those that would need care in messages have
  /// become question marks.
  public var name: [UInt8]

  public init(process: Int, name: [UInt8]) {
    self.process = process
    self.name = name
  }
}

/// Finds who has video nodes open. Of other users' processes only the superuser learns that.
///
/// - Parameter nodes: The nodes' paths.
/// - Returns: For each node its processes, by number.
func nodeHolders(_ nodes: [[CChar]], _ system: some CameraSystem) -> [[NodeHolder]] {
  var holders = [[NodeHolder]](repeating: [], count: nodes.count)
  if nodes.isEmpty { return holders }
  for entry in system.list(path("/proc")) {
    guard let process = leadingInteger(entry) else { continue }
    for descriptor in system.list(path("/proc/", entry, "/fd")) {
      let link = path("/proc/", entry, "/fd/").withUnsafeBufferPointer {
        File.join($0.baseAddress!, descriptor)
      }
      guard let target = system.destination(link), let node = nodes.firstIndex(of: target) else { continue }
      // Once, however often it has opened it.
      if holders[node].last?.process == process { continue }
      holders[node].append(NodeHolder(process: process, name: processName(entry, system)))
    }
  }
  for node in holders.indices { holders[node].sort { $0.process < $1.process } }
  return holders
}

private func processName(_ process: [CChar], _ system: some CameraSystem) -> [UInt8] {
  var name = system.line(path("/proc/", process, "/comm")) ?? []
  for (index, byte) in name.enumerated() where byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C {
    name[index] = 0x3F
  }
  return name
}
