/// An upright picture's rows, of some columns only, as the passes read them.
struct SourceRows {
  private let picture: Picture
  let channels: Int
  private let columns: Range<Int>
  private let steps: PixelSteps

  init(_ picture: Picture, channels: Int, columns: Range<Int>) {
    self.picture = picture
    self.channels = channels
    self.columns = columns
    steps = picture.orientation.steps(
      width: picture.width, height: picture.height, columnStep: picture.channels, rowStep: picture.rowBytes)
  }

  /// Rows can be read where they are.
  var isDirect: Bool { steps.right == channels && picture.channels == channels }

  /// Bytes of the line that `row` may need.
  var lineBytes: Int { isDirect ? 0 : columns.count * channels }

  /// A row from the first of the columns on: where it is, or gathered in `line`.
  func row(_ y: Int, _ line: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8> {
    var source = picture.pixels + (steps.first + y * steps.down + columns.lowerBound * steps.right)
    if isDirect { return source }
    if channels == picture.channels {
      for column in 0..<columns.count {
        for channel in 0..<channels { line[column &* channels &+ channel] = source[channel] }
        source += steps.right
      }
    } else {
      for column in 0..<columns.count {
        line[column] = luma(source)
        source += steps.right
      }
    }
    return UnsafePointer(line)
  }
}
