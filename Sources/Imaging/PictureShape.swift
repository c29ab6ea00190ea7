/// What is known of a picture before its rows come.
public struct PictureShape: Equatable, Sendable {
  /// Stored size, before the orientation is taken into account; at least 1.
  public var width: Int
  public var height: Int
  /// 1 (gray) or 3 (red, green, blue).
  public var channels: Int
  public var orientation: Orientation
  /// Stored size of the picture that this one is scaled down from while it is decoded; crops are computed
  /// from it, so that they do not depend on that scaling.
  public var fullWidth: Int
  public var fullHeight: Int

  /// A picture at its own size.
  public init(width: Int, height: Int, channels: Int, orientation: Orientation = .upright) {
    self.width = width
    self.height = height
    self.channels = channels
    self.orientation = orientation
    fullWidth = width
    fullHeight = height
  }

  var uprightWidth: Int { orientation.swapsAxes ? height : width }
  var uprightHeight: Int { orientation.swapsAxes ? width : height }
}

extension Picture {
  /// The same without the pixels.
  public var shape: PictureShape {
    var shape = PictureShape(width: width, height: height, channels: channels, orientation: orientation)
    shape.fullWidth = fullWidth
    shape.fullHeight = fullHeight
    return shape
  }
}
