import CLinux
import CV4L
import Imaging
import Platform

/// Frames in formats of no kind that is decoded here, made RGB24 by libv4lconvert.
final class FrameConversion {
  /// Whether libv4lconvert knows a format.
  static func canConvert(_ format: FourCC) -> Bool {
    format.isOne(
      of: """
        YVYUVYUYNV16NV61RGBPRGB4BGR4XR24BX24AR24BA24PJPGJPGLO511O518S501S505S508S561CITVKONIM420HM12CPIA\
        S910S920P207M310905CBA81GBRGGRBGRGGBS401Y10BY10 Y12 Y16 HSV3HSV4S680
        """)
  }

  private let converter: OpaquePointer
  private let source: StreamFormat
  private let pixels: Pages

  /// - Parameter format: One of a stream, whose converted frames have a size that can be.
  /// - Throws: For want of memory.
  init(_ format: StreamFormat) throws(ImageError) {
    guard let converter = ocellus_v4lconvert_create() else { throw ImageError(.system(.noMemory)) }
    do throws(SystemError) { pixels = try Pages(count: 3 * format.width * format.height) } catch {
      v4lconvert_destroy(converter)
      throw ImageError(.system(error))
    }
    self.converter = converter
    source = format
  }

  deinit { v4lconvert_destroy(converter) }

  /// Converts a frame.
  ///
  /// - Returns: The pixels, valid until the next frame; nil where the library cannot make any.
  func convert(_ frame: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var from = ocellus_v4l2_format()
    from.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
    from.fmt.pix.width = UInt32(source.width)
    from.fmt.pix.height = UInt32(source.height)
    from.fmt.pix.pixelformat = source.format.code
    from.fmt.pix.bytesperline = UInt32(source.bytesPerLine)
    from.fmt.pix.sizeimage = UInt32(frame.count)
    var to = from
    to.fmt.pix.pixelformat = FourCC.rgb24.code
    to.fmt.pix.bytesperline = UInt32(3 * source.width)
    to.fmt.pix.sizeimage = UInt32(pixels.count)
    let memory = pixels.address.assumingMemoryBound(to: UInt8.self)
    // The library reads the frame only, whatever its declaration says.
    let bytes = UnsafeMutablePointer(mutating: frame.baseAddress!.assumingMemoryBound(to: UInt8.self))
    let count = v4lconvert_convert(
      converter, &from, &to, bytes, Int32(frame.count), memory, Int32(pixels.count))
    if count < 3 * source.width * source.height { return nil }
    return UnsafeRawBufferPointer(start: memory, count: Int(count))
  }
}
