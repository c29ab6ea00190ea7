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
}
