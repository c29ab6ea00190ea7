import CJPEG
import FirmwareModel
import Kernels
import Platform

/// Makes JPEGs of a camera's frames.
public final class JPEGEncoder {
  private static let quality: Int32 = 90

  private var frames: FrameResampler
  private let width: Int
  private let height: Int
  private let channels: Int
  private let pixels: Pages
  /// The last frame's.
  private var jpeg: UnsafeMutablePointer<UInt8>? = nil

  /// - Parameters:
  ///   - format: The frames'.
  ///   - kernels: Those of the instruction set to be used.
  /// - Throws: Where the format cannot be, or for want of memory.
  public init(_ format: FrameFormat, kernels: KernelTable) throws(ImageError) {
    channels = format.layout == .grey ? 1 : 3
    width = format.width
    height = format.height
    // The frame at its own size, through the same conversion as into a model's input: each value lowered by 128.
    var table: [Int8] = []
    for index in 0..<channels * 256 { table.append(Int8(truncatingIfNeeded: index % 256 - 128)) }
    var frames = try FrameResampler(
      ImageInput(
        width: width, height: height, channels: channels, crop: .stretch, order: .heightWidthChannels,
        blueFirst: false, quantized: table, range: []), kernels: kernels)
    try frames.prepare(format)
    do throws(SystemError) { pixels = try Pages(count: width * height * channels) } catch {
      throw ImageError(.system(error))
    }
    self.frames = consume frames
  }

  deinit { ocellus_jpeg_free(jpeg) }

  /// Makes a JPEG of a frame.
  ///
  /// - Returns: The picture's bytes, valid until the next frame.
  public func encode(_ frame: UnsafeRawBufferPointer) throws(ImageError) -> UnsafeRawBufferPointer {
    try frames.resample(frame, into: pixels.address.assumingMemoryBound(to: Int8.self))
    let bytes = pixels.address.assumingMemoryBound(to: UInt8.self)
    for index in 0..<pixels.count { bytes[index] ^= 0x80 }
    ocellus_jpeg_free(jpeg)
    var count: ocellus_jpeg_size = 0
    jpeg = ocellus_jpeg_encode(
      bytes, Int32(width), Int32(height), Int32(channels), JPEGEncoder.quality, &count)
    guard let jpeg else { throw ImageError(.system(.noMemory)) }
    return UnsafeRawBufferPointer(start: jpeg, count: Int(count))
  }
}
