import FirmwareModel
import Imaging
import Runtime

/// Decodes any bytes, as a picture and as a stream of pictures, into the inputs of two networks.
public struct PictureReader: ~Copyable {
  private var decoder: JPEGDecoder
  private var color: InputResampler
  private var gray: InputResampler
  private let inputs: [ImageInput]
  private let target: UnsafeMutablePointer<Int8>

  public init() {
    decoder = try! JPEGDecoder(maximumPixels: 1 << 20)
    inputs = [3, 1].map { channels in
      ImageInput(
        width: 48, height: 40, channels: channels, crop: channels == 3 ? .center : .letterbox,
        order: .heightWidthChannels, blueFirst: false,
        quantized: (0..<256 * channels).map { Int8(truncatingIfNeeded: $0 - 128) }, range: [])
    }
    color = try! InputResampler(inputs[0], kernels: InstructionSet.best.kernels!)
    gray = try! InputResampler(inputs[1], kernels: InstructionSet.best.kernels!)
    target = .allocate(capacity: 48 * 40 * 3)
  }

  deinit { target.deallocate() }

  /// Whether the bytes are a picture.
  public mutating func exercise(_ bytes: [UInt8]) -> Outcome {
    // The reader gets memory that ends where the picture does.
    let aligned = AlignedBytes(bytes)
    var splitter = MJPEGSplitter(aligned.bytes)
    while let frame = splitter.next() { _ = read(frame.bytes) }
    return read(aligned.bytes) ? .ran : .refused
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      _ = try color.resample(bytes, &decoder, into: target)
      try gray.resample(try decoder.decode(bytes, for: inputs[1]), into: target)
      return true
    } catch { return false }
  }
}
