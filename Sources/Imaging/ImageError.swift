import Platform

/// Why bytes did not become a picture, or a picture or a camera's frame not an input tensor.
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
    /// A frame of no pixels, or of more than 65535 in a row or a column.
    case frameSize(width: Int, height: Int)
    /// A frame of an odd width whose pixels share colours in pairs.
    case oddFrameWidth(Int)
    /// A frame's lines are said to be shorter than their pixels, or longer than memory.
    case bytesPerLine(Int, needed: Int)
    /// A frame of fewer bytes than its format takes.
    case shortFrame(bytes: Int, needed: Int)
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
    case .frameSize: "a frame of a size that no camera has; choose another size"
    case .oddFrameWidth: "a frame of an odd width in a format of pairs of pixels; choose another size"
    case .bytesPerLine: "a frame whose bytes per line do not fit its width; choose another size or format"
    case .shortFrame: "a frame with fewer bytes than its format takes; it was not transferred completely"
    case .system: "not enough memory for the picture; scale it down first"
    }
  }
}
