import CLinux

/// A failed system call.
public struct SystemError: Error, Equatable {
  /// The kernel's error number (`errno`).
  public var code: Int32

  public init(code: Int32) { self.code = code }

  /// The error of the call that just failed.
  public static var last: SystemError { SystemError(code: ocellus_errno()) }

  /// The C library's words for it.
  public var text: UnsafePointer<CChar> { UnsafePointer(strerror(code)) }

  /// There is no room for the bytes: on the disk, in the user's share of it, or in a file of its file system.
  public var isFullDisk: Bool {
    code == OCELLUS_ENOSPC.value || code == OCELLUS_EDQUOT.value || code == OCELLUS_EFBIG.value
  }

  public static var noEntry: SystemError { SystemError(code: OCELLUS_ENOENT.value) }
  public static var inputOutput: SystemError { SystemError(code: OCELLUS_EIO.value) }
  public static var noDeviceOrAddress: SystemError { SystemError(code: OCELLUS_ENXIO.value) }
  public static var tryAgain: SystemError { SystemError(code: OCELLUS_EAGAIN.value) }
  public static var noMemory: SystemError { SystemError(code: OCELLUS_ENOMEM.value) }
  public static var accessDenied: SystemError { SystemError(code: OCELLUS_EACCES.value) }
  public static var busy: SystemError { SystemError(code: OCELLUS_EBUSY.value) }
  public static var noDevice: SystemError { SystemError(code: OCELLUS_ENODEV.value) }
  public static var invalidArgument: SystemError { SystemError(code: OCELLUS_EINVAL.value) }
  public static var brokenPipe: SystemError { SystemError(code: OCELLUS_EPIPE.value) }
  public static var noSpace: SystemError { SystemError(code: OCELLUS_ENOSPC.value) }
  public static var wrongRequest: SystemError { SystemError(code: OCELLUS_ENOTTY.value) }
}
