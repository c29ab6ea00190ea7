import CLinux

/// The system calls of a `StoredFile`: the kernel's, or those of a test that lets them fail.
///
/// A negative result is an error's number, negated, as the kernel itself gives it.
package struct FileCalls {
  /// Writes at an offset; gives the bytes written, which may be fewer.
  package var write: (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> Int
  /// Reads at an offset; gives the bytes read, which may be fewer, and are 0 at the end.
  package var read: (_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, _ offset: Int64) -> Int
  /// Waits until all that was written would outlive a power failure.
  package var synchronize: (_ descriptor: Int32) -> Int
  /// The same of the names in a file's folder.
  package var synchronizeFolder: (_ path: [CChar]) -> Int
  /// Takes room on the disk for the first bytes of a file, which becomes as long.
  package var allocate: (_ descriptor: Int32, _ count: Int64) -> Int

  package static var kernel: FileCalls {
    FileCalls(
      write: { descriptor, bytes, offset in
        result(
          Int(pwrite64(descriptor, bytes.baseAddress, ocellus_size(bytes.count), ocellus_offset(offset))))
      },
      read: { descriptor, bytes, offset in
        result(Int(pread64(descriptor, bytes.baseAddress, ocellus_size(bytes.count), ocellus_offset(offset))))
      },
      synchronize: { result(Int(fdatasync($0))) },
      synchronizeFolder: { path in
        do throws(SystemError) {
          try File.synchronizeFolder(of: path)
          return 0
        } catch { return -Int(error.code) }
      },
      allocate: { result(Int(fallocate64($0, 0, 0, ocellus_offset($1)))) })
  }

  private static func result(_ value: Int) -> Int { value < 0 ? -Int(ocellus_errno()) : value }
}
