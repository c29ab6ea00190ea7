import CLinux

/// Zeroed pages of the process's own, given back when the value ends. Pages not touched cost nothing.
public struct Pages: ~Copyable {
  public let address: UnsafeMutableRawPointer
  public let count: Int

  /// - Throws: `ENOMEM` where the address space or memory does not suffice.
  public init(count: Int) throws(SystemError) {
    let length = max(count, 1)
    #if HEAP_PAGES
      // Under AddressSanitizer: the heap is watched to the byte, mapped pages are not.
      address = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 4096)
      address.initializeMemory(as: UInt8.self, repeating: 0, count: length)
    #else
      let result = mmap(
        nil, ocellus_size(length), OCELLUS_PROTECTION_READ.value | OCELLUS_PROTECTION_WRITE.value,
        OCELLUS_MAP_PRIVATE.value | OCELLUS_MAP_ANONYMOUS.value | OCELLUS_MAP_POPULATE.value, -1, 0)
      guard let result, result != UnsafeMutableRawPointer(bitPattern: -1) else { throw .last }
      address = result
    #endif
    self.count = length
  }

  deinit {
    #if HEAP_PAGES
      address.deallocate()
    #else
      munmap(address, ocellus_size(count))
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
    let length = lseek(descriptor, 0, OCELLUS_SEEK_END.value)
    guard length >= 0 else { throw .last }
    if length == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let result = mmap(
      nil, ocellus_size(length), OCELLUS_PROTECTION_READ.value,
      OCELLUS_MAP_PRIVATE.value | (isReadAtOnce ? OCELLUS_MAP_POPULATE.value : 0), descriptor, 0)
    guard let result, result != UnsafeMutableRawPointer(bitPattern: -1) else { throw .last }
    bytes = UnsafeRawBufferPointer(start: result, count: Int(length))
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
