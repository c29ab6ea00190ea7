import Platform

/// Why bytes did not become a picture, or a picture not an input tensor.
public struct ImageError: Error, Equatable {
  public var reason: Reason
  /// Bytes of the picture that had been read.
  public var offset: Int

  public enum Reason: Equatable, Sendable {
    /// There are no bytes.
    case empty
    /// Not a JPEG, or one so damaged that nothing can be decoded; the decoder's `message` says how.
    case malformed
    /// A JPEG of a kind that is not decoded; the decoder's `message` says which.
    case unsupported
    /// More pixels than the decoder's limit.
    case tooManyPixels(width: Int, height: Int)
    /// A progressive picture whose scans would take more than seconds to go through.
    case tooManyScans
    /// The system refused memory.
    case system(SystemError)
  }

  public init(_ reason: Reason, offset: Int = 0) {
    self.reason = reason
    self.offset = offset
  }

  /// What is wrong and what helps, for a message that also names the file and the offset.
  public var text: StaticString {
    switch reason {
    case .empty: "the file is empty; was it written completely?"
    case .malformed: "not a readable JPEG; copy or save the picture again"
    case .unsupported: "a kind of JPEG that is not decoded; save it as an 8-bit RGB or gray JPEG"
    case .tooManyPixels: "more pixels than the limit; scale the picture down first"
    case .tooManyScans: "too many progressive scans; save it as a baseline JPEG"
    case .system: "not enough memory for the picture; scale it down first"
    }
  }
}
