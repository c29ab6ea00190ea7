import FirmwareModel

/// Turns pictures into a model's input tensor: upright, resized and cropped as the model says, and quantised.
///
/// The resize equals Pillow's `BILINEAR` byte for byte: a pass for each axis, 8 bits in between. A picture's
/// rows are taken as they are stored, one after the other, and none is kept: each is weighed and added at
/// once to all rows of the result that it belongs to, in whichever order the orientation brings them. Sums
/// of integers come out the same. Only what the crop shows is computed. Once it has seen a size of picture,
/// more pictures of that size allocate nothing.
public struct InputResampler: ~Copyable {
  public let input: ImageInput
  /// The two axes of the picture as stored: along its rows, and across them.
  private var along = ResampleAxis()
  private var across = ResampleAxis()
  private var sums = RowSums()
  private var writer: TensorWriter
  /// A row converted to gray, a row of the pass that comes first, the sums of one along it, a row of the result,
  /// and a row copied for its padding.
  private var gray = GrowingBuffer()
  private var intermediate = GrowingBuffer()
  private var alongSums = GrowingBuffer()
  private var result = GrowingBuffer()
  private var copy = GrowingBuffer()
  /// What the picture's rows are, and what they are resized with.
  private var sourceChannels = 0
  private var channels = 0
  private var isAlongFirst = false
  private var y = 0

  /// - Throws: Only for want of memory.
  public init(_ input: ImageInput) throws(ImageError) {
    self.input = input
    writer = try TensorWriter(input)
  }

  /// Elements of the input tensor.
  public var elementCount: Int { input.width * input.height * input.channels }

  /// Begins a picture, forgetting any earlier one.
  ///
  /// - Parameters:
  ///   - shape: Sizes of 1...65535.
  ///   - tensor: `elementCount` elements, of which all will have been written after the last row.
  /// - Throws: Only for want of memory.
  public mutating func begin(
    _ shape: PictureShape, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    let orientation = shape.orientation
    let turned = orientation.swapsAxes
    let geometry = CropGeometry(
      pictureWidth: turned ? shape.fullHeight : shape.fullWidth,
      pictureHeight: turned ? shape.fullWidth : shape.fullHeight, input: input)
    var columns = ResampleAxis.Key(
      source: shape.uprightWidth, resized: geometry.resizedWidth, first: geometry.cropX,
      count: geometry.windowWidth)
    var rows = ResampleAxis.Key(
      source: shape.uprightHeight, resized: geometry.resizedHeight, first: geometry.cropY,
      count: geometry.windowHeight)
    if turned { swap(&columns, &rows) }
    columns.isMirrored = orientation.fromLastColumn
    rows.isMirrored = orientation.fromLastRow
    try along.prepare(columns)
    try across.prepare(rows)

    sourceChannels = shape.channels
    channels = min(shape.channels, input.channels)
    isAlongFirst = InputResampler.isVerticalFirst(shape, geometry) == turned
    let values = along.key.count * channels
    let sourceValues = along.sourceRange.count * channels
    try sums.begin(across, count: isAlongFirst ? values : sourceValues)
    _ = try intermediate.reserve((isAlongFirst ? values : sourceValues) + PixelRow.padding)
    _ = try alongSums.reserve((values + 1) * MemoryLayout<Int32>.stride)
    _ = try result.reserve(values)
    if channels < sourceChannels { _ = try gray.reserve(sourceValues) }
    writer.begin(geometry, orientation, channels: channels, tensor)
    y = 0
  }

  /// Which pass comes first shows in the last bit. Pillow's is the horizontal one, except, since Pillow 13,
  /// where the height shrinks by more than twice as many pixels as the width (which may also grow).
  private static func isVerticalFirst(_ shape: PictureShape, _ geometry: CropGeometry) -> Bool {
    let lessHeight = Int64(shape.uprightHeight) - Int64(geometry.resizedHeight)
    let lessWidth = Int64(shape.uprightWidth) - Int64(geometry.resizedWidth)
    return lessHeight > 0 && lessHeight > 2 * lessWidth
  }

  /// The stored rows that the input shows; those before and after need only be counted.
  public var neededRows: Range<Int> { across.sourceRange }

  /// Passes over rows that the input does not show.
  mutating func skipRows(_ count: Int) { y += count }

  /// Takes the next row as it is stored.
  ///
  /// - Parameter row: Followed by `PixelRow.padding` bytes that can be read.
  public mutating func add(_ row: UnsafePointer<UInt8>) {
    defer { y += 1 }
    guard neededRows.contains(y) else { return }
    let line = part(row)
    let intermediate = intermediate.address.assumingMemoryBound(to: UInt8.self)
    let result = result.address.assumingMemoryBound(to: UInt8.self)
    let lineSums = alongSums.address.assumingMemoryBound(to: Int32.self)
    let base = along.sourceRange.lowerBound
    if isAlongFirst {
      resampleAlong(line, base: base, channels: channels, along, lineSums, into: intermediate)
      sums.add(intermediate, y: y, across)
      while let target = sums.complete(y, across, into: result) { writer.write(result, y: target) }
    } else {
      sums.add(line, y: y, across)
      while let target = sums.complete(y, across, into: intermediate) {
        resampleAlong(intermediate, base: base, channels: channels, along, lineSums, into: result)
        writer.write(result, y: target)
      }
    }
  }

  /// Memory for a copy of a row.
  mutating func lastRow(_ count: Int) throws(ImageError) -> UnsafeMutablePointer<UInt8> {
    try copy.reserve(count).assumingMemoryBound(to: UInt8.self)
  }

  /// The pixels of a row that the input shows, in as many channels as it has.
  private func part(_ row: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    let range = along.sourceRange
    let start = row + range.lowerBound * sourceChannels
    if channels == sourceChannels { return start }
    let gray = gray.address.assumingMemoryBound(to: UInt8.self)
    convertToGray(start, count: range.count, into: gray)
    return UnsafePointer(gray)
  }
}
