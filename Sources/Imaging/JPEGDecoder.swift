import CJPEG
import FirmwareModel

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

/// A decoder of JPEGs that keeps its pixels' memory from picture to picture.
///
/// At scale 1 the pixels are those of libjpeg's defaults (accurate integer DCT, interpolated chroma), hence
/// Pillow's. Pictures without Huffman tables, as cameras send them in motion JPEG, get the standard's.
public struct JPEGDecoder: ~Copyable {
  /// The sizes that a JPEG can be decoded at for less work than at its own, in eighths; sides are rounded up.
  public enum Scale: Int, Equatable, Sendable {
    case eighth = 1
    case quarter = 2
    case half = 4
    case full = 8

    func apply(_ size: Int) -> Int { (size * rawValue + 7) / 8 }
  }

  public enum Colors: Int, Equatable, Sendable {
    case gray = 1
    case rgb = 3
  }

  /// 50 million: a 48-megapixel photograph. What libjpeg needs for such a progressive picture of 4
  /// components, and its pixels at full scale, stay below 600 MB together.
  public static let defaultMaximumPixels = 50_000_000

  /// Pictures of more pixels are refused before anything is allocated for them. At its worst a picture takes
  /// 11 bytes a pixel, 8 of them only where it is progressive.
  public let maximumPixels: Int
  private let jpeg: OpaquePointer
  private var pixels = GrowingBuffer()
  private var inks = GrowingBuffer()

  /// - Throws: Only for want of memory.
  public init(maximumPixels: Int = JPEGDecoder.defaultMaximumPixels) throws(ImageError) {
    guard let jpeg = ocellus_jpeg_create() else { throw ImageError(.system(.noMemory)) }
    self.jpeg = jpeg
    self.maximumPixels = maximumPixels
  }

  deinit { ocellus_jpeg_destroy(jpeg) }

  /// libjpeg's words for the last picture's error or first warning, in English, without its place; empty
  /// where there was neither. Valid until the next picture.
  public var message: UnsafePointer<CChar> { status.message }

  private var status: ocellus_jpeg_status {
    var status = ocellus_jpeg_status()
    ocellus_jpeg_get_status(jpeg, &status)
    return status
  }

  /// Reads a picture's header only.
  public mutating func header(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> JPEGHeader {
    defer { ocellus_jpeg_close(jpeg) }
    return try open(bytes)
  }

  /// Decodes a picture for an input: no larger than the resize can use, and gray where gray suffices.
  ///
  /// - Returns: A picture that is valid until the next one is decoded. One that `isTruncated` has what there was;
  ///   whether that is good enough is for the caller to say.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, for input: ImageInput
  ) throws(ImageError) -> Picture {
    defer { ocellus_jpeg_close(jpeg) }
    let header = try open(bytes)
    return try decode(
      header, JPEGDecoder.scale(of: header, for: input), input.channels == 1 ? .gray : .rgb)
  }

  /// Decodes a picture.
  ///
  /// - Parameter colors: `rgb` gives gray pictures one channel nevertheless, since all three would be the same.
  /// - Returns: A picture that is valid until the next one is decoded.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, scale: Scale = .full, colors: Colors = .rgb
  ) throws(ImageError) -> Picture {
    defer { ocellus_jpeg_close(jpeg) }
    return try decode(try open(bytes), scale, colors)
  }

  /// The smallest scale that leaves both sides at least twice as long as the resize makes them: with less,
  /// networks lose accuracy (nearly 3 points at once the size).
  public static func scale(of header: JPEGHeader, for input: ImageInput) -> Scale {
    let turned = header.orientation.swapsAxes
    let geometry = CropGeometry(
      pictureWidth: turned ? header.height : header.width,
      pictureHeight: turned ? header.width : header.height, input: input)
    let width = 2 * Int64(turned ? geometry.resizedHeight : geometry.resizedWidth)
    let height = 2 * Int64(turned ? geometry.resizedWidth : geometry.resizedHeight)
    for scale: Scale in [.eighth, .quarter, .half] {
      if scale.apply(header.width) >= width && scale.apply(header.height) >= height { return scale }
    }
    return .full
  }

  private func open(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> JPEGHeader {
    var header = ocellus_jpeg_header()
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    let result = ocellus_jpeg_open(jpeg, start, ocellus_jpeg_size(bytes.count), &header)
    if bytes.isEmpty { throw ImageError(.empty) }
    try check(result)
    let (width, height) = (Int(header.width), Int(header.height))
    guard Int64(width) * Int64(height) <= Int64(maximumPixels) else {
      throw ImageError(.tooManyPixels(width: width, height: height), offset: Int(status.offset))
    }
    return JPEGHeader(
      width: width, height: height, components: Int(header.components),
      isProgressive: header.is_progressive != 0,
      orientation: exifOrientation(jpeg: bytes))
  }

  private mutating func decode(
    _ header: JPEGHeader, _ scale: Scale, _ colors: Colors
  ) throws(ImageError) -> Picture {
    let isCMYK = header.components == 4
    let channels = header.components == 1 || (colors == .gray && !isCMYK) ? 1 : 3
    let output = isCMYK ? OCELLUS_JPEG_CMYK : channels == 1 ? OCELLUS_JPEG_GRAY : OCELLUS_JPEG_RGB
    // Progressive data is read here, before there is memory for pixels.
    var width: Int32 = 0
    var height: Int32 = 0
    try check(ocellus_jpeg_start(jpeg, Int32(scale.rawValue), output, &width, &height))
    let rowBytes = Int(width) * channels
    let memory = try pixels.reserve(rowBytes * Int(height)).assumingMemoryBound(to: UInt8.self)
    if isCMYK {
      let row = try inks.reserve(Int(width) * 4).assumingMemoryBound(to: UInt8.self)
      for y in 0..<Int(height) {
        try check(ocellus_jpeg_read_rows(jpeg, row, ocellus_jpeg_size(width) * 4, 1))
        convertInks(row, count: Int(width), into: memory + y * rowBytes)
      }
    } else {
      try check(ocellus_jpeg_read_rows(jpeg, memory, ocellus_jpeg_size(rowBytes), height))
    }
    ocellus_jpeg_finish(jpeg)
    var picture = Picture(
      pixels: UnsafePointer(memory), width: Int(width), height: Int(height), channels: channels,
      rowBytes: rowBytes,
      orientation: header.orientation)
    picture.fullWidth = header.width
    picture.fullHeight = header.height
    let status = self.status
    picture.isTruncated = status.is_truncated != 0
    picture.warnings = Int(status.warnings)
    return picture
  }

  /// Turns a result of the C functions into an error.
  private func check(_ result: Int32) throws(ImageError) {
    if result == 0 { return }
    let reason: ImageError.Reason =
      switch result {
      case Int32(OCELLUS_JPEG_UNSUPPORTED.rawValue): .unsupported
      case Int32(OCELLUS_JPEG_NO_MEMORY.rawValue): .system(.noMemory)
      case Int32(OCELLUS_JPEG_TOO_MANY_SCANS.rawValue): .tooManyScans
      default: .malformed
      }
    throw ImageError(reason, offset: Int(status.offset))
  }
}

/// Cyan, magenta, yellow and black, stored inverted as Adobe does, to red, green and blue: what the inks
/// leave of the white, times what the black leaves. Files that are not inverted cannot be told apart and are
/// rare; Pillow takes them all for inverted, too, and computes the same.
private func convertInks(
  _ inks: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>
) {
  for pixel in 0..<count {
    let light = Int32(inks[4 &* pixel &+ 3])
    for channel in 0..<3 {
      let ink = 255 &- Int32(inks[4 &* pixel &+ channel])
      let product = ink &* light &+ 128
      output[3 &* pixel &+ channel] = UInt8(clamping: light &- ((product &>> 8) &+ product) &>> 8)
    }
  }
}
