import FirmwareModel
import Kernels

/// Turns pictures into a model's input tensor: upright, resized and cropped as the model says, and quantised.
///
/// The resize equals Pillow's `BILINEAR` byte for byte: a pass for each axis, 8 bits in between. A picture's
/// rows are taken as they are stored, one after the other, and kept only as long as rows of the result need them,
/// in whichever order the orientation brings those. Only what the crop shows is computed. Once it has seen a size of
/// picture, more pictures of that size allocate nothing.
public struct InputResampler: ~Copyable {
  public let input: ImageInput
  private let kernels: PixelKernels
  /// The two axes of the picture as stored: along its rows, and across them.
  private var along = ResampleAxis()
  private var across = ResampleAxis()
  private var strip = ResampleStrip()
  private var writer: TensorWriter
  /// The picture's rows, those of the pass that comes first, and those of the result, of which the last pass makes one
  /// or a strip.
  private var sources = RowRing()
  private var intermediates = RowRing()
  private var results = RowRing()
  /// A row that is to become gray.
  private var color = GrowingBuffer()
  /// What the picture's rows are, and what they are resized with.
  private var sourceChannels = 0
  private var channels = 0
  private var width = 0
  private var isAlongFirst = false
  /// The row that comes next, and the first row of the result that has not been made.
  private var y = 0
  private var next = 0

  /// - Parameter kernels: Those of the instruction set to be used; all give the same bytes.
  /// - Throws: Only for want of memory.
  public init(_ input: ImageInput, kernels: KernelTable = .scalar) throws(ImageError) {
    self.input = input
    self.kernels = kernels.pixels
    writer = try TensorWriter(input, kernels)
  }

  /// Elements of the input tensor.
  public var elementCount: Int { input.width * input.height * input.channels }

  /// Begins a picture, forgetting any earlier one.
  ///
  /// - Parameters:
  ///   - shape: Sizes of 1...65535.
  ///   - view: What is shown of it.
  ///   - tensor: `elementCount` elements, of which all will have been written after the last row.
  /// - Throws: Only for want of memory.
  public mutating func begin(
    _ shape: PictureShape, view: View = .whole, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    let orientation = shape.orientation
    let turned = orientation.swapsAxes
    let geometry = CropGeometry(
      pictureWidth: turned ? shape.fullHeight : shape.fullWidth,
      pictureHeight: turned ? shape.fullWidth : shape.fullHeight, input: input, view: view)
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
    width = shape.width
    isAlongFirst = InputResampler.isVerticalFirst(shape, geometry) == turned
    let values = along.key.count * channels
    let taps = across.taps
    try strip.reserve(along, channels: channels)
    try sources.reserve(count: isAlongFirst ? 1 : taps, bytes: width * channels)
    try intermediates.reserve(
      count: isAlongFirst ? taps : 1, bytes: isAlongFirst ? values : along.sourceRange.count * channels)
    try results.reserve(count: 1, bytes: values)
    if channels < sourceChannels { _ = try color.reserve(width * sourceChannels) }
    writer.begin(geometry, orientation, channels: channels, isMirrored: view.isMirrored, tensor)
    (y, next) = (0, 0)
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

  /// The same of columns.
  var neededColumns: Range<Int> { along.sourceRange }

  /// Passes over rows that the input does not show.
  mutating func skipRows(_ count: Int) { y += count }

  /// Where the next row is to be written as it is stored, before it is taken.
  var nextRow: UnsafeMutablePointer<UInt8> {
    channels < sourceChannels ? color.address.assumingMemoryBound(to: UInt8.self) : sources.row(y)
  }

  /// Takes a copy of the next row as it is stored.
  public mutating func add(_ row: UnsafePointer<UInt8>) {
    nextRow.copy(from: row, count: width * sourceChannels)
    takeRow()
  }

  /// Takes what it needs of the next row.
  ///
  /// - Parameter first: The stored picture's column that the row begins with.
  mutating func add(_ row: UnsafePointer<UInt8>, from first: Int) {
    let columns = neededColumns
    if neededRows.contains(y) {
      (nextRow + columns.lowerBound * sourceChannels).copy(
        from: row + (columns.lowerBound - first) * sourceChannels, count: columns.count * sourceChannels)
    }
    takeRow()
  }

  /// Takes the next row.
  mutating func takeRow() {
    defer { y += 1 }
    guard neededRows.contains(y) else { return }
    if channels < sourceChannels { convertToGray(nextRow, count: width, into: sources.row(y)) }
    if isAlongFirst {
      let isLast = y + 1 == neededRows.upperBound
      guard isLast || y % PixelStrip.rows == PixelStrip.rows - 1 else { return }
      let first = y / PixelStrip.rows * PixelStrip.rows
      resizeAlong(
        sources.row(first) + firstByte, sources.stride, into: intermediates.row(first), intermediates.stride)
      while let ready = nextRange() {
        weigh(intermediates.rows(ready), count: along.key.count * channels, into: results.row(0))
        writer.write(results.row(0), y: next)
        next += 1
      }
    } else {
      while let ready = nextRange() {
        weigh(
          sources.rows(ready, offset: firstByte), count: along.sourceRange.count * channels,
          into: intermediates.row(next))
        next += 1
        let count = (next - 1) % PixelStrip.rows + 1
        guard next == across.key.count || count == PixelStrip.rows else { continue }
        resizeAlong(
          intermediates.row(next - count), intermediates.stride, into: results.row(0), results.stride)
        for row in 0..<count { writer.write(results.row(row), y: next - count + row) }
      }
    }
  }

  /// The first byte of a source row that the input shows.
  private var firstByte: Int { along.sourceRange.lowerBound * channels }

  /// The rows that the next row of the result is made of, if the newest row is the last of them or behind it.
  private mutating func nextRange() -> Range<Int>? {
    guard next < across.key.count else { return nil }
    let range = across.range(next)
    return range.upperBound <= y + 1 ? range : nil
  }

  private mutating func resizeAlong(
    _ rows: UnsafePointer<UInt8>, _ stride: Int, into output: UnsafeMutablePointer<UInt8>, _ outputStride: Int
  ) {
    strip.resize(
      rows, stride: stride, along, channels: channels, kernels, into: output, stride: outputStride)
  }

  /// Makes the next row across those that it is made of.
  private mutating func weigh(
    _ rows: UnsafePointer<UnsafePointer<UInt8>>, count: Int, into output: UnsafeMutablePointer<UInt8>
  ) {
    let range = across.range(next)
    let first = next * across.taps + range.lowerBound - Int(across.starts[next])
    kernels.fineRows(
      FineRows(rows: rows, weights: across.fineWeights + first, taps: range.count, count: count), output)
  }
}
