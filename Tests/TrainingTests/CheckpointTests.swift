import FirmwareModel
import Platform
import TestSupport
import Testing

@testable import Training

/// A state in parts, one of them empty, as a run's parameters have it.
private struct State {
  static let sizes = [700, 1, 0, 1600, 299]
  static var byteCount: Int { sizes.reduce(0, +) }

  private let memory = TestMemory(State.byteCount)

  /// Calls `body` with the parts.
  func with<Result>(_ body: ([UnsafeMutableRawBufferPointer]) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(memory) {
      var parts: [UnsafeMutableRawBufferPointer] = []
      var offset = 0
      for size in State.sizes {
        parts.append(UnsafeMutableRawBufferPointer(start: memory.address + offset, count: size))
        offset += size
      }
      return try body(parts)
    }
  }

  /// What a step leaves.
  static func bytes(step: Int) -> [UInt8] {
    var random = Generator(seed: UInt64(step))
    return (0..<State.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Whether it is what a step left.
  func isOf(step: Int) -> Bool { with { $0.flatMap(Array.init) == State.bytes(step: step) } }
}

extension CheckpointFile {
  fileprivate mutating func save(step: Int) throws {
    try State().with { parts in
      let bytes = State.bytes(step: step)
      var offset = 0
      for part in parts {
        part.copyBytes(from: bytes[offset..<offset + part.count])
        offset += part.count
      }
      try save(parts, step: step)
    }
  }

  fileprivate mutating func load(_ state: State) -> Record? { state.with { load(into: $0) } }
}

@Suite struct CheckpointTests {
  private let folder: TestFolder
  private let name = "model.checkpoint"
  private let size = Int(CheckpointFile.byteCount(payloadBytes: State.byteCount))

  init() throws { folder = try TestFolder() }

  private func open(
    _ script: FileScript = FileScript(), fingerprint: UInt64 = 7, isBegunAnew: Bool = false
  ) throws -> CheckpointFile {
    try CheckpointFile(
      path: folder.path(name), payloadBytes: State.byteCount, fingerprint: fingerprint,
      isBegunAnew: isBegunAnew, calls: script.fileCalls)
  }

  /// Opens the file and loads its newest state, which must be one that was saved.
  ///
  /// - Returns: The state's step; nil where there is none.
  private func loadedStep(_ place: String = "", _ script: FileScript = FileScript()) throws -> Int? {
    var checkpoint = try open(script)
    let newest = checkpoint.newest
    let state = State()
    let record = checkpoint.load(state)
    #expect(record == newest, "\(place)")
    if let record { #expect(state.isOf(step: record.step), "\(place)") }
    return record?.step
  }

  /// Whether the file is as a new one.
  private func isEmpty() throws -> Bool { try folder.bytes(name) == Array(repeating: 0, count: size) }

  /// Makes a file with the states of steps 1 to `count`, saved one after the other.
  private func save(_ count: Int) throws {
    var checkpoint = try open(isBegunAnew: true)
    for step in 1...count { try checkpoint.save(step: step) }
  }

  @Test func statesAlternate() throws {
    var checkpoint = try open()
    #expect(checkpoint.newest == nil && checkpoint.load(State()) == nil)
    #expect(try isEmpty())
    for step in [1, 5, 6, 40] {
      try checkpoint.save(step: step)
      #expect(checkpoint.newest?.step == step)
      #expect(try loadedStep() == step)
    }
    #expect(checkpoint.newest == CheckpointFile.Record(step: 40, sequence: 4))
    // Those of steps 6 and 40 are there: the last one damaged, the one before is the newest.
    var bytes = try folder.bytes(name)
    #expect(bytes.count == size)
    bytes[size / 2 + 64] ^= 1
    try folder.write(bytes, to: name)
    #expect(try loadedStep() == 6)
    try checkpoint.remove()
    #expect(!folder.has(name))
    try checkpoint.remove()
  }

  /// A run goes on in the slot where the one before would have.
  @Test func openedAgainTheOlderStateGoes() throws {
    for step in 1...5 {
      var checkpoint = try open()
      #expect(checkpoint.newest?.step == (step == 1 ? nil : step - 1))
      try checkpoint.save(step: step)
      #expect(checkpoint.newest == CheckpointFile.Record(step: step, sequence: UInt64(step)))
      #expect(try folder.bytes(name)[(step + 1) % 2 * size / 2 + 64] == State.bytes(step: step)[0])
    }
  }

  @Test func savesCutOffAnywhereLeaveTheLastState() throws {
    for count in [1, 2] {
      try save(count)
      let before = try folder.bytes(name)
      let all = State.byteCount + 64
      for limit in 0...all {
        try folder.write(before, to: name)
        let script = FileScript()
        var checkpoint = try open(script)
        script.bytesLeft = limit
        var failure: SystemError?
        do { try checkpoint.save(step: 9) } catch { failure = error as? SystemError }
        #expect(failure == (limit == all ? nil : .noSpace))
        let expected = limit == all ? 9 : count
        #expect(checkpoint.newest?.step == expected)
        #expect(try loadedStep("\(limit) bytes after \(count)") == expected)
        // With room again, the same file goes on.
        if limit % 50 == 3 {
          script.bytesLeft = .max
          try checkpoint.save(step: 10)
          #expect(try loadedStep("\(limit) bytes after \(count), then 10") == 10)
        }
      }
    }
  }

  @Test func whatTheDiskDoesNotConfirmIsNotSaved() throws {
    try save(3)
    for synchronizations in [0, 1] {
      let script = FileScript()
      var checkpoint = try open(script)
      script.synchronizationsLeft = synchronizations
      #expect(throws: SystemError.inputOutput) { try checkpoint.save(step: 4) }
      #expect(checkpoint.newest?.step == 3)
      // Whatever has become of the slot, it is the one that is written next.
      script.synchronizationsLeft = .max
      script.forget()
      try checkpoint.save(step: 5)
      #expect(
        script.events.first == .write(offset: size / 2 + 64, bytes: Array(State.bytes(step: 5)[..<700])))
      #expect(try loadedStep() == 5)
      try save(3)
    }
  }

  /// Payload and header are waited for one after the other, and nothing is written in between.
  @Test func savesWaitForTheDisk() throws {
    let script = FileScript()
    var checkpoint = try open(script)
    #expect(script.events.count == 3 && script.events[1...] == [.synchronize, .synchronizeFolder])
    script.forget()
    try checkpoint.save(step: 1)
    let kinds = script.events.map { event -> Int in
      guard case .write(_, let bytes) = event else { return 0 }
      return bytes.count
    }
    #expect(kinds == State.sizes.filter { $0 > 0 } + [0, 64, 0])
  }

  /// Power fails after any call, and the disk has stored any part of what it was not yet told to wait for.
  @Test func anyPowerFailureLeavesTheLastState() throws {
    var random = Generator(seed: 31)
    let script = FileScript()
    // Writes in pieces, between which power may fail.
    script.longestTransfer = 512
    var checkpoint = try open(script)
    let empty = try folder.bytes(name)
    script.forget()
    var ends: [Int] = []
    for step in 1...6 {
      try checkpoint.save(step: step)
      ends.append(script.events.count)
    }
    for count in 0...script.events.count {
      let done = ends.count { $0 <= count }
      for _ in 0..<25 {
        try folder.write(script.disk(after: count, from: empty, random: &random), to: name)
        let step = try loadedStep("after \(count) calls") ?? 0
        #expect(step == done || step == done + 1, "after \(count) calls")
      }
    }
  }

  @Test func noBitMayFlip() throws {
    for count in [2, 3] {
      try save(count)
      let file = try StoredFile(path: folder.path(name))
      // The slot that a byte is in, and what there is of it but padding.
      for offset in 0..<size where offset % (size / 2) < 64 + State.byteCount + 8 {
        let isPadding = offset % (size / 2) >= 64 + State.byteCount
        let isNewest = (offset >= size / 2) == (count == 2)
        try flip(file, offset, 1 << UInt8(offset % 8))
        let expected = isNewest && !isPadding ? count - 1 : count
        #expect(try loadedStep("byte \(offset) of \(count)") == expected)
        try flip(file, offset, 1 << UInt8(offset % 8))
      }
      #expect(try loadedStep() == count)
    }
    // Both damaged: there is none.
    let file = try StoredFile(path: folder.path(name))
    try flip(file, 70, 128)
    try flip(file, size / 2 + 70, 1)
    #expect(try loadedStep() == nil)
  }

  private func flip(_ file: borrowing StoredFile, _ offset: Int, _ mask: UInt8) throws {
    var byte = [UInt8(0)]
    try byte.withUnsafeMutableBytes { try file.read(into: $0, at: Int64(offset)) }
    byte[0] ^= mask
    try byte.withUnsafeBytes { try file.write($0, at: Int64(offset)) }
  }

  @Test func otherSizesAreBegunAnew() throws {
    try save(2)
    let whole = try folder.bytes(name)
    for count in Array(0...70) + Array(stride(from: 71, to: size, by: 97)) + [size - 1] {
      try folder.write(Array(whole[..<count]), to: name)
      #expect(try loadedStep("\(count) bytes") == nil)
      #expect(try isEmpty(), "\(count)")
    }
    try folder.write(whole + [0], to: name)
    #expect(try loadedStep("one byte more") == nil)
    // Of the same size on the disk, but not of the same payload.
    try folder.write(whole, to: name)
    #expect(try loadedStep() == 2)
    let other = try CheckpointFile(
      path: folder.path(name), payloadBytes: State.byteCount - 1, fingerprint: 7)
    #expect(other.newest == nil)
  }

  @Test func onlyTheSameRunIsContinued() throws {
    try save(2)
    for bit in 0..<64 {
      let other = try open(fingerprint: 7 ^ 1 << UInt64(bit))
      #expect(other.newest == nil)
    }
    #expect(try loadedStep() == 2)
    // What another run saves does not become this one's, nor the other way round.
    var other = try open(fingerprint: 8)
    try other.save(step: 77)
    #expect(other.newest == CheckpointFile.Record(step: 77, sequence: 1))
    #expect(try loadedStep() == 2)
    let anew = try open(isBegunAnew: true)
    #expect(anew.newest == nil)
    #expect(try loadedStep() == nil)
  }

  @Test func otherVersionsAreNotRead() throws {
    try save(1)
    let file = try StoredFile(path: folder.path(name))
    let crc = CRC32()
    for (word, value) in [(0, UInt32(1)), (1, CheckpointFile.version + 1), (6, 2599), (7, 1)] {
      let whole = StoredHeader(file, at: 0, crc)!
      var header = whole
      header[word] = value
      try header.write(to: file, at: 0, crc)
      #expect(try loadedStep("word \(word)") == nil)
      header = whole
      try header.write(to: file, at: 0, crc)
      #expect(try loadedStep() == 1)
    }
  }

  /// A disk that is too full shows at the start, and gets back what little was taken of it.
  @Test func roomIsTakenAtTheStart() throws {
    for limit in [0, 1, 4095, 4096, size - 1] {
      let script = FileScript()
      script.bytesLeft = limit
      script.longestTransfer = 4096
      #expect(throws: SystemError.noSpace) { _ = try open(script) }
      #expect(!folder.has(name))
    }
    let script = FileScript()
    script.synchronizationsLeft = 0
    #expect(throws: SystemError.inputOutput) { _ = try open(script) }
    #expect(!folder.has(name))
    #expect(throws: SystemError.noEntry) {
      _ = try CheckpointFile(path: folder.path("none/file"), payloadBytes: 1, fingerprint: 0)
    }
  }

  @Test func interruptionsAndShortTransfersAreNothing() throws {
    let script = FileScript()
    script.isInterrupted = true
    script.longestTransfer = 13
    var checkpoint = try open(script)
    for step in 1...3 { try checkpoint.save(step: step) }
    #expect(try loadedStep("", script) == 3)
    #expect(try loadedStep() == 3)
  }

  /// A place of the disk that cannot be read any more takes one state, not both.
  @Test func unreadablePlacesAreDamage() throws {
    try save(2)
    for place in [0, 64, 1000, 2000] {
      let script = FileScript()
      script.unreadable = size / 2 + place..<size / 2 + place + 1
      #expect(try loadedStep("\(place)", script) == 1)
    }
    // Also where it was readable when the file was opened.
    let script = FileScript()
    var checkpoint = try open(script)
    #expect(checkpoint.newest?.step == 2)
    script.unreadable = size / 2 + 2000..<size
    let state = State()
    #expect(checkpoint.load(state)?.step == 1)
    #expect(state.isOf(step: 1) && checkpoint.newest?.step == 1)
    script.readError = FileScript.inputOutput
    #expect(checkpoint.load(state) == nil)
  }

  /// A state that changes between opening and loading is not loaded.
  @Test func whatIsLoadedIsLookedAt() throws {
    try save(3)
    var checkpoint = try open()
    let file = try StoredFile(path: folder.path(name))
    try flip(file, 64 + 2000, 16)
    let state = State()
    #expect(checkpoint.newest?.step == 3)
    #expect(checkpoint.load(state)?.step == 2)
    #expect(state.isOf(step: 2) && checkpoint.newest?.step == 2)
  }
}
