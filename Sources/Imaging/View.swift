import FirmwareModel

/// What training shows of a picture beside what the model's crop rule shows: a part of that, resized to the whole
/// input, or its mirror image.
public struct View: Equatable, Sendable {
  /// Parts of a side that places and lengths are given in.
  public static let unit = 256
  /// The shortest side of a part: a quarter.
  public static let shortest = unit / 4

  /// The part's place in the rectangle that the crop rule shows, in `unit`ths of that rectangle's width and height,
  /// of the upright picture. It may reach beyond the rectangle; at the picture's border it stops.
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int
  /// Left and right are exchanged, after everything else.
  public var isMirrored: Bool

  /// - Parameters:
  ///   - x: −`unit`...`unit`, as is `y`.
  ///   - width: `shortest`...`unit`, as is `height`.
  public init(
    x: Int = 0, y: Int = 0, width: Int = View.unit, height: Int = View.unit, isMirrored: Bool = false
  ) {
    precondition(abs(x) <= View.unit && abs(y) <= View.unit)
    precondition(View.shortest...View.unit ~= width && View.shortest...View.unit ~= height)
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.isMirrored = isMirrored
  }

  /// What the crop rule shows, as `classify` sees it.
  public static let whole = View()
  public static let mirrored = View(isMirrored: true)

  /// Views for training, the most useful first: mirror images, and parts that lie a little to each side, for an object is
  /// seldom where it was, or as near.
  public static let training: [View] = [
    .whole, .mirrored, View(x: -16, y: -16, width: 240, height: 240),
    View(x: 32, y: 32, width: 240, height: 240, isMirrored: true),
    View(x: -16, y: 48, width: 224, height: 224, isMirrored: true),
    View(x: 48, y: -16, width: 224, height: 224), View(x: 24, y: 24, width: 208, height: 208),
    View(x: 24, y: 24, width: 208, height: 208, isMirrored: true),
  ]
}

extension CropGeometry {
  /// The geometry of a view: the picture is resized so that the part covers what the crop rule's rectangle covers.
  ///
  /// With a part of p units from s on, a side of n pixels becomes n · 256 / p, rounded as all sides are, and the first
  /// pixel f that shows becomes (f · 256 + c · s) / p, rounded down, where c pixels show.
  public init(pictureWidth: Int, pictureHeight: Int, input: ImageInput, view: View) {
    self.init(pictureWidth: pictureWidth, pictureHeight: pictureHeight, input: input)
    CropGeometry.enlarge(&resizedWidth, &cropX, showing: windowWidth, start: view.x, length: view.width)
    CropGeometry.enlarge(&resizedHeight, &cropY, showing: windowHeight, start: view.y, length: view.height)
  }

  private static func enlarge(
    _ resized: inout Int, _ first: inout Int, showing count: Int, start: Int, length: Int
  ) {
    resized = roundedRatio(resized, View.unit, length)
    let place = Int64(first) * Int64(View.unit) + Int64(count) * Int64(start)
    first = Int(min(max(place, 0) / Int64(length), Int64(resized - count)))
  }
}
