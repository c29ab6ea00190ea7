import FirmwareModel

/// Writes rows of a stored picture to where they belong in an upright input tensor, quantised.
struct TensorWriter: ~Copyable {
  private let input: ImageInput
  private var tables = GrowingBuffer()
  private var tensor: UnsafeMutablePointer<Int8>? = nil
  private var count = 0
  private var channels = 0
  /// The element of the first stored row's first pixel, and the steps to the next pixel and the next row.
  private var first = 0
  private var pixelStep = 0
  private var rowStep = 0

  init(_ input: ImageInput) throws(ImageError) {
    self.input = input
    let bytes = try tables.reserve(input.channels * 256).assumingMemoryBound(to: Int8.self)
    for index in 0..<input.channels * 256 { bytes[index] = input.quantized[index] }
  }

  private var steps: ImageInput.Steps { input.steps }

  /// Begins a picture, of which the window of `geometry` is written.
  mutating func begin(
    _ geometry: CropGeometry, _ orientation: Orientation, channels: Int,
    _ tensor: UnsafeMutablePointer<Int8>
  ) {
    self.tensor = tensor
    self.channels = channels
    let turned = orientation.swapsAxes
    count = turned ? geometry.windowHeight : geometry.windowWidth
    let rows = turned ? geometry.windowWidth : geometry.windowHeight
    first = geometry.windowX * steps.right + geometry.windowY * steps.down
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
    let tables = tables.address.assumingMemoryBound(to: Int8.self)
    for channel in 0..<input.channels {
      let color = channels == 1 ? 0 : input.blueFirst ? 2 - channel : channel
      let table = tables + channel * 256
      var output = tensor! + (first + y * rowStep + channel * steps.channel)
      var pixel = row + color
      for _ in 0..<count {
        output.pointee = table[Int(pixel.pointee)]
        output += pixelStep
        pixel += channels
      }
    }
  }
}
