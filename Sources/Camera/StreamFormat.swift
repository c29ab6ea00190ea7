import CV4L
import Imaging

/// How the frames of a stream are laid out, as the driver has settled it.
public struct StreamFormat: Equatable, Sendable {
  public var format: FourCC
  public var width: Int
  public var height: Int
  /// From a row to the next in the first plane; 0 for compressed formats.
  public var bytesPerLine: Int
  /// The most bytes of a frame.
  public var imageBytes: Int
  /// The kernel's `v4l2_colorspace`, `v4l2_ycbcr_encoding` and `v4l2_quantization`.
  public var colorSpace: UInt32
  public var encoding: UInt32
  public var quantization: UInt32

  /// - Parameter format: The kernel's structure, as the driver filled it.
  public init(_ format: ocellus_v4l2_pix_format) {
    self.format = FourCC(code: format.pixelformat)
    width = Int(clamping: format.width)
    height = Int(clamping: format.height)
    bytesPerLine = Int(clamping: format.bytesperline)
    imageBytes = Int(clamping: format.sizeimage)
    colorSpace = format.colorspace
    // Drivers from before these fields existed leave garbage in them, unless they say otherwise.
    let hasExtension = format.priv == StreamFormat.extensionMark
    encoding = hasExtension ? format.ycbcr_enc : 0
    quantization = hasExtension ? format.quantization : 0
  }

  /// Frames without padding, in the driver's usual colours.
  init(_ format: FourCC, width: Int, height: Int) {
    var value = ocellus_v4l2_pix_format()
    value.pixelformat = format.code
    value.width = UInt32(width)
    value.height = UInt32(height)
    self.init(value)
    complete()
  }

  /// V4L2_PIX_FMT_PRIV_MAGIC.
  static let extensionMark: UInt32 = 0xfeed_cafe

  /// How a frame's pixels lie in memory; nil for formats that have to be decoded or converted.
  public var frameFormat: FrameFormat? {
    let layout: FrameFormat.Layout
    switch format {
    case .yuyv: layout = .yuyv
    case .uyvy: layout = .uyvy
    case .nv12: layout = .nv12
    case .nv21: layout = .nv21
    case .yu12: layout = .yu12
    case .yv12: layout = .yv12
    case .rgb24: layout = .rgb24
    case .bgr24: layout = .bgr24
    case .grey: layout = .grey
    default: return nil
    }
    return FrameFormat(
      layout: layout, width: width, height: height, bytesPerLine: bytesPerLine,
      colors: FrameColors(
        colorspace: colorSpace, encoding: encoding, quantization: quantization, layout: layout))
  }

  /// How a frame's pixels lie in memory once libv4lconvert has made them.
  var convertedFormat: FrameFormat {
    FrameFormat(
      layout: .rgb24, width: width, height: height, bytesPerLine: 3 * width,
      colors: FrameColors(matrix: .bt601, range: .full))
  }

  /// Frames can be looked at, directly or after a conversion.
  var isReadable: Bool {
    frameFormat != nil || format.isJPEG || FrameConversion.canConvert(format)
  }

  /// The bytes of a frame whose pixels lie in memory as they are; nil for others.
  var plainBytes: Int? { frameFormat == nil ? nil : leastBytes }

  /// The bytes that a frame must have, as far as the format says; nil where no frame can be of it.
  var leastBytes: Int? {
    if format.isJPEG { return FrameCheck.leastJPEGBytes }
    do throws(ImageError) {
      if let frameFormat { return try frameFormat.byteCount() }
      _ = try convertedFormat.byteCount()
      return 1
    } catch { return nil }
  }

  /// Drivers that leave the line's length out, or get it wrong, mean lines without padding.
  mutating func complete() {
    guard let frameFormat else { return }
    bytesPerLine = max(bytesPerLine, frameFormat.leastBytesPerLine)
  }
}
