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
  private var fromLastColumn: Bool {
    switch self {
    case .mirrored, .upsideDown, .transversed, .quarterCounterclockwise: true
    default: false
    }
  }

  /// The first stored row is the upright picture's last row or column.
  private var fromLastRow: Bool {
    switch self {
    case .upsideDown, .mirroredUpsideDown, .quarterClockwise, .transversed: true
    default: false
    }
  }

  /// Where an upright picture's pixels lie in the stored one: offset of the first, steps to the next one to
  /// the right and the next one below, in units of `columnStep` and `rowStep`.
  func steps(width: Int, height: Int, columnStep: Int, rowStep: Int) -> PixelSteps {
    let column = fromLastColumn ? 0 &- columnStep : columnStep
    let row = fromLastRow ? 0 &- rowStep : rowStep
    let first =
      (fromLastColumn ? (width &- 1) &* columnStep : 0) &+ (fromLastRow ? (height &- 1) &* rowStep : 0)
    return swapsAxes
      ? PixelSteps(first: first, right: row, down: column)
      : PixelSteps(first: first, right: column, down: row)
  }
}

/// A walk over stored pixels, in bytes.
struct PixelSteps: Equatable {
  var first: Int
  var right: Int
  var down: Int
}
