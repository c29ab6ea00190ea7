import FirmwareModel

/// The real values that a network expects for pixel values 0 and 255.
public enum InputRange: Equatable, Sendable {
  case linear(low: Double, high: Double)
  /// ImageNet's mean and deviation per channel, as torchvision's networks expect them.
  case imagenet
  /// A range for each of three channels, from a model's metadata.
  case perChannel(lows: [Double], highs: [Double])

  private static let means = [0.485, 0.456, 0.406]
  private static let deviations = [0.229, 0.224, 0.225]

  /// From the text of `--input-range`: "LOW,HIGH" or "imagenet".
  public init?(_ text: String) {
    if text == "imagenet" {
      self = .imagenet
      return
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let low = Double(parts[0]), let high = Double(parts[1]), low.isFinite,
      high.isFinite, low != high
    else { return nil }
    self = .linear(low: low, high: high)
  }

  /// The text of `--input-range`.
  public var text: String {
    switch self {
    case .imagenet: "imagenet"
    case .perChannel(let lows, let highs):
      zip(lows, highs).map { "\(InputRange.trim($0)),\(InputRange.trim($1))" }.joined(separator: ";")
    case .linear(let low, let high): "\(InputRange.trim(low)),\(InputRange.trim(high))"
    }
  }

  private static func trim(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
  }

  /// The real value of a pixel.
  func real(_ pixel: Int, channel: Int) -> Double {
    switch self {
    case .linear(let low, let high): low + (high - low) * Double(pixel) / 255
    case .perChannel(let lows, let highs):
      lows[channel % lows.count] + (highs[channel % lows.count] - lows[channel % lows.count]) * Double(pixel)
        / 255
    case .imagenet:
      (Double(pixel) / 255 - InputRange.means[channel]) / InputRange.deviations[channel]
    }
  }

  /// The lowest and highest value that any channel takes.
  private var bounds: (low: Double, high: Double) {
    switch self {
    case .linear(let low, let high): (low, high)
    case .imagenet: (real(0, channel: 0), real(255, channel: 2))
    case .perChannel(let lows, let highs): (lows.min() ?? 0, highs.max() ?? 0)
    }
  }

  /// What an input's quantisation says: a usual range, if the representable one is about that, else the
  /// representable one.
  init(scale: Double, zeroPoint: Int32) {
    let low = Double(-128 - zeroPoint) * scale
    let high = Double(127 - zeroPoint) * scale
    let usual: [InputRange] = [
      .linear(low: -1, high: 1), .linear(low: 0, high: 1), .linear(low: 0, high: 255),
      .linear(low: -128, high: 127), .imagenet,
    ]
    let tolerance = 0.04 * (high - low)
    self =
      usual.first {
        abs($0.bounds.low - low) <= tolerance && abs($0.bounds.high - high) <= tolerance
      } ?? .linear(low: low, high: high)
  }
}

extension Graph {
  /// How pictures become the input, or nil for a model whose input is not one picture.
  func imageInput(
    _ options: CompilerOptions, metadata: [UInt8]?
  ) throws(CompilerError) -> ImageInput? {
    guard inputs.count == 1, tensors[inputs[0]].type == .int8,
      let geometry = ImageGeometry(tensors[inputs[0]].shape)
    else {
      if options.inputRange != nil {
        throw .option("--input-range needs a model whose only input is an image of 1 or 3 channels")
      }
      return nil
    }
    let input = tensors[inputs[0]]
    let scale = Double(input.scale ?? 1)
    let range =
      options.inputRange ?? metadata.flatMap(ModelMetadata.inputRange)
      ?? InputRange(scale: scale, zeroPoint: input.zeroPoint)
    var quantized: [Int8] = []
    for channel in 0..<geometry.channels {
      for pixel in 0..<256 {
        let steps = (range.real(pixel, channel: channel) / scale).rounded(.toNearestOrEven)
        let value = Quantization.integer(steps) + input.zeroPoint
        quantized.append(Int8(Quantization.limit(value)))
      }
    }
    return ImageInput(
      width: geometry.width, height: geometry.height, channels: geometry.channels,
      crop: options.crop, order: geometry.order, blueFirst: false, quantized: quantized,
      range: Array(range.text.utf8))
  }
}

/// The sizes of an image tensor.
private struct ImageGeometry {
  var height: Int
  var width: Int
  var channels: Int
  var order: ImageInput.Order

  init?(_ shape: [Int]) {
    guard shape.count == 4, shape[0] == 1 else { return nil }
    if shape[3] == 1 || shape[3] == 3 {
      (height, width, channels, order) = (shape[1], shape[2], shape[3], .heightWidthChannels)
    } else if shape[1] == 1 || shape[1] == 3 {
      (height, width, channels, order) = (shape[2], shape[3], shape[1], .channelsHeightWidth)
    } else {
      return nil
    }
    guard height <= 0x4000, width <= 0x4000 else { return nil }
  }
}
