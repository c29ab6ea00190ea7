/// How a camera's frame lies in memory, and what its values mean.
///
/// Chroma is taken to be sited in the middle of the pixels that it is for, across and down, as V4L2 documents its
/// formats. Of a planar frame of odd size the last sample stands for one pixel.
public struct FrameFormat: Equatable, Sendable {
  /// Which bytes are what; V4L2's names.
  public enum Layout: Equatable, Sendable, CaseIterable {
    /// Y, U, Y, V for every two pixels.
    case yuyv
    /// U, Y, V, Y for every two pixels.
    case uyvy
    /// A plane of Y, then one of U and V side by side for every two by two pixels.
    case nv12
    /// As `nv12`, V before U.
    case nv21
    /// A plane of Y, one of U and one of V, each for two by two pixels (I420). Chroma's lines are half as long.
    case yu12
    /// As `yu12`, V before U.
    case yv12
    /// Red, green, blue.
    case rgb24
    /// Blue, green, red.
    case bgr24
    /// One byte a pixel.
    case grey

    /// Luma and colour differences, not red, green and blue or gray.
    var hasChroma: Bool {
      switch self {
      case .rgb24, .bgr24, .grey: false
      default: true
      }
    }
  }

  public var layout: Layout
  public var width: Int
  public var height: Int
  /// From a line of the first plane to the next, as the driver says.
  public var bytesPerLine: Int
  public var colors: FrameColors

  public init(layout: Layout, width: Int, height: Int, bytesPerLine: Int, colors: FrameColors) {
    self.layout = layout
    self.width = width
    self.height = height
    self.bytesPerLine = bytesPerLine
    self.colors = colors
  }

  /// Those of lines without padding.
  public var leastBytesPerLine: Int { layout.plane(0).lineBytes(width) }

  /// The least bytes of a whole frame: up to the last pixel's, without what fills up the last line.
  ///
  /// - Throws: Where the format cannot be.
  public func byteCount() throws(ImageError) -> Int {
    guard (1...65535).contains(width), (1...65535).contains(height) else {
      throw ImageError(.frameSize(width: width, height: height))
    }
    if width & 1 == 1 && (layout == .yuyv || layout == .uyvy) { throw ImageError(.oddFrameWidth(width)) }
    let plane = layout.plane(0)
    let needed = plane.lineBytes(width)
    // Frames of 2 GB and more have no place where Int has 32 bits, and no camera.
    guard bytesPerLine >= needed, bytesPerLine <= Int(Int32.max) / (2 * height) else {
      throw ImageError(.bytesPerLine(bytesPerLine, needed: needed))
    }
    let last = layout.planeCount - 1
    let lastPlane = layout.plane(last)
    return offset(ofPlane: last) + (lastPlane.lines(height) - 1) * stride(ofPlane: last)
      + lastPlane.lineBytes(width)
  }

  /// Bytes from a plane's line to the next.
  func stride(ofPlane index: Int) -> Int {
    layout.plane(index).hasHalfLines ? (bytesPerLine + 1) / 2 : bytesPerLine
  }

  /// Where a plane begins.
  func offset(ofPlane index: Int) -> Int {
    var offset = 0
    for before in 0..<index { offset += layout.plane(before).lines(height) * stride(ofPlane: before) }
    return offset
  }
}

extension FrameFormat.Layout {
  /// A plane: groups of bytes side by side.
  struct Plane {
    /// Bytes of a group.
    var groupBytes: Int
    /// Pixels across and down that a group is for.
    var groupWidth = 1
    var groupHeight = 1
    /// Its lines are half as long as the first plane's.
    var hasHalfLines = false

    func lineBytes(_ width: Int) -> Int { (width + groupWidth - 1) / groupWidth * groupBytes }
    func lines(_ height: Int) -> Int { (height + groupHeight - 1) / groupHeight }
  }

  /// A component's samples.
  struct Component {
    var plane: Int
    /// The first sample in a line, and bytes to the next.
    var offset: Int
    var step: Int
    /// Pixels across and down that a sample is for.
    var spacing = 1
    var lineSpacing = 1
  }

  var planeCount: Int {
    switch self {
    case .nv12, .nv21: 2
    case .yu12, .yv12: 3
    default: 1
    }
  }

  func plane(_ index: Int) -> Plane {
    switch self {
    case .yuyv, .uyvy: Plane(groupBytes: 4, groupWidth: 2)
    case .rgb24, .bgr24: Plane(groupBytes: 3)
    case .grey: Plane(groupBytes: 1)
    case .nv12, .nv21:
      index == 0 ? Plane(groupBytes: 1) : Plane(groupBytes: 2, groupWidth: 2, groupHeight: 2)
    case .yu12, .yv12:
      index == 0
        ? Plane(groupBytes: 1) : Plane(groupBytes: 1, groupWidth: 2, groupHeight: 2, hasHalfLines: true)
    }
  }

  var componentCount: Int { self == .grey ? 1 : 3 }

  /// Y, U, V; or red, green, blue; or gray.
  func component(_ index: Int) -> Component {
    switch self {
    case .yuyv:
      index == 0
        ? Component(plane: 0, offset: 0, step: 2)
        : Component(plane: 0, offset: 2 * index - 1, step: 4, spacing: 2)
    case .uyvy:
      index == 0
        ? Component(plane: 0, offset: 1, step: 2)
        : Component(plane: 0, offset: 2 * index - 2, step: 4, spacing: 2)
    case .nv12, .nv21:
      index == 0
        ? Component(plane: 0, offset: 0, step: 1)
        : Component(
          plane: 1, offset: self == .nv12 ? index - 1 : 2 - index, step: 2, spacing: 2, lineSpacing: 2)
    case .yu12, .yv12:
      index == 0
        ? Component(plane: 0, offset: 0, step: 1)
        : Component(
          plane: self == .yu12 ? index : 3 - index, offset: 0, step: 1, spacing: 2, lineSpacing: 2)
    case .rgb24: Component(plane: 0, offset: index, step: 3)
    case .bgr24: Component(plane: 0, offset: 2 - index, step: 3)
    case .grey: Component(plane: 0, offset: 0, step: 1)
    }
  }
}
