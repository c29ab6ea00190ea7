import FirmwareModel
import Platform
import TestSupport
import Testing

@testable import Training

@Suite struct FeatureCacheTests {
  private static let count = 7
  private static let entryBytes = 90

  private let folder: TestFolder
  private let name = "model.cache"
  private let fileBytes = Int(FeatureCache.fileByteCount(count: count, entryBytes: entryBytes))
  /// Entries in memory: none, some, all.
  private let memories = [0, 3, 7]

  init() throws { folder = try TestFolder() }

  private static func entry(_ number: Int, version: Int = 0) -> [UInt8] {
    var random = Generator(seed: UInt64(number + 1000 * version))
    return (0..<entryBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Calls `body` with a cache of the test's file.
  private func with<Result>(
    _ memoryEntries: Int = 3, fingerprint: UInt64 = 7, _ script: FileScript = FileScript(),
    _ body: (inout FeatureCache) throws -> Result
  ) throws -> Result {
    let size = FeatureCache.byteCount(
      count: FeatureCacheTests.count, entryBytes: FeatureCacheTests.entryBytes, memoryEntries: memoryEntries)
    let memory = TestMemory(size)
    return try withExtendedLifetime(memory) {
      var cache = try FeatureCache(
        path: folder.path(name), fingerprint: fingerprint, count: FeatureCacheTests.count,
        entryBytes: FeatureCacheTests.entryBytes,
        memory: UnsafeMutableRawBufferPointer(start: memory.address, count: size), calls: script.fileCalls)
      #expect(cache.memoryEntries == memoryEntries)
      return try body(&cache)
    }
  }

  private func store(_ number: Int, version: Int = 0, _ cache: inout FeatureCache) throws {
    try FeatureCacheTests.entry(number, version: version).withUnsafeBytes { try cache.store(number, $0) }
  }

  /// Whether an entry is what was stored.
  private func isWhole(_ number: Int, version: Int = 0, _ cache: inout FeatureCache) throws -> Bool {
    var bytes = [UInt8](repeating: 0, count: FeatureCacheTests.entryBytes)
    try bytes.withUnsafeMutableBytes { try cache.read(number, into: $0) }
    return bytes == FeatureCacheTests.entry(number, version: version)
  }

  private func expectWhole(
    _ numbers: [Int], version: Int = 0, _ cache: inout FeatureCache,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    for number in numbers {
      let isWhole = try isWhole(number, version: version, &cache)
      #expect(isWhole, "entry \(number)", sourceLocation: location)
    }
  }

  /// Expects the states of all entries, and that those present are what was stored.
  private func expect(
    _ states: [FeatureCache.State], _ cache: inout FeatureCache, _ place: String = "",
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let found = (0..<cache.count).map { cache.state($0) }
    #expect(found == states, "\(place)", sourceLocation: location)
    for number in 0..<cache.count where found[number] == .present {
      let isWhole = try isWhole(number, &cache)
      #expect(isWhole, "entry \(number), \(place)", sourceLocation: location)
    }
  }

  /// What a call fails with.
  private func failure(_ body: () throws -> Void) -> FeatureCacheError? {
    do {
      try body()
      return nil
    } catch { return error as? FeatureCacheError }
  }

  /// Stores some entries and marks one, in no order.
  private func fill(_ cache: inout FeatureCache) throws {
    for number in [4, 0, 6, 2, 1] { try store(number, &cache) }
    try cache.markUnreadable(3)
    try cache.flush()
  }

  private let filled: [FeatureCache.State] = [
    .present, .present, .present, .unreadable, .present, .absent, .present,
  ]
  private let empty = Array(repeating: FeatureCache.State.absent, count: count)

  @Test func entriesAreThereAgain() throws {
    for memoryEntries in memories {
      try? with { try $0.remove() }
      try with(memoryEntries) { cache in
        try expect(empty, &cache)
        #expect(cache.isOnDisk && folder.has(name))
        try fill(&cache)
        try expect(filled, &cache)
      }
      for other in memories {
        try with(other) { try expect(filled, &$0, "\(memoryEntries), then \(other) in memory") }
      }
      // Entries may be stored again, also where one was unreadable.
      try with(memoryEntries) { cache in
        try store(3, version: 1, &cache)
        try store(6, version: 1, &cache)
        try expectWhole([3, 6], version: 1, &cache)
      }
      try with(memoryEntries) { cache in
        try expectWhole([3, 6], version: 1, &cache)
        try cache.markUnreadable(6)
        #expect(cache.state(6) == .unreadable)
        try cache.remove()
        #expect(!folder.has(name) && !cache.isOnDisk)
      }
      try with(memoryEntries) { try expect(empty, &$0) }
    }
  }

  @Test func onlyTheSameFingerprintCounts() throws {
    for bit in 0..<64 {
      try with { try fill(&$0) }
      try with(fingerprint: 7 ^ 1 << UInt64(bit)) { try expect(empty, &$0, "\(bit)") }
    }
    // Nor do entries of another run count whose header is this one's.
    try with(fingerprint: 8) { try fill(&$0) }
    let header = try folder.bytes(name)[..<64]
    try with { try fill(&$0) }
    try folder.write(Array(header + folder.bytes(name)[64...]), to: name)
    try with(fingerprint: 8) { try expect(empty, &$0) }
  }

  @Test func otherVersionsAndSizesAreBegunAnew() throws {
    for word in 0..<8 {
      try with { try fill(&$0) }
      let file = try StoredFile(path: folder.path(name))
      let crc = CRC32()
      var header = StoredHeader(file, at: 0, crc)!
      header[word] ^= 1
      try header.write(to: file, at: 0, crc)
      try with { try expect(empty, &$0, "word \(word)") }
      try with { try expect(empty, &$0, "word \(word), again") }
    }
  }

  @Test func filesMayEndAnywhere() throws {
    try with { try fill(&$0) }
    let whole = try folder.bytes(name)
    #expect(whole.count == fileBytes)
    for count in 0...whole.count {
      try folder.write(Array(whole[..<count]), to: name)
      try with(memories[count % 3]) { cache in
        // The entries that the bytes hold in full are there, if all states are.
        let expected = (0..<cache.count).map { number in
          let isWhole = cache.offset(of: number + 1) <= count || filled[number] == .unreadable
          return count >= 64 + 8 * cache.count && isWhole ? filled[number] : .absent
        }
        try expect(expected, &cache, "\(count) bytes")
      }
    }
  }

  @Test func noBitMayFlip() throws {
    try with { try fill(&$0) }
    let whole = try folder.bytes(name)
    for offset in 0..<whole.count {
      for bit in offset < 128 ? 0..<8 : offset % 8..<offset % 8 + 1 {
        var bytes = whole
        bytes[offset] ^= 1 << UInt8(bit)
        try folder.write(bytes, to: name)
        var expected = offset < 64 ? empty : filled
        if offset >= 64 && offset < 64 + 56 { expected[(offset - 64) / 8] = .absent }
        if offset >= 128 {
          let number = (offset - 128) / FeatureCacheTests.entryBytes
          if filled[number] == .present { expected[number] = .absent }
        }
        try with { try expect(expected, &$0, "bit \(bit) of byte \(offset)") }
      }
    }
  }

  /// An entry in another's place is none.
  @Test func entriesHaveTheirPlaces() throws {
    try with { try fill(&$0) }
    var bytes = try folder.bytes(name)
    for byte in 0..<8 { bytes.swapAt(64 + byte, 64 + 8 * 4 + byte) }
    for byte in 0..<FeatureCacheTests.entryBytes {
      bytes.swapAt(128 + byte, 128 + 4 * FeatureCacheTests.entryBytes + byte)
    }
    try folder.write(bytes, to: name)
    var expected = filled
    (expected[0], expected[4]) = (.absent, .absent)
    try with { try expect(expected, &$0) }
  }

  /// Changed while the cache is open, or not to be read any more.
  @Test func whatTheDiskGivesIsLookedAt() throws {
    let script = FileScript()
    try with(3, script) { cache in
      try fill(&cache)
      let file = try StoredFile(path: folder.path(name))
      for number in [2, 4] {
        try [UInt8(FeatureCacheTests.entry(number)[5] ^ 64)].withUnsafeBytes {
          try file.write($0, at: cache.offset(of: number) + 5)
        }
      }
      try expectWhole([2], &cache)
      #expect(failure { _ = try isWhole(4, &cache) } == .damaged(entry: 4))
      #expect(cache.state(4) == .absent)
      try store(4, &cache)
      try expectWhole([4], &cache)
      script.readError = FileScript.inputOutput
      #expect(failure { _ = try isWhole(6, &cache) } == .system(.inputOutput))
      #expect(cache.state(6) == .absent)
    }
    // Places that cannot be read when the file is opened.
    try with { try fill(&$0) }
    let other = FileScript()
    other.unreadable = 128 + 6 * FeatureCacheTests.entryBytes..<fileBytes
    var expected = filled
    expected[6] = .absent
    try with(3, other) { try expect(expected, &$0) }
  }

  @Test func interruptionsAndShortTransfersAreNothing() throws {
    for memoryEntries in memories {
      let script = FileScript()
      script.isInterrupted = true
      script.longestTransfer = 13
      try with(memoryEntries, script) { try fill(&$0) }
      try with(memoryEntries, script) { try expect(filled, &$0) }
    }
  }

  /// Power fails after any call, and the disk has stored any part of what it was not yet told to wait for.
  @Test func anyPowerFailureLeavesTheEntriesFlushed() throws {
    var random = Generator(seed: 32)
    let script = FileScript()
    var flushed: [(events: Int, entries: [Int])] = [(0, [])]
    try with(2, script) { cache in
      for group in [[4, 0], [6, 2, 1], [5]] {
        for number in group { try store(number, &cache) }
        try cache.flush()
        flushed.append((script.events.count, flushed.last!.entries + group))
      }
    }
    for count in 0...script.events.count {
      let durable = flushed.last { $0.events <= count }!.entries
      for _ in 0..<40 {
        try folder.write(script.disk(after: count, from: [], random: &random), to: name)
        try with(3) { cache in
          let states = (0..<cache.count).map { cache.state($0) }
          #expect(durable.allSatisfy { states[$0] == .present }, "\(count) calls")
          try expect(states, &cache, "\(count) calls")
        }
      }
    }
  }

  private func expectFull(_ place: String, _ body: () throws -> Void) {
    #expect(throws: FeatureCacheError.diskFull(bytes: Int64(fileBytes)), "\(place)", performing: body)
  }

  @Test func aFullDiskShowsAtTheStart() throws {
    let script = FileScript()
    script.allocationError = FileScript.diskFull
    for memoryEntries in [0, 3] {
      expectFull("\(memoryEntries)") { try with(memoryEntries, script) { _ in } }
      #expect(!folder.has(name))
    }
    // Where all entries are in memory there is no need of it.
    try with(7, script) { cache in
      #expect(!cache.isOnDisk && !folder.has(name))
      try fill(&cache)
      try expect(filled, &cache)
      try cache.remove()
    }
    // Also with a file that has some of them already.
    try with { try fill(&$0) }
    try with(7, script) { cache in
      try expect(filled, &cache)
      #expect(!cache.isOnDisk && !folder.has(name))
    }
    #expect(!folder.has(name))
    script.allocationError = 0
    try with(3, script) { _ in }
    #expect(script.allocated == Int64(fileBytes))
  }

  /// A file system that cannot be asked for room beforehand is full after any byte.
  @Test func aFullDiskShowsWhenItIsFull() throws {
    for (turn, memoryEntries) in memories.enumerated() {
      // Other bytes for each, all of them together.
      let total = 64 + 128 + 5 * (FeatureCacheTests.entryBytes + 8) + 8
      for limit in stride(from: turn, to: total, by: 3) {
        let script = FileScript()
        script.allocationError = 95
        script.bytesLeft = limit
        let place = "\(limit) bytes, \(memoryEntries) in memory"
        if memoryEntries == FeatureCacheTests.count {
          try with(memoryEntries, script) { cache in
            try fill(&cache)
            #expect(!cache.isOnDisk && !folder.has(name), "\(place)")
            try expect(filled, &cache, "\(place)")
          }
          continue
        }
        expectFull(place) { try with(memoryEntries, script) { try fill(&$0) } }
        #expect(!folder.has(name))
      }
      let script = FileScript()
      script.allocationError = 95
      try with(memoryEntries, script) { try fill(&$0) }
      try with(memoryEntries, script) { cache in
        try expect(filled, &cache)
        #expect(cache.isOnDisk && folder.has(name))
      }
    }
  }

  @Test func otherErrorsAreErrors() throws {
    let script = FileScript()
    script.writeError = FileScript.inputOutput
    script.bytesLeft = 300
    #expect(throws: FeatureCacheError.system(.inputOutput)) { try with(7, script) { try fill(&$0) } }
    // An entry that could not be stored is absent, and may be stored later.
    script.bytesLeft = .max
    try with(3, script) { cache in
      try store(4, &cache)
      script.bytesLeft = 40
      for number in [1, 5] {
        #expect(failure { try store(number, &cache) } == .system(.inputOutput))
        #expect(cache.state(number) == .absent && cache.state(4) == .present)
      }
      script.bytesLeft = .max
      try store(5, &cache)
      try expectWhole([4, 5], &cache)
    }
    let other = FileScript()
    other.synchronizationsLeft = 0
    #expect(throws: FeatureCacheError.system(.inputOutput)) { try with(3, other) { try fill(&$0) } }
    let memory = TestMemory(64)
    #expect(throws: FeatureCacheError.system(.noEntry)) {
      _ = try FeatureCache(
        path: folder.path("none/file"), fingerprint: 0, count: 1, entryBytes: 1,
        memory: UnsafeMutableRawBufferPointer(start: memory.address, count: 64))
    }
  }

  /// Memory is used up to its end and not beyond.
  @Test func memoryIsAsAccounted() throws {
    #expect(FeatureCache.byteCount(count: 7, entryBytes: 90, memoryEntries: 3) == 64 + 270)
    #expect(FeatureCache.byteCount(count: 9, entryBytes: 4704, memoryEntries: 0) == 128)
    let size = 64 + 270
    let memory = TestMemory(size + 90)
    var cache = try FeatureCache(
      path: folder.path(name), fingerprint: 0, count: 7, entryBytes: 90,
      memory: UnsafeMutableRawBufferPointer(start: memory.address, count: size + 89))
    #expect(cache.memoryEntries == 3)
    for number in 0..<7 { try store(number, &cache) }
    #expect((size..<size + 90).allSatisfy { memory.address.load(fromByteOffset: $0, as: UInt8.self) == 0xA5 })
    try expect(Array(repeating: .present, count: 7), &cache)
  }

  /// Entries longer than what is checked at once.
  @Test func longEntriesAreWhole() throws {
    let entryBytes = 200_001
    let bytes = (0..<entryBytes).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 9) }
    let memory = TestMemory(64)
    let region = UnsafeMutableRawBufferPointer(start: memory.address, count: 64)
    func open() throws -> FeatureCache {
      try FeatureCache(
        path: folder.path(name), fingerprint: 0, count: 3, entryBytes: entryBytes, memory: region)
    }
    do {
      var cache = try open()
      try bytes.withUnsafeBytes { try cache.store(1, $0) }
      try cache.flush()
    }
    var cache = try open()
    var read = [UInt8](repeating: 0, count: entryBytes)
    try read.withUnsafeMutableBytes { try cache.read(1, into: $0) }
    #expect(read == bytes && cache.state(0) == .absent && cache.state(2) == .absent)
    withExtendedLifetime(memory) {}
  }
}
