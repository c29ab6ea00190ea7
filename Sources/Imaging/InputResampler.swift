import FirmwareModel

/// Turns pictures into a model's input tensor: upright, resized and cropped as the model says, and quantised.
///
/// The resize equals Pillow's `BILINEAR` byte for byte: horizontally, then vertically, 8 bits in between. Only rows
/// and columns that the crop shows are computed, and only the rows that one row of the result needs are held. Once
/// it has seen a size of picture, more pictures of that size allocate nothing.
public struct InputResampler: ~Copyable {
  public let input: ImageInput
  private var columns = ResampleAxis()
  private var rows = ResampleAxis()
  private var tables = GrowingBuffer()
  private var line = GrowingBuffer()
  private var window = GrowingBuffer()
  private var sums = GrowingBuffer()
  private var row = GrowingBuffer()

  /// The letterbox's bars.
  private static let midGray = 128

  /// - Throws: Only for want of memory.
  public init(_ input: ImageInput) throws(ImageError) {
    self.input = input
    let bytes = try tables.reserve(input.channels * 256).assumingMemoryBound(to: Int8.self)
    for index in 0..<input.channels * 256 { bytes[index] = input.quantized[index] }
  }

  /// Elements of the input tensor.
  public var elementCount: Int { input.width * input.height * input.channels }

  /// Writes the input tensor.
  ///
  /// - Parameters:
  ///   - picture: Sizes of 1...65535.
  ///   - tensor: `elementCount` elements.
  /// - Throws: Only for want of memory.
  public mutating func resample(
    _ picture: Picture, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    let turned = picture.orientation.swapsAxes
    let geometry = CropGeometry(
      pictureWidth: turned ? picture.fullHeight : picture.fullWidth,
      pictureHeight: turned ? picture.fullWidth : picture.fullHeight, input: input)
    try columns.prepare(
      ResampleAxis.Key(
        source: picture.uprightWidth, resized: geometry.resizedWidth, first: geometry.cropX,
        count: geometry.windowWidth))
    try rows.prepare(
      ResampleAxis.Key(
        source: picture.uprightHeight, resized: geometry.resizedHeight, first: geometry.cropY,
        count: geometry.windowHeight))
    if geometry.windowWidth < input.width || geometry.windowHeight < input.height { fill(tensor) }

    let channels = min(picture.channels, input.channels)
    let values = geometry.windowWidth * channels
    let source = SourceRows(picture, channels: channels, columns: columns.sourceRange)
    let line = try self.line.reserve(source.lineBytes).assumingMemoryBound(to: UInt8.self)
    let window = try self.window.reserve(rows.taps * values).assumingMemoryBound(to: UInt8.self)
    let sums = try self.sums.reserve(values * MemoryLayout<Int32>.stride).assumingMemoryBound(to: Int32.self)
    let row = try self.row.reserve(values).assumingMemoryBound(to: UInt8.self)

    // Source row r, resampled horizontally, is row r modulo the most that one row of the result needs.
    var next = rows.sourceRange.lowerBound
    for y in 0..<geometry.windowHeight {
      let first = Int(rows.ranges[2 * y])
      let last = first + Int(rows.ranges[2 * y + 1])
      next = max(next, first)
      while next < last {
        resampleColumns(
          source.row(next, line), base: columns.sourceRange.lowerBound, channels: channels,
          ranges: columns.ranges, weights: columns.weights, taps: columns.taps, count: geometry.windowWidth,
          into: window + next % rows.taps * values)
        next += 1
      }
      startSums(sums, count: values)
      for tap in first..<last {
        accumulateRow(
          window + tap % rows.taps * values, weight: rows.weights[y * rows.taps + tap - first], count: values,
          into: sums)
      }
      finishSums(sums, count: values, into: row)
      quantize(
        row, channels: channels, count: geometry.windowWidth, x: geometry.windowX, y: geometry.windowY + y,
        tensor)
    }
  }

  /// Writes one row of the tensor through the tables.
  private func quantize(
    _ row: UnsafePointer<UInt8>, channels: Int, count: Int, x: Int, y: Int,
    _ tensor: UnsafeMutablePointer<Int8>
  ) {
    for channel in 0..<input.channels {
      let color = channels == 1 ? 0 : input.blueFirst ? 2 - channel : channel
      let table = tables.address.assumingMemoryBound(to: Int8.self) + channel * 256
      let (first, step) = place(channel, x, y)
      var output = tensor + first
      var pixel = row + color
      for _ in 0..<count {
        output.pointee = table[Int(pixel.pointee)]
        output += step
        pixel += channels
      }
    }
  }

  /// The index of an element of the tensor, and the step to the next one to the right.
  private func place(_ channel: Int, _ x: Int, _ y: Int) -> (first: Int, step: Int) {
    switch input.order {
    case .heightWidthChannels: ((y * input.width + x) * input.channels + channel, input.channels)
    case .channelsHeightWidth: ((channel * input.height + y) * input.width + x, 1)
    }
  }

  /// Makes the whole tensor mid-grey.
  private func fill(_ tensor: UnsafeMutablePointer<Int8>) {
    for y in 0..<input.height {
      for channel in 0..<input.channels {
        let value = input.quantized[channel * 256 + InputResampler.midGray]
        let (first, step) = place(channel, 0, y)
        for x in 0..<input.width { tensor[first + x * step] = value }
      }
    }
  }
}

/// An upright picture's rows, of some columns only, as the horizontal pass reads them.
private struct SourceRows {
  private let picture: Picture
  private let channels: Int
  private let columns: Range<Int>
  private let steps: PixelSteps

  init(_ picture: Picture, channels: Int, columns: Range<Int>) {
    self.picture = picture
    self.channels = channels
    self.columns = columns
    steps = picture.orientation.steps(
      width: picture.width, height: picture.height, columnStep: picture.channels, rowStep: picture.rowBytes)
  }

  /// Rows can be read where they are.
  private var isDirect: Bool { steps.right == channels && picture.channels == channels }

  /// Bytes of the line that `row` may need.
  var lineBytes: Int { isDirect ? 0 : columns.count * channels }

  /// A row from the first of the columns on: where it is, or gathered in `line`.
  func row(_ y: Int, _ line: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8> {
    var source = picture.pixels + (steps.first + y * steps.down + columns.lowerBound * steps.right)
    if isDirect { return source }
    if channels == picture.channels {
      for column in 0..<columns.count {
        for channel in 0..<channels { line[column &* channels &+ channel] = source[channel] }
        source += steps.right
      }
    } else {
      for column in 0..<columns.count {
        line[column] = luma(source)
        source += steps.right
      }
    }
    return UnsafePointer(line)
  }
}
