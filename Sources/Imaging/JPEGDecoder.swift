import CJPEG
import FirmwareModel
import Platform

/// A decoder of JPEGs, row by row, that keeps its memory from picture to picture.
///
/// A baseline picture takes the memory of a few rows; only for one made of several scans libjpeg holds all
/// coefficients.
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

  /// How well a picture could be decoded.
  public struct Damage: Equatable, Sendable {
    /// The data ended early: rows or details are missing, and the decoder's guess is in their place.
    public var isTruncated: Bool
    /// The data could not be what an encoder wrote: the picture is wrong from there on.
    public var isCorrupt: Bool
    /// Damage that was decoded over.
    public var warnings: Int
  }

  /// libjpeg-turbo writes rows past the cache where they are aligned to its vectors, which is slow for one that
  /// is read at once.
  static let misalignment = 8

  /// 50 million: a 48-megapixel photograph. What libjpeg needs for such a progressive picture of 4
  /// components, and its pixels at full scale, stay below 600 MB together.
  public static let defaultMaximumPixels = 50_000_000

  /// Pictures of more pixels are refused before anything is allocated for them. At its worst a picture takes
  /// 11 bytes a pixel, 8 of them only where it is progressive.
  public let maximumPixels: Int
  private let jpeg: OpaquePointer
  private var rowPixels = GrowingBuffer()
  private var inks = GrowingBuffer()
  /// A whole picture's pixels.
  var pixels = GrowingBuffer()
  /// The picture being decoded, and whether its rows come as inks.
  private var shape = PictureShape(width: 0, height: 0, channels: 1)
  private var isCMYK = false

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

  /// Begins a picture for an input: no larger than the resize can use, and gray where gray suffices.
  ///
  /// - Parameter bytes: They must stay where they are until `finish`.
  public mutating func begin(
    _ bytes: UnsafeRawBufferPointer, for input: ImageInput
  ) throws(ImageError) -> PictureShape {
    let header = try open(bytes)
    return try begin(header, JPEGDecoder.scale(of: header, for: input), input.channels == 1 ? .gray : .rgb)
  }

  /// Begins a picture, forgetting any earlier one.
  ///
  /// - Parameters:
  ///   - bytes: They must stay where they are until `finish`.
  ///   - colors: `rgb` gives gray pictures one channel nevertheless, since all three would be the same.
  public mutating func begin(
    _ bytes: UnsafeRawBufferPointer, scale: Scale = .full, colors: Colors = .rgb
  ) throws(ImageError) -> PictureShape {
    try begin(try open(bytes), scale, colors)
  }

  /// Narrows the rows of the picture begun, none of which has been decoded, to columns that are needed and some beside
  /// them: most of the work of decoding the others is saved.
  ///
  /// - Returns: The column that rows begin with.
  mutating func crop(to columns: Range<Int>) throws(ImageError) -> Int {
    var first = Int32(columns.lowerBound)
    var count = Int32(columns.count)
    try check(ocellus_jpeg_crop(jpeg, &first, &count))
    shape.width = Int(count)
    return Int(first)
  }

  /// Decodes the next row of the picture begun, of which there are as many as it is high.
  ///
  /// - Returns: The row, valid until the next one is decoded.
  public mutating func nextRow() throws(ImageError) -> UnsafePointer<UInt8> {
    let row = rowPixels.address.assumingMemoryBound(to: UInt8.self) + JPEGDecoder.misalignment
    try read(into: row)
    return UnsafePointer(row)
  }

  /// Passes over rows of the picture begun, without most of the work of decoding them. Rows skipped up to the
  /// picture's end are not even read, so that data that ends early goes unnoticed there.
  ///
  /// - Parameter count: At most the rows that are left.
  public mutating func skipRows(_ count: Int) throws(ImageError) {
    if count > 0 { try check(ocellus_jpeg_skip_rows(jpeg, Int32(count))) }
  }

  /// Decodes the next row to a place of the caller's.
  mutating func read(into row: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    let target = isCMYK ? inks.address.assumingMemoryBound(to: UInt8.self) : row
    try check(ocellus_jpeg_read_row(jpeg, target))
    if isCMYK { convertInks(target, count: shape.width, into: row) }
  }

  /// Bytes from the picture's start that are no longer needed.
  public var bytesRead: Int { Int(status.offset) }

  /// Ends a picture whose rows are all decoded.
  public mutating func finish() -> Damage {
    ocellus_jpeg_finish(jpeg)
    ocellus_jpeg_close(jpeg)
    let status = self.status
    return Damage(
      isTruncated: status.is_truncated != 0, isCorrupt: status.is_corrupt != 0,
      warnings: Int(status.warnings))
  }

  /// Ends a picture wherever it is.
  public mutating func abandon() { ocellus_jpeg_close(jpeg) }

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
      ocellus_jpeg_close(jpeg)
      throw ImageError(.tooManyPixels(width: width, height: height), offset: Int(status.offset))
    }
    return JPEGHeader(
      width: width, height: height, components: Int(header.components),
      isProgressive: header.is_progressive != 0,
      orientation: exifOrientation(jpeg: bytes))
  }

  private mutating func begin(
    _ header: JPEGHeader, _ scale: Scale, _ colors: Colors
  ) throws(ImageError) -> PictureShape {
    isCMYK = header.components == 4
    let channels = header.components == 1 || (colors == .gray && !isCMYK) ? 1 : 3
    let output = isCMYK ? OCELLUS_JPEG_CMYK : channels == 1 ? OCELLUS_JPEG_GRAY : OCELLUS_JPEG_RGB
    // Data in several scans is read here.
    var width: Int32 = 0
    var height: Int32 = 0
    try check(ocellus_jpeg_start(jpeg, Int32(scale.rawValue), output, &width, &height))
    shape = PictureShape(
      width: Int(width), height: Int(height), channels: channels, orientation: header.orientation)
    shape.fullWidth = header.width
    shape.fullHeight = header.height
    do throws(ImageError) {
      _ = try rowPixels.reserve(JPEGDecoder.misalignment + shape.width * channels)
      if isCMYK { _ = try inks.reserve(shape.width * 4) }
    } catch {
      ocellus_jpeg_close(jpeg)
      throw error
    }
    return shape
  }

  /// Turns a result of the C functions into an error, which ends the picture.
  private func check(_ result: Int32) throws(ImageError) {
    if result == 0 { return }
    let reason: ImageError.Reason =
      switch result {
      case Int32(OCELLUS_JPEG_UNSUPPORTED.rawValue): .unsupported
      case Int32(OCELLUS_JPEG_NO_MEMORY.rawValue): .system(.noMemory)
      case Int32(OCELLUS_JPEG_TOO_MANY_SCANS.rawValue): .tooManyScans
      default: .malformed
      }
    ocellus_jpeg_close(jpeg)
    throw ImageError(reason, offset: Int(status.offset))
  }
}
