import CLinux

/// Zeroed pages of the process's own, given back when the value ends.
///
/// Large blocks get huge pages where the system has them: they are mapped several times as fast, and the processor
/// translates their addresses with far fewer entries.
public struct Pages: ~Copyable {
  public let address: UnsafeMutableRawPointer
  public let count: Int
  /// What was mapped: more than the pages where they had to be aligned.
  private let mapping: UnsafeMutableRawBufferPointer

  /// The size of a huge page, or a multiple of it, on all processors with 4 KiB pages but 32-bit Arm without LPAE.
  private static let hugePage = 1 << 21

  /// - Throws: `ENOMEM` where the address space or memory does not suffice.
  public init(count: Int) throws(SystemError) {
    let length = max(count, 1)
    self.count = length
    #if HEAP_PAGES
      // Under AddressSanitizer: the heap is watched to the byte, mapped pages are not.
      address = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 4096)
      address.initializeMemory(as: UInt8.self, repeating: 0, count: length)
      mapping = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #else
      // A last part of three quarters of a huge page is worth one.
      let hugeBytes = (length + Pages.hugePage / 4) / Pages.hugePage * Pages.hugePage
      mapping = try Pages.map(hugeBytes == 0 ? length : max(length, hugeBytes) + Pages.hugePage)
      if hugeBytes == 0 {
        address = mapping.baseAddress!
      } else {
        address = mapping.baseAddress!.alignedUp(toMultipleOf: Pages.hugePage)
        // Both are advice: what the system does not know of makes it slower, no more.
        _ = madvise(address, ocellus_size(hugeBytes), OCELLUS_ADVICE_HUGE_PAGES.value)
      }
      _ = madvise(address, ocellus_size(length), OCELLUS_ADVICE_POPULATE_WRITE.value)
    #endif
  }

  private static func map(_ length: Int) throws(SystemError) -> UnsafeMutableRawBufferPointer {
    let result = mmap64(
      nil, ocellus_size(length), OCELLUS_PROTECTION_READ.value | OCELLUS_PROTECTION_WRITE.value,
      OCELLUS_MAP_PRIVATE.value | OCELLUS_MAP_ANONYMOUS.value, -1, 0)
    guard let result, result != UnsafeMutableRawPointer(bitPattern: -1) else { throw .last }
    return UnsafeMutableRawBufferPointer(start: result, count: length)
  }

  deinit {
    #if HEAP_PAGES
      address.deallocate()
    #else
      munmap(mapping.baseAddress, ocellus_size(mapping.count))
    #endif
  }
}

/// A file's bytes, mapped read-only.
public struct MappedFile: ~Copyable {
  public let bytes: UnsafeRawBufferPointer

  /// - Parameter isReadAtOnce: All of it will be read soon: its pages are mapped together.
  public init(path: UnsafePointer<CChar>, isReadAtOnce: Bool = false) throws(SystemError) {
    let descriptor = ocellus_open(path, OCELLUS_READ_ONLY.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    let length = lseek64(descriptor, 0, OCELLUS_SEEK_END.value)
    guard length >= 0 else { throw .last }
    guard let count = Int(exactly: length) else { throw SystemError(code: 27) }
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let result = mmap64(
      nil, ocellus_size(count), OCELLUS_PROTECTION_READ.value,
      OCELLUS_MAP_PRIVATE.value | (isReadAtOnce ? OCELLUS_MAP_POPULATE.value : 0), descriptor, 0)
    guard let result, result != UnsafeMutableRawPointer(bitPattern: -1) else { throw .last }
    bytes = UnsafeRawBufferPointer(start: result, count: count)
  }

  /// Gives back the memory of the file's first bytes, which come from the file again if they are read again.
  ///
  /// A file's pages count as the process's while they are mapped, all that were ever read.
  public func release(first count: Int) {
    guard count > 0, let start = bytes.baseAddress else { return }
    _ = madvise(
      UnsafeMutableRawPointer(mutating: start), ocellus_size(min(count, bytes.count)),
      OCELLUS_ADVICE_NOT_NEEDED.value)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), ocellus_size(bytes.count))
    }
  }
}
