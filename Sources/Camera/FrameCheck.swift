/// What can be told of a frame before it is decoded.
enum FrameCheck {
  /// No JPEG of a camera is as short: its tables alone are longer, and so is what is left without them.
  static let leastJPEGBytes = 128

  /// What is wrong with a frame's bytes, if anything.
  ///
  /// - Parameter leastBytes: What its format needs at least.
  static func fault(_ bytes: UnsafeRawBufferPointer, isJPEG: Bool, leastBytes: Int) -> Fault? {
    if bytes.isEmpty { return .empty }
    if bytes.count < leastBytes { return .short }
    guard isJPEG else { return nil }
    if bytes[0] != 0xFF || bytes[1] != 0xD8 { return .notJPEG }
    return hasEnd(bytes) ? nil : .truncatedJPEG
  }

  /// Whether a JPEG ends in an end-of-image marker. Cameras pad with anything, often up to a whole packet, so that it is
  /// looked for from behind until there are entropy-coded data, in which an 0xFF never stands before 0xD9.
  private static func hasEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = bytes.count - 2
    while index > 2 {
      if bytes[index] == 0xFF && bytes[index + 1] == 0xD9 { return true }
      index -= 1
    }
    return false
  }
}
