/// How a photograph becomes the model's input tensor.
public struct ImageInput: Equatable, Sendable {
  /// Which part of the picture the network sees.
  public enum Crop: UInt8, Sendable {
    /// The shorter side is resized to round(size / 0.875), then the centre is cut out.
    case center = 0
    /// The whole picture, stretched to the input.
    case stretch = 1
    /// The whole picture at its own aspect, the rest filled with the value of mid-grey.
    case letterbox = 2
  }

  /// The order of the input tensor's elements.
  public enum Order: UInt8, Sendable {
    case heightWidthChannels = 0
    case channelsHeightWidth = 1
  }

  public var width: Int
  public var height: Int
  /// 1 (luma) or 3.
  public var channels: Int
  public var crop: Crop
  public var order: Order
  /// The first channel is blue, not red.
  public var blueFirst: Bool
  /// For each channel, the stored input value of each of the 256 pixel values: normalisation and quantisation
  /// in one, `channels · 256` entries.
  public var quantized: [Int8]
  /// The real values of pixel 0 and 255 that the table stands for, as text for `inspect`: "-1,1", "imagenet".
  public var range: [UInt8]

  public init(
    width: Int, height: Int, channels: Int, crop: Crop, order: Order, blueFirst: Bool,
    quantized: [Int8], range: [UInt8]
  ) {
    self.width = width
    self.height = height
    self.channels = channels
    self.crop = crop
    self.order = order
    self.blueFirst = blueFirst
    self.quantized = quantized
    self.range = range
  }

  /// Bytes of the section before the table: width, height, and a word of channels, crop, order and blueFirst.
  static let fixedBytes = 12
}
