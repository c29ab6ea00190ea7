import FirmwareModel
import Kernels

/// Writes rows of a stored picture to where they belong in an upright input tensor, quantised.
struct TensorWriter: ~Copyable {
  private let input: ImageInput
  private let kernels: KernelTable
  /// For each channel, the stored value of each pixel; then the same for all channels, in the order of pixels lowered
  /// by 128.
  private var tables = GrowingBuffer()
  /// All channels have the same table, and it lowers a pixel by 128.
  private let isUniform: Bool
  private let isPlain: Bool
  private var tensor: UnsafeMutablePointer<Int8>? = nil
  private var count = 0
  private var channels = 0
  /// The element of the first stored row's first pixel, and the steps to the next pixel and the next row.
  private var first = 0
  private var pixelStep = 0
  private var rowStep = 0

  init(_ input: ImageInput, _ kernels: KernelTable) throws(ImageError) {
    self.input = input
    self.kernels = kernels
    var (isUniform, isPlain) = (true, true)
    let bytes = try tables.reserve((input.channels + 1) * 256).assumingMemoryBound(to: Int8.self)
    for index in 0..<input.channels * 256 {
      bytes[index] = input.quantized[index]
      if bytes[index] != bytes[index % 256] { isUniform = false }
      if Int(bytes[index]) != index % 256 - 128 { isPlain = false }
    }
    // The kernel looks up signed bytes, from −128 on.
    for pixel in 0..<256 { bytes[input.channels * 256 + (pixel ^ 128)] = bytes[pixel] }
    (self.isUniform, self.isPlain) = (isUniform, isPlain)
  }

  /// Begins a picture, of which the window of `geometry` is written.
  ///
  /// - Parameter isMirrored: The whole tensor becomes its own mirror image.
  mutating func begin(
    _ geometry: CropGeometry, _ orientation: Orientation, channels: Int, isMirrored: Bool,
    _ tensor: UnsafeMutablePointer<Int8>
  ) {
    var steps = input.steps
    self.tensor = tensor
    self.channels = channels
    let turned = orientation.swapsAxes
    count = turned ? geometry.windowHeight : geometry.windowWidth
    let rows = turned ? geometry.windowWidth : geometry.windowHeight
    first = 0
    if isMirrored {
      first = (input.width - 1) * steps.right
      steps.right = -steps.right
    }
    first += geometry.windowX * steps.right + geometry.windowY * steps.down
    pixelStep = turned ? steps.down : steps.right
    rowStep = turned ? steps.right : steps.down
    if orientation.fromLastColumn {
      first += (count - 1) * pixelStep
      pixelStep = -pixelStep
    }
    if orientation.fromLastRow {
      first += (rows - 1) * rowStep
      rowStep = -rowStep
    }
    if geometry.windowWidth < input.width || geometry.windowHeight < input.height {
      input.fillWithGray(tensor)
    }
  }

  /// Writes a row of the stored picture's part that the input shows.
  func write(_ row: UnsafePointer<UInt8>, y: Int) {
    let output = tensor! + (first + y * rowStep)
    let channelStep = input.steps.channel
    // The elements lie as the row's values do.
    let isInOrder = channels == input.channels && pixelStep == channels && !(input.blueFirst && channels == 3)
    if isInOrder && isUniform {
      let values = UnsafeRawPointer(row).assumingMemoryBound(to: Int8.self)
      if isPlain {
        for index in 0..<count * channels { output[index] = values[index] ^ -128 }
      } else {
        kernels.lookUp(table(input.channels), values, output, count * channels)
      }
    } else if channels == 3 {
      let last = input.blueFirst ? 0 : 2
      let (a, b, c) = (table(0), table(1), table(2))
      var (element, pixel) = (output, row)
      for _ in 0..<count {
        element[0] = a[Int(pixel[2 &- last])]
        element[channelStep] = b[Int(pixel[1])]
        element[2 &* channelStep] = c[Int(pixel[last])]
        element += pixelStep
        pixel += 3
      }
    } else {
      for channel in 0..<input.channels {
        let table = table(channel)
        var element = output + channel * channelStep
        for pixel in 0..<count {
          element.pointee = table[Int(row[pixel])]
          element += pixelStep
        }
      }
    }
  }

  private func table(_ index: Int) -> UnsafePointer<Int8> {
    UnsafePointer(tables.address.assumingMemoryBound(to: Int8.self)) + index * 256
  }
}
