/// A decoded picture in memory of someone else: 8 bits a channel, gray or red, green, blue.
public struct Picture {
  /// The first pixel of the stored picture's first row.
  public var pixels: UnsafePointer<UInt8>
  /// Stored size, before the orientation is taken into account.
  public var width: Int
  public var height: Int
  /// 1 (gray) or 3 (red, green, blue).
  public var channels: Int
  /// From a row to the next.
  public var rowBytes: Int
  public var orientation: Orientation
  /// Stored size of the picture that this one was scaled down from while it was decoded; crops are computed
  /// from it, so that they do not depend on that scaling.
  public var fullWidth: Int
  public var fullHeight: Int
  /// The data ended early: rows or details are missing, and the decoder's guess is in their place.
  public var isTruncated: Bool
  /// Damage that was decoded over.
  public var warnings: Int

  /// A picture at its own size, such as a camera's frame. All sizes are at least 1.
  public init(
    pixels: UnsafePointer<UInt8>, width: Int, height: Int, channels: Int, rowBytes: Int,
    orientation: Orientation = .upright
  ) {
    self.pixels = pixels
    self.width = width
    self.height = height
    self.channels = channels
    self.rowBytes = rowBytes
    self.orientation = orientation
    fullWidth = width
    fullHeight = height
    isTruncated = false
    warnings = 0
  }
}
