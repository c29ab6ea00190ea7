import FirmwareModel

/// Turns pictures into a model's input tensor: upright, resized and cropped as the model says, and quantised.
///
/// The resize equals Pillow's `BILINEAR` byte for byte: a pass for each axis, 8 bits in between. Only rows
/// and columns that the crop shows are computed, and only the rows that one row of the result needs are
/// held. Once it has seen a size of picture, more pictures of that size allocate nothing.
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
    let source = SourceRows(picture, channels: channels, columns: columns.sourceRange)
    if InputResampler.isVerticalFirst(picture, geometry) {
      try resampleVerticalFirst(source, geometry, tensor)
    } else {
      try resampleHorizontalFirst(source, geometry, tensor)
    }
  }

  /// Which pass comes first shows in the last bit. Pillow's is the horizontal one, except, since Pillow 13,
  /// where the height shrinks by more than twice as many pixels as the width (which may also grow).
  private static func isVerticalFirst(_ picture: Picture, _ geometry: CropGeometry) -> Bool {
    let lessHeight = Int64(picture.uprightHeight) - Int64(geometry.resizedHeight)
    let lessWidth = Int64(picture.uprightWidth) - Int64(geometry.resizedWidth)
    return lessHeight > 0 && lessHeight > 2 * lessWidth
  }

  private mutating func resampleHorizontalFirst(
    _ source: SourceRows, _ geometry: CropGeometry, _ tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    let values = geometry.windowWidth * source.channels
    let line = try self.line.reserve(source.lineBytes).assumingMemoryBound(to: UInt8.self)
    let window = try self.window.reserve(rows.taps * values).assumingMemoryBound(to: UInt8.self)
    let sums = try self.sums.reserve(values * MemoryLayout<Int32>.stride).assumingMemoryBound(to: Int32.self)
    let row = try self.row.reserve(values).assumingMemoryBound(to: UInt8.self)

    // Source row r, resampled horizontally, is row r modulo the most that one row of the result needs.
    var next = rows.sourceRange.lowerBound
    for y in 0..<geometry.windowHeight {
      let range = rows.range(y)
      next = max(next, range.lowerBound)
      while next < range.upperBound {
        resampleColumns(
          source.row(next, line), channels: source.channels, columns, into: window + next % rows.taps * values
        )
        next += 1
      }
      startSums(sums, count: values)
      for tap in range {
        accumulateRow(
          window + tap % rows.taps * values, weight: rows.weight(y, tap - range.lowerBound), count: values,
          into: sums)
      }
      finishSums(sums, count: values, into: row)
      quantize(row, channels: source.channels, geometry, y: y, tensor)
    }
  }

  private mutating func resampleVerticalFirst(
    _ source: SourceRows, _ geometry: CropGeometry, _ tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    let values = columns.sourceRange.count * source.channels
    let window = try self.window.reserve(rows.taps * source.lineBytes).assumingMemoryBound(to: UInt8.self)
    let sums = try self.sums.reserve(values * MemoryLayout<Int32>.stride).assumingMemoryBound(to: Int32.self)
    let line = try self.line.reserve(values).assumingMemoryBound(to: UInt8.self)
    let row = try self.row.reserve(geometry.windowWidth * source.channels).assumingMemoryBound(to: UInt8.self)

    // Rows that have to be gathered are kept like the horizontal pass's above.
    var next = rows.sourceRange.lowerBound
    for y in 0..<geometry.windowHeight {
      let range = rows.range(y)
      next = max(next, range.lowerBound)
      while next < range.upperBound && !source.isDirect {
        _ = source.row(next, window + next % rows.taps * values)
        next += 1
      }
      startSums(sums, count: values)
      for tap in range {
        accumulateRow(
          source.isDirect ? source.row(tap, line) : UnsafePointer(window + tap % rows.taps * values),
          weight: rows.weight(y, tap - range.lowerBound), count: values, into: sums)
      }
      finishSums(sums, count: values, into: line)
      resampleColumns(line, channels: source.channels, columns, into: row)
      quantize(row, channels: source.channels, geometry, y: y, tensor)
    }
  }

  /// Writes row `y` of the window through the tables.
  private func quantize(
    _ row: UnsafePointer<UInt8>, channels: Int, _ geometry: CropGeometry, y: Int,
    _ tensor: UnsafeMutablePointer<Int8>
  ) {
    for channel in 0..<input.channels {
      let color = channels == 1 ? 0 : input.blueFirst ? 2 - channel : channel
      let table = tables.address.assumingMemoryBound(to: Int8.self) + channel * 256
      let (first, step) = place(channel, geometry.windowX, geometry.windowY + y)
      var output = tensor + first
      var pixel = row + color
      for _ in 0..<geometry.windowWidth {
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
