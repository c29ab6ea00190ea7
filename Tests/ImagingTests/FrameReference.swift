import FirmwareModel
import Kernels
import Runtime

@testable import Imaging

/// A camera's frame made of a function, and what exact arithmetic makes of it.
struct TestFrame {
  var format: FrameFormat
  /// The value of a component's sample at a column and a line of its own.
  var value: (_ component: Int, _ x: Int, _ y: Int) -> UInt8

  init(
    _ layout: FrameFormat.Layout, _ width: Int, _ height: Int, padding: Int = 0,
    colors: FrameColors = FrameColors(matrix: .bt601, range: .limited),
    value: @escaping (Int, Int, Int) -> UInt8
  ) {
    format = FrameFormat(
      layout: layout, width: width, height: height,
      bytesPerLine: layout.plane(0).lineBytes(width) + padding, colors: colors)
    self.value = value
  }

  /// The frame's bytes, none more than it takes; nonsense between its lines.
  var bytes: [UInt8] {
    get throws {
      let layout = format.layout
      let count = try format.byteCount()
      var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 13) }
      for index in 0..<layout.componentCount {
        let component = layout.component(index)
        let start = format.offset(ofPlane: component.plane) + component.offset
        let stride = format.stride(ofPlane: component.plane)
        for y in 0..<size(format.height, component.lineSpacing) {
          for x in 0..<size(format.width, component.spacing) {
            bytes[start + y * stride + x * component.step] = value(index, x, y)
          }
        }
      }
      return bytes
    }
  }

  private func size(_ pixels: Int, _ spacing: Int) -> Int { (pixels + spacing - 1) / spacing }

  /// The tensor as the type under test makes it.
  func tensor(_ input: ImageInput, _ kernels: KernelTable = .scalar) throws -> [Int8] {
    var resampler = try FrameResampler(input, kernels: kernels)
    try resampler.prepare(format)
    return try tensor(&resampler)
  }

  func tensor(_ resampler: inout FrameResampler) throws -> [Int8] {
    var tensor = [Int8](repeating: 77, count: resampler.elementCount)
    let bytes = try bytes
    try bytes.withUnsafeBytes { bytes in
      try tensor.withUnsafeMutableBufferPointer {
        try resampler.resample(bytes, into: $0.baseAddress!)
      }
    }
    return tensor
  }

  /// The pixels that exact arithmetic makes of the frame, not rounded, in the tensor's order; those of bars
  /// are 128.
  func exact(_ input: ImageInput) -> [Double] {
    let geometry = CropGeometry(pictureWidth: format.width, pictureHeight: format.height, input: input)
    let planes = (0..<format.layout.componentCount).map { resized($0, geometry) }
    var tensor = [Double](repeating: 128, count: input.width * input.height * input.channels)
    let steps = input.steps
    for y in 0..<geometry.windowHeight {
      for x in 0..<geometry.windowWidth {
        let pixel = color(planes.map { $0[y * geometry.windowWidth + x] }, isGray: input.channels == 1)
        let first = (geometry.windowX + x) * steps.right + (geometry.windowY + y) * steps.down
        for channel in 0..<input.channels {
          tensor[first + channel * steps.channel] = pixel[input.blueFirst ? 2 - channel : channel]
        }
      }
    }
    return tensor
  }

  /// A component at the window's size.
  private func resized(_ index: Int, _ geometry: CropGeometry) -> [Double] {
    let component = format.layout.component(index)
    let columns = (0..<geometry.windowWidth).map {
      weights(geometry.cropX + $0, geometry.resizedWidth, format.width, component.spacing)
    }
    let lines = (0..<geometry.windowHeight).map {
      weights(geometry.cropY + $0, geometry.resizedHeight, format.height, component.lineSpacing)
    }
    let needed = columns[0].first...columns.last!.first + columns.last!.shares.count
    var result: [Double] = []
    for line in lines {
      var sums = [Double](repeating: 0, count: needed.count)
      for (tap, share) in line.shares.enumerated() {
        for x in needed.dropLast() {
          sums[x - needed.lowerBound] += share * Double(value(index, x, line.first + tap))
        }
      }
      for column in columns {
        result.append(
          column.shares.indices.reduce(0) {
            $0 + column.shares[$1] * sums[column.first + $1 - needed.lowerBound]
          })
      }
    }
    return result
  }

  /// The triangle's shares of the samples around a pixel of the result.
  private func weights(
    _ pixel: Int, _ resized: Int, _ source: Int, _ spacing: Int
  ) -> (first: Int, shares: [Double]) {
    let scale = Double(source) / Double(resized)
    let center = (Double(pixel) + 0.5) * scale
    let width = max(scale, Double(spacing))
    let all = (0..<size(source, spacing)).map {
      max(1 - abs((Double($0) + 0.5) * Double(spacing) - center) / width, 0)
    }
    let first = all.firstIndex { $0 > 0 }!
    let shares = Array(all[first...all.lastIndex { $0 > 0 }!])
    let total = shares.reduce(0, +)
    return (first, shares.map { $0 / total })
  }

  private func color(_ values: [Double], isGray: Bool) -> [Double] {
    let isLimited = format.colors.range == .limited
    func light(_ value: Double) -> Double { isLimited ? (value - 16) * 255 / 219 : value }
    func difference(_ value: Double) -> Double { (value - 128) * (isLimited ? 255.0 / 224 : 1) }
    func clamped(_ value: Double) -> Double { min(max(value, 0), 255) }
    if values.count == 1 || (isGray && format.layout.hasChroma) {
      return [Double](repeating: clamped(light(values[0])), count: 3)
    }
    if !format.layout.hasChroma {
      let colors = values.map(light)
      let gray = 0.299 * colors[0] + 0.587 * colors[1] + 0.114 * colors[2]
      return isGray ? [Double](repeating: clamped(gray), count: 3) : colors.map(clamped)
    }
    let (red, blue) =
      switch format.colors.matrix {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .bt2020: (0.2627, 0.0593)
      case .smpte240M: (0.212, 0.087)
      }
    let green = 1 - red - blue
    let (y, u, v) = (light(values[0]), difference(values[1]), difference(values[2]))
    return [
      y + 2 * (1 - red) * v, y - 2 * (1 - blue) * blue / green * u - 2 * (1 - red) * red / green * v,
      y + 2 * (1 - blue) * u,
    ].map(clamped)
  }
}

extension ImageInput {
  /// An input that has the pixels themselves, lowered by 128.
  static func plain(
    _ width: Int, _ height: Int, channels: Int = 3, _ crop: Crop = .center,
    order: Order = .heightWidthChannels, blueFirst: Bool = false
  ) -> ImageInput {
    var input = test(width, height, channels: channels, crop, order: order, blueFirst: blueFirst)
    for index in input.quantized.indices { input.quantized[index] = Int8(index % 256 - 128) }
    return input
  }
}
