import FirmwareModel
import Imaging
import Kernels

/// Turns a camera's frames, of whatever format, into a model's input tensor.
///
/// Once it has seen a format, more frames of it allocate nothing here (a decoder of a format that nobody sends today
/// may, in libv4lconvert).
public struct FrameReader: ~Copyable {
  private var frames: FrameResampler
  private var decoder: JPEGDecoder
  private var pictures: InputResampler
  private var conversion: FrameConversion?
  /// The format that all this is prepared for.
  private var format: StreamFormat?

  /// - Parameter kernels: Those of the instruction set to be used.
  /// - Throws: For want of memory.
  public init(_ input: ImageInput, kernels: KernelTable) throws(ImageError) {
    let frames = try FrameResampler(input, kernels: kernels)
    let decoder = try JPEGDecoder()
    pictures = try InputResampler(input)
    self.frames = consume frames
    self.decoder = consume decoder
  }

  /// What reading a frame came to.
  public enum Result: Equatable, Sendable {
    case done
    /// The frame is not whole or not sound: the tensor is not to be used.
    case fault(Fault)
  }

  /// Writes a frame into the input tensor.
  ///
  /// - Parameter tensor: As many elements as the input has; of no use where there was a fault.
  /// - Throws: Where the format can't be read at all, or for want of memory.
  public mutating func read(
    _ frame: CameraFrame, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) -> Result {
    if frame.format.format.isJPEG { return readJPEG(frame.bytes, into: tensor) }
    if format != frame.format { try prepare(frame.format) }
    var bytes = frame.bytes
    if let conversion {
      guard let pixels = conversion.convert(bytes) else { return .fault(.unconvertible) }
      bytes = pixels
    }
    do throws(ImageError) { try frames.resample(bytes, into: tensor) } catch {
      if case .shortFrame = error.reason { return .fault(.short) }
      throw error
    }
    return .done
  }

  private mutating func prepare(_ format: StreamFormat) throws(ImageError) {
    self.format = nil
    conversion = nil
    if let frameFormat = format.frameFormat {
      try frames.prepare(frameFormat)
    } else {
      let conversion = try FrameConversion(format)
      try frames.prepare(format.convertedFormat)
      self.conversion = conversion
    }
    self.format = format
  }

  private mutating func readJPEG(
    _ bytes: UnsafeRawBufferPointer, into tensor: UnsafeMutablePointer<Int8>
  ) -> Result {
    do throws(ImageError) {
      let damage = try pictures.resample(bytes, &decoder, into: tensor)
      if damage.isTruncated { return .fault(.truncatedJPEG) }
      return damage.isCorrupt ? .fault(.corruptJPEG) : .done
    } catch { return .fault(.corruptJPEG) }
  }
}
