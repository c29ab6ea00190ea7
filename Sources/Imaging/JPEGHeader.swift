/// What a JPEG says of itself before its pixels.
public struct JPEGHeader: Equatable, Sendable {
  /// Stored size, before the orientation is taken into account.
  public var width: Int
  public var height: Int
  /// 1 (gray), 3 (colour) or 4 (cyan, magenta, yellow, black).
  public var components: Int
  /// Made by several scans over coefficients that are all held in memory.
  public var isProgressive: Bool
  public var orientation: Orientation
}
