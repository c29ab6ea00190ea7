import FirmwareModel
import Platform

/// The state of a training run, kept so that power may fail at any instant: a file of two slots, which take the states
/// in turns. A state overwrites the one before the last, and not before the last one is known to be stored.
///
/// A slot is a header of sixteen words, then the state's bytes, the *payload*; slots begin 4096 bytes apart, or a
/// multiple, so that no two are in one block of a disk.
///
///     word  0  "OCKP"                       6  bytes of the payload, 64 bits
///           1  version                      8  fingerprint of what is trained and how, 64 bits
///           2  sequence number, 64 bits    10  CRC-32 of the payload
///           4  step                        15  CRC-32 of the words before it
///
/// The file has its full size from the start, written once with zeros: a disk that is too full shows at once, and saves
/// need no more room. Saving and loading move the payload between file and memory as it lies there, without a copy,
/// and allocate nothing.
public struct CheckpointFile: ~Copyable {
  /// A state that was saved.
  public struct Record: Equatable, Sendable {
    /// Steps that were done.
    public var step: Int
    /// Counts the states of this file.
    public var sequence: UInt64
  }

  private struct Slot {
    var record: Record
    var payloadChecksum: UInt32
  }

  private static let magic: UInt32 = 0x504B_434F
  static let version: UInt32 = 1
  private static let block = 4096

  private let payloadBytes: Int
  private let fingerprint: UInt64
  private let file: StoredFile
  private let crc: CRC32
  /// What both slots hold; nil where it is not whole, or not of this run.
  private var slots: InlineArray<2, Slot?>

  /// Opens a checkpoint, or makes one; a file of another size is none, and is begun anew.
  ///
  /// - Parameters:
  ///   - path: Ended by a zero.
  ///   - payloadBytes: Of each state.
  ///   - fingerprint: Only states saved under the same one are seen.
  ///   - isBegunAnew: What the file holds is forgotten.
  /// - Throws: Where there is no room on the disk, among others; a file that could not be begun is removed.
  public init(
    path: [CChar], payloadBytes: Int, fingerprint: UInt64, isBegunAnew: Bool = false
  ) throws(SystemError) {
    try self.init(
      path: path, payloadBytes: payloadBytes, fingerprint: fingerprint, isBegunAnew: isBegunAnew,
      calls: .kernel)
  }

  init(
    path: [CChar], payloadBytes: Int, fingerprint: UInt64, isBegunAnew: Bool = false, calls: FileCalls
  ) throws(SystemError) {
    let crc = CRC32()
    let file = try StoredFile(path: path, calls: calls)
    var slots: InlineArray<2, Slot?> = [nil, nil]
    let size = CheckpointFile.byteCount(payloadBytes: payloadBytes)
    let isOfThisSize = try file.size() == size
    if isBegunAnew || !isOfThisSize {
      do throws(SystemError) {
        try file.clear()
        try file.writeZeros(size)
        try file.synchronize()
      } catch {
        // What cannot be used only takes room. Why it could not be begun matters more than why it stays.
        try? file.remove()
        throw error
      }
    } else {
      for index in 0..<2 {
        slots[index] = CheckpointFile.slot(index, file, crc, payloadBytes, fingerprint)
      }
    }
    // Also of a file that was there: whoever made it may have been stopped before this.
    try file.synchronizeName()
    self.payloadBytes = payloadBytes
    self.fingerprint = fingerprint
    self.slots = slots
    self.file = file
    self.crc = crc
  }

  /// Bytes of a checkpoint's file.
  public static func byteCount(payloadBytes: Int) -> Int64 { 2 * slotBytes(payloadBytes) }

  private static func slotBytes(_ payloadBytes: Int) -> Int64 {
    (Int64(StoredHeader.byteCount) + Int64(payloadBytes) + Int64(block - 1)) & ~Int64(block - 1)
  }

  /// What a slot holds, if all of it is whole and of this run.
  private static func slot(
    _ index: Int, _ file: borrowing StoredFile, _ crc: borrowing CRC32, _ payloadBytes: Int,
    _ fingerprint: UInt64
  ) -> Slot? {
    let start = Int64(index) * slotBytes(payloadBytes)
    guard let header = StoredHeader(file, at: start, crc), header[0] == magic, header[1] == version,
      header[wide: 6] == UInt64(payloadBytes), header[wide: 8] == fingerprint,
      let step = Int(exactly: header[4])
    else { return nil }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    defer { buffer.deallocate() }
    var checksum: UInt32 = 0
    var done = 0
    while done < payloadBytes {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(payloadBytes - done, buffer.count)])
      let offset = start + Int64(StoredHeader.byteCount + done)
      do throws(SystemError) { try file.read(into: part, at: offset) } catch { return nil }
      checksum = crc.checksum(of: UnsafeRawBufferPointer(part), after: checksum)
      done += part.count
    }
    guard checksum == header[10] else { return nil }
    return Slot(record: Record(step: step, sequence: header[wide: 2]), payloadChecksum: checksum)
  }

  private var newestSlot: Int? {
    guard let first = slots[0] else { return slots[1] == nil ? nil : 1 }
    guard let second = slots[1] else { return 0 }
    return first.record.sequence > second.record.sequence ? 0 : 1
  }

  /// The newest state that is whole.
  public var newest: Record? {
    guard let index = newestSlot else { return nil }
    return slots[index]?.record
  }

  /// Reads the newest state that is whole.
  ///
  /// - Parameter parts: Where its bytes belong, `payloadBytes` together. Without a state they hold anything.
  /// - Returns: The state's record; nil where there is none.
  public mutating func load(into parts: [UnsafeMutableRawBufferPointer]) -> Record? {
    checkSize(parts)
    while let index = newestSlot, let slot = slots[index] {
      if checksum(reading: index, into: parts) == slot.payloadChecksum { return slot.record }
      // It was whole when the file was opened, and is no more: there may be the other.
      slots[index] = nil
    }
    return nil
  }

  /// - Returns: The checksum of what was read; nil where that failed.
  private func checksum(reading index: Int, into parts: [UnsafeMutableRawBufferPointer]) -> UInt32? {
    var offset = payloadOffset(index)
    var checksum: UInt32 = 0
    for part in parts {
      do throws(SystemError) { try file.read(into: part, at: offset) } catch { return nil }
      checksum = crc.checksum(of: UnsafeRawBufferPointer(part), after: checksum)
      offset += Int64(part.count)
    }
    return checksum
  }

  /// Saves a state, which is stored when this returns.
  ///
  /// - Parameter parts: Its bytes, `payloadBytes` together.
  /// - Throws: The last state that was saved is then still whole, and the next save may succeed.
  public mutating func save(_ parts: [UnsafeMutableRawBufferPointer], step: Int) throws(SystemError) {
    checkSize(parts)
    let last = newestSlot
    let index = last == 0 ? 1 : 0
    let sequence = (newest?.sequence ?? 0) + 1
    slots[index] = nil
    var offset = payloadOffset(index)
    var checksum: UInt32 = 0
    for part in parts {
      let bytes = UnsafeRawBufferPointer(part)
      checksum = crc.checksum(of: bytes, after: checksum)
      try file.write(bytes, at: offset)
      offset += Int64(part.count)
    }
    // Disks store in any order what they are not told to wait for: no header before its payload, and no other slot's
    // payload before this header.
    try file.synchronize()
    var header = StoredHeader()
    header[0] = CheckpointFile.magic
    header[1] = CheckpointFile.version
    header[wide: 2] = sequence
    header[4] = UInt32(step)
    header[wide: 6] = UInt64(payloadBytes)
    header[wide: 8] = fingerprint
    header[10] = checksum
    try header.write(to: file, at: Int64(index) * CheckpointFile.slotBytes(payloadBytes), crc)
    try file.synchronize()
    slots[index] = Slot(record: Record(step: step, sequence: sequence), payloadChecksum: checksum)
  }

  private func payloadOffset(_ index: Int) -> Int64 {
    Int64(index) * CheckpointFile.slotBytes(payloadBytes) + Int64(StoredHeader.byteCount)
  }

  private func checkSize(_ parts: [UnsafeMutableRawBufferPointer]) {
    var count = 0
    for part in parts { count += part.count }
    precondition(count == payloadBytes)
  }

  /// Removes the file: the run has ended, and nothing of it is saved any more.
  public func remove() throws(SystemError) { try file.remove() }
}
