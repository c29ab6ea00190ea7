import CV4L

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
    width = Int(format.width)
    height = Int(format.height)
    bytesPerLine = Int(format.bytesperline)
    imageBytes = Int(format.sizeimage)
    colorSpace = format.colorspace
    // Drivers from before these fields existed leave garbage in them, unless they say otherwise.
    let hasExtension = format.priv == StreamFormat.extensionMark
    encoding = hasExtension ? format.ycbcr_enc : 0
    quantization = hasExtension ? format.quantization : 0
  }

  /// V4L2_PIX_FMT_PRIV_MAGIC.
  static let extensionMark: UInt32 = 0xfeed_cafe

  /// The bytes that a frame must have, as far as the format says; 1 otherwise.
  public var leastBytes: Int {
    let plane = bytesPerLine * height
    // Chroma planes have half as many rows, rounded up, of as many bytes (two colours) or half as many (twice).
    let chroma = bytesPerLine * ((height + 1) / 2)
    switch format {
    case .yuyv, .uyvy, .rgb24, .bgr24, .grey: return plane
    case .nv12, .nv21: return plane + chroma
    case .yu12, .yv12: return plane + 2 * ((bytesPerLine + 1) / 2) * ((height + 1) / 2)
    default: return format.isJPEG ? FrameCheck.leastJPEGBytes : 1
    }
  }

  /// Drivers that leave the line's length out, or get it wrong, mean lines without padding.
  mutating func complete() {
    let packed: Int
    switch format {
    case .yuyv, .uyvy: packed = (width + 1) / 2 * 4
    case .rgb24, .bgr24: packed = width * 3
    case .grey, .nv12, .nv21, .yu12, .yv12: packed = width
    default: return
    }
    if bytesPerLine < packed { bytesPerLine = packed }
  }
}

extension StreamFormat {
  /// Frames can be looked at, directly or after a conversion.
  var isReadable: Bool {
    switch format {
    case .yuyv, .uyvy, .nv12, .nv21, .yu12, .yv12, .rgb24, .bgr24, .grey: true
    default: format.isJPEG || FrameConversion.canConvert(format)
    }
  }
}
