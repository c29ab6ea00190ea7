/// How a stored picture is turned or mirrored to stand upright: the values of the EXIF tag.
public enum Orientation: UInt8, Equatable, Sendable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  /// Mirrored along the main diagonal.
  case transposed = 5
  /// To be turned a quarter clockwise.
  case quarterClockwise = 6
  /// Mirrored along the other diagonal.
  case transversed = 7
  /// To be turned a quarter counterclockwise.
  case quarterCounterclockwise = 8

  /// The upright picture is as wide as the stored one is high.
  public var swapsAxes: Bool { rawValue >= 5 }

  /// The first stored column is the upright picture's last column or row.
  var fromLastColumn: Bool {
    switch self {
    case .mirrored, .upsideDown, .transversed, .quarterCounterclockwise: true
    default: false
    }
  }

  /// The first stored row is the upright picture's last row or column.
  var fromLastRow: Bool {
    switch self {
    case .upsideDown, .mirroredUpsideDown, .quarterClockwise, .transversed: true
    default: false
    }
  }
}
