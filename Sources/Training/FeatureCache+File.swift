import FirmwareModel
import Platform

extension FeatureCache {
  /// Takes what a file has, or begins it anew.
  mutating func takeOver(_ file: borrowing StoredFile) throws(SystemError) {
    if readIndex(file) {
      verify(file)
      try allocate(file)
    } else {
      index.update(repeating: 0, count: 2 * count)
      try file.clear()
      try allocate(file)
      // Absent, all of them; the header comes last, for without it there is no index.
      try file.writeZeros(offset(of: 0))
      var header = header
      try header.write(to: file, at: 0, crc)
    }
    try file.synchronizeName()
  }

  private var header: StoredHeader {
    var header = StoredHeader()
    header[0] = FeatureCache.magic
    header[1] = FeatureCache.version
    header[wide: 2] = fingerprint
    header[wide: 4] = UInt64(entryBytes)
    header[wide: 6] = UInt64(count)
    return header
  }

  /// Reads the states of this run's entries.
  ///
  /// - Returns: Whether the file has them.
  private func readIndex(_ file: borrowing StoredFile) -> Bool {
    let expected = header
    guard let header = StoredHeader(file, at: 0, crc) else { return false }
    for word in 0..<8 where header[word] != expected[word] { return false }
    let words = UnsafeMutableRawBufferPointer(start: index, count: 8 * count)
    do throws(SystemError) { try file.read(into: words, at: Int64(StoredHeader.byteCount)) } catch {
      return false
    }
    return true
  }

  /// Makes a full disk show at once, where the file system can.
  private func allocate(_ file: borrowing StoredFile) throws(SystemError) {
    do throws(SystemError) { try file.allocate(fileByteCount) } catch {
      // Otherwise it shows when entries are stored.
      if error.isFullDisk { throw error }
    }
  }

  /// Forgets the entries that are not whole, and reads the first ones into memory.
  private func verify(_ file: borrowing StoredFile) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(entryBytes, 1 << 16), alignment: 64)
    defer { buffer.deallocate() }
    for entry in 0..<count {
      let checksum: UInt32?
      switch state(entry) {
      case .absent: checksum = nil
      case .unreadable: checksum = 0
      case .present: checksum = self.checksum(of: entry, file, buffer)
      }
      if let checksum, check(state(entry), entry, checksum: checksum) == storedCheck(entry) { continue }
      forget(entry)
    }
  }

  /// Reads an entry, into memory or piece by piece into a buffer.
  ///
  /// - Returns: The CRC-32 of its bytes; nil where they cannot be read.
  private func checksum(
    of entry: Int, _ file: borrowing StoredFile, _ buffer: UnsafeMutableRawBufferPointer
  ) -> UInt32? {
    var checksum: UInt32 = 0
    var done = 0
    while done < entryBytes {
      let part =
        entry < memoryEntries
        ? UnsafeMutableRawBufferPointer(start: entries + entry * entryBytes, count: entryBytes)
        : UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(entryBytes - done, buffer.count)])
      do throws(SystemError) { try file.read(into: part, at: offset(of: entry) + Int64(done)) } catch {
        return nil
      }
      checksum = crc.checksum(of: UnsafeRawBufferPointer(part), after: checksum)
      done += part.count
    }
    return checksum
  }

  /// Where an entry begins in the file.
  func offset(of entry: Int) -> Int64 {
    FeatureCache.fileByteCount(count: count, entryBytes: 0) + Int64(entry) * Int64(entryBytes)
  }

  func storedCheck(_ entry: Int) -> UInt32 { UInt32(littleEndian: index[2 * entry + 1]) }

  /// The check of an entry.
  ///
  /// - Parameter checksum: The CRC-32 of its bytes; 0 where it has none.
  func check(_ state: State, _ entry: Int, checksum: UInt32) -> UInt32 {
    let words: InlineArray<4, UInt32> = [
      UInt32(truncatingIfNeeded: fingerprint).littleEndian,
      UInt32(truncatingIfNeeded: fingerprint >> 32).littleEndian, UInt32(entry).littleEndian,
      state.rawValue.littleEndian,
    ]
    return withUnsafeBytes(of: words) { crc.checksum(of: $0, after: checksum) }
  }

  func setState(_ state: State, _ entry: Int, checksum: UInt32) {
    index[2 * entry] = state.rawValue.littleEndian
    index[2 * entry + 1] = check(state, entry, checksum: checksum).littleEndian
  }

  func forget(_ entry: Int) {
    index[2 * entry] = 0
    index[2 * entry + 1] = 0
  }
}
