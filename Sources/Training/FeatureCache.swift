import FirmwareModel
import Platform

/// What the frozen part of a network makes of each photograph and view, `entryBytes` bytes an entry: as many of the
/// first entries as memory was given for, and all of them in a file, so that a run that is resumed need not run the
/// frozen part again.
///
/// The file, little-endian:
///
///     byte   0  "OCFC", version; then, 64 bits each, the fingerprint, an entry's bytes and the number of entries;
///               in the last of 16 words the CRC-32 of those before it
///           64  for each entry a word of its state (0 absent, 1 present, 2 unreadable) and one of its check
///               the entries, one after the other, from a multiple of 64 on
///
/// An entry's check is the CRC-32 of its bytes, if it is present, then of fingerprint, number and state. A state whose
/// check does not hold is none: the entry is absent. So nothing needs to be written in any order, and nothing that a
/// disk loses or a file held before is taken for an entry.
///
/// Where the disk has no room but memory has for all entries, there is no file.
public struct FeatureCache: ~Copyable {
  public enum State: UInt32, Sendable {
    case absent = 0
    case present = 1
    /// The photograph cannot be used: there will be no entry.
    case unreadable = 2
  }

  static let magic: UInt32 = 0x4346_434F
  static let version: UInt32 = 1

  public let count: Int
  public let entryBytes: Int
  /// Those that are in memory, the first ones.
  public let memoryEntries: Int
  let fingerprint: UInt64
  let crc = CRC32()
  /// The file's words of states and checks.
  let index: UnsafeMutablePointer<UInt32>
  /// The entries in memory.
  let entries: UnsafeMutableRawPointer
  var file: StoredFile?

  /// Opens a cache, or makes one; a file that is not of this run, or not whole at its beginning, is begun anew.
  ///
  /// - Parameters:
  ///   - path: Ended by a zero.
  ///   - fingerprint: Of all that entries depend on; nothing else tells caches apart.
  ///   - count: Fewer than 2^32.
  ///   - entryBytes: At least 1.
  ///   - memory: `byteCount` bytes, aligned to 8, which must stay there.
  public init(
    path: [CChar], fingerprint: UInt64, count: Int, entryBytes: Int, memory: UnsafeMutableRawBufferPointer
  ) throws(FeatureCacheError) {
    try self.init(
      path: path, fingerprint: fingerprint, count: count, entryBytes: entryBytes, memory: memory,
      calls: .kernel)
  }

  init(
    path: [CChar], fingerprint: UInt64, count: Int, entryBytes: Int, memory: UnsafeMutableRawBufferPointer,
    calls: FileCalls
  ) throws(FeatureCacheError) {
    let indexBytes = FeatureCache.byteCount(count: count, entryBytes: entryBytes, memoryEntries: 0)
    precondition(entryBytes > 0 && memory.count >= indexBytes)
    self.count = count
    self.entryBytes = entryBytes
    self.fingerprint = fingerprint
    memoryEntries = min(count, (memory.count - indexBytes) / entryBytes)
    index = memory.baseAddress!.bindMemory(to: UInt32.self, capacity: 2 * count)
    entries = memory.baseAddress! + indexBytes
    index.initialize(repeating: 0, count: 2 * count)
    file = nil
    var failure: SystemError?
    do throws(SystemError) {
      let opened = try StoredFile(path: path, calls: calls)
      do throws(SystemError) { try takeOver(opened) } catch { failure = error }
      file = consume opened
    } catch { failure = error }
    if let failure { try giveUpFile(failure) }
  }

  /// Memory for a cache.
  public static func byteCount(count: Int, entryBytes: Int, memoryEntries: Int) -> Int {
    (8 * count + 63) & ~63 + memoryEntries * entryBytes
  }

  /// Bytes of the file.
  public static func fileByteCount(count: Int, entryBytes: Int) -> Int64 {
    (8 * Int64(count) + 63) & ~63 + Int64(StoredHeader.byteCount) + Int64(count) * Int64(entryBytes)
  }

  var fileByteCount: Int64 { FeatureCache.fileByteCount(count: count, entryBytes: entryBytes) }

  /// Whether entries are also in a file.
  public var isOnDisk: Bool { file != nil }

  public func state(_ entry: Int) -> State {
    State(rawValue: UInt32(littleEndian: index[2 * entry])) ?? .absent
  }

  /// Stores an entry.
  ///
  /// - Throws: The entry is then absent.
  public mutating func store(_ entry: Int, _ bytes: UnsafeRawBufferPointer) throws(FeatureCacheError) {
    precondition(bytes.count == entryBytes)
    if entry < memoryEntries {
      (entries + entry * entryBytes).copyMemory(from: bytes.baseAddress!, byteCount: entryBytes)
    }
    setState(.present, entry, checksum: crc.checksum(of: bytes))
    try write(entry, bytes)
  }

  /// Notes that there will be no entry.
  public mutating func markUnreadable(_ entry: Int) throws(FeatureCacheError) {
    setState(.unreadable, entry, checksum: 0)
    try write(entry, UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// Reads an entry that is present.
  ///
  /// - Throws: Also where the disk gives other bytes than were stored; the entry is then absent.
  public mutating func read(
    _ entry: Int, into bytes: UnsafeMutableRawBufferPointer
  ) throws(FeatureCacheError) {
    precondition(bytes.count == entryBytes && state(entry) == .present)
    if entry < memoryEntries {
      bytes.baseAddress!.copyMemory(from: entries + entry * entryBytes, byteCount: entryBytes)
      return
    }
    do throws(SystemError) { try file?.read(into: bytes, at: offset(of: entry)) } catch {
      forget(entry)
      throw .system(error)
    }
    guard
      check(.present, entry, checksum: crc.checksum(of: UnsafeRawBufferPointer(bytes))) == storedCheck(entry)
    else {
      forget(entry)
      throw .damaged(entry: entry)
    }
  }

  /// Waits until all that was stored would outlive a power failure.
  public mutating func flush() throws(FeatureCacheError) {
    do throws(SystemError) { try file?.synchronize() } catch { try giveUpFile(error) }
  }

  /// Removes the file: the run has ended.
  public mutating func remove() throws(FeatureCacheError) {
    do throws(SystemError) { try file?.remove() } catch { throw .system(error) }
    file = nil
  }

  /// Goes on without the file where the disk is full and all entries are in memory.
  private mutating func giveUpFile(_ error: SystemError) throws(FeatureCacheError) {
    guard error.isFullDisk else { throw .system(error) }
    // Its room is needed for what matters more; whether it can be had back makes no difference here.
    try? file?.remove()
    file = nil
    guard memoryEntries == count else { throw .diskFull(bytes: fileByteCount) }
  }

  /// Writes an entry and its state to the file.
  private mutating func write(
    _ entry: Int, _ bytes: UnsafeRawBufferPointer
  ) throws(FeatureCacheError) {
    do throws(SystemError) {
      try file?.write(bytes, at: offset(of: entry))
      let words = UnsafeRawBufferPointer(start: index + 2 * entry, count: 8)
      try file?.write(words, at: Int64(StoredHeader.byteCount) + 8 * Int64(entry))
    } catch {
      do throws(FeatureCacheError) { try giveUpFile(error) } catch {
        forget(entry)
        throw error
      }
    }
  }
}
