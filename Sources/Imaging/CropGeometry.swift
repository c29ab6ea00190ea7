import FirmwareModel

/// Which resize and which crop make an input of an upright picture, in pixels.
///
/// The centre crop's rule is the usual evaluation script's, `resize` of the shorter side to round(size ·
/// 8/7) and `crop` at ((W − size) // 2, (H − size) // 2): the longer side is rounded to the nearest integer,
/// halves to even as Python does; offsets are rounded down. Reference scores of 403 ImageNet photographs are
/// reproduced by this rule alone, of 9 tried. For an input that is not square, the picture is scaled until
/// it covers round(width · 8/7) by round(height · 8/7), touching it on one side.
public struct CropGeometry: Equatable, Sendable {
  /// The whole picture after the resize.
  public var resizedWidth: Int
  public var resizedHeight: Int
  /// The first column and row of the resized picture that the input shows.
  public var cropX: Int
  public var cropY: Int
  /// Where in the input the picture begins, and how much of the input it covers; the rest is mid-grey.
  public var windowX: Int
  public var windowY: Int
  public var windowWidth: Int
  public var windowHeight: Int

  /// - Parameters:
  ///   - width: The upright picture's, 1...65535, as is `height`.
  public init(pictureWidth width: Int, pictureHeight height: Int, input: ImageInput) {
    (cropX, cropY, windowX, windowY) = (0, 0, 0, 0)
    (windowWidth, windowHeight) = (input.width, input.height)
    (resizedWidth, resizedHeight) = (input.width, input.height)
    switch input.crop {
    case .stretch:
      break
    case .center:
      let coverWidth = roundedRatio(input.width, 8, 7)
      let coverHeight = roundedRatio(input.height, 8, 7)
      if Int64(coverWidth) * Int64(height) >= Int64(coverHeight) * Int64(width) {
        (resizedWidth, resizedHeight) = (coverWidth, roundedRatio(height, coverWidth, width))
      } else {
        (resizedWidth, resizedHeight) = (roundedRatio(width, coverHeight, height), coverHeight)
      }
      cropX = (resizedWidth - input.width) / 2
      cropY = (resizedHeight - input.height) / 2
    case .letterbox:
      if Int64(input.width) * Int64(height) <= Int64(input.height) * Int64(width) {
        resizedHeight = max(roundedRatio(height, input.width, width), 1)
      } else {
        resizedWidth = max(roundedRatio(width, input.height, height), 1)
      }
      (windowWidth, windowHeight) = (resizedWidth, resizedHeight)
      windowX = (input.width - resizedWidth) / 2
      windowY = (input.height - resizedHeight) / 2
    }
  }
}

/// `value · numerator / denominator`, rounded to nearest, halves to even, at most 2^31 − 1; all positive, the product
/// below 2^62.
func roundedRatio(_ value: Int, _ numerator: Int, _ denominator: Int) -> Int {
  let product = Int64(value) * Int64(numerator)
  let divisor = Int64(denominator)
  let quotient = product / divisor
  let twice = (product % divisor) * 2
  let up = twice > divisor || (twice == divisor && quotient & 1 == 1)
  return Int(min(quotient + (up ? 1 : 0), Int64(Int32.max)))
}
