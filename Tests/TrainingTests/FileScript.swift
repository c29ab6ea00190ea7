import Foundation
import Platform
import TestSupport

/// A folder of a test's own, removed with it.
final class TestFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "ocellus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file, ended by a zero.
  func path(_ name: String) -> [CChar] { url.appending(path: name).path.utf8CString.map { $0 } }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appending(path: name))) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = try StoredFile(path: path(name))
    // In place where that is possible: ext4 takes milliseconds to close a file that was cut off and written again.
    if try file.size() != bytes.count { try file.clear() }
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url.appending(path: name).path)
  }
}

/// The system calls of a file, which fail and fall short as a test wants it, and a record of what they did.
final class FileScript {
  enum Event: Equatable {
    case write(offset: Int, bytes: [UInt8])
    case synchronize
    case synchronizeFolder
  }

  static let interrupted = 4
  static let inputOutput = 5
  static let diskFull = 28

  private(set) var events: [Event] = []
  /// Bytes that are written before writes fail with `writeError`.
  var bytesLeft = Int.max
  var writeError = FileScript.diskFull
  /// Reads fail with this where it is set, and of the offsets in `unreadable` always.
  var readError: Int?
  var unreadable = 0..<0
  /// Calls of `synchronize` that succeed.
  var synchronizationsLeft = Int.max
  /// What taking room beforehand gives: 0, or an error.
  var allocationError = 0
  private(set) var allocated: Int64 = 0
  /// The most bytes that a call moves.
  var longestTransfer = Int.max
  /// Every other call is interrupted.
  var isInterrupted = false
  private var callCount = 0

  func forget() { events = [] }

  private var interrupts: Bool {
    callCount += 1
    return isInterrupted && callCount % 2 == 0
  }

  var fileCalls: FileCalls {
    let kernel = FileCalls.kernel
    var calls = kernel
    calls.write = { [self] descriptor, bytes, offset in
      if interrupts { return -FileScript.interrupted }
      let count = min(bytes.count, longestTransfer, bytesLeft)
      if count == 0 { return -writeError }
      let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      precondition(kernel.write(descriptor, part, offset) == count)
      bytesLeft -= count
      events.append(.write(offset: Int(offset), bytes: Array(part)))
      return count
    }
    calls.read = { [self] descriptor, bytes, offset in
      if interrupts { return -FileScript.interrupted }
      if let readError { return -readError }
      if unreadable.overlaps(Int(offset)..<Int(offset) + bytes.count) { return -FileScript.inputOutput }
      let count = min(bytes.count, longestTransfer)
      return kernel.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), offset)
    }
    calls.synchronize = { [self] descriptor in
      if interrupts { return -FileScript.interrupted }
      if synchronizationsLeft == 0 { return -FileScript.inputOutput }
      synchronizationsLeft -= 1
      events.append(.synchronize)
      // Nothing here outlives a power failure anyway.
      return 0
    }
    calls.synchronizeFolder = { [self] _ in
      events.append(.synchronizeFolder)
      return 0
    }
    calls.allocate = { [self] descriptor, count in
      if interrupts { return -FileScript.interrupted }
      if allocationError != 0 { return -allocationError }
      allocated = count
      return kernel.allocate(descriptor, count)
    }
    return calls
  }

  /// What a disk may hold when power fails after the first `count` events: all that was waited for, and of what was
  /// written after that any sectors.
  func disk(after count: Int, from start: [UInt8], random: inout Generator) -> [UInt8] {
    var image = start
    let stored = events[..<count].lastIndex(of: .synchronize) ?? 0
    let likelihood = Int.random(in: 0...8, using: &random)
    for (index, event) in events[..<count].enumerated() {
      guard case .write(let offset, let bytes) = event else { continue }
      if offset + bytes.count > image.count {
        image += Array(repeating: 0, count: offset + bytes.count - image.count)
      }
      var first = offset
      while first < offset + bytes.count {
        let end = min((first / 512 + 1) * 512, offset + bytes.count)
        if index < stored || Int.random(in: 0..<8, using: &random) < likelihood {
          image.replaceSubrange(first..<end, with: bytes[first - offset..<end - offset])
        }
        first = end
      }
    }
    return image
  }
}
