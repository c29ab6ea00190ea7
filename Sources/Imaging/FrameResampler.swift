import FirmwareModel
import Kernels

/// Turns a camera's frames into a model's input tensor in one pass: cropped, resized, converted to red, green and
/// blue (or gray) and quantised, with integers alone.
///
/// What is resized are the components as the camera stores them, with the triangle of `ResampleAxis`: first down
/// the columns, to bytes, then along the rows. Colours are made at the input's size. Of a frame with chroma, gray is
/// luma as it is, over the full range.
///
/// Against exact arithmetic (weights, colours and all, rounded once) a channel differs by 1 level at most where
/// nothing is resized; by 2 at most where brightness and colours change steadily; by up to 6 where neighbours are as
/// different as they can be.
///
/// All kernels give the same bytes. Once it is prepared, frames allocate nothing.
public struct FrameResampler: ~Copyable {
  public let input: ImageInput
  let kernels: KernelTable
  /// The format that it is prepared for.
  public private(set) var format: FrameFormat? = nil
  private(set) var byteCount = 0
  /// The axes of luma, or of whatever has a sample for each pixel, and those of chroma.
  private(set) var columns = FrameAxis()
  private(set) var chromaColumns = FrameAxis()
  private(set) var lines = FrameAxis()
  private(set) var chromaLines = FrameAxis()
  private(set) var geometry: CropGeometry
  private(set) var strip = FrameStrip()
  private var tables = GrowingBuffer()
  /// Every channel's table lowers a pixel by 128, which the kernels do without one.
  private(set) var hasPlainTables = true

  /// - Parameter kernels: Those of the instruction set to be used.
  /// - Throws: Only for want of memory.
  public init(_ input: ImageInput, kernels: KernelTable) throws(ImageError) {
    self.input = input
    self.kernels = kernels
    geometry = CropGeometry(pictureWidth: 1, pictureHeight: 1, input: input)
    let bytes = try tables.reserve(input.channels * 256).assumingMemoryBound(to: Int8.self)
    for index in 0..<input.channels * 256 {
      bytes[index] = input.quantized[index]
      if Int(bytes[index]) != index % 256 - 128 { hasPlainTables = false }
    }
  }

  /// Elements of the input tensor.
  public var elementCount: Int { input.width * input.height * input.channels }

  /// Prepares for frames of a format, unless that was done last.
  ///
  /// - Throws: Where the format cannot be, or for want of memory.
  public mutating func prepare(_ format: FrameFormat) throws(ImageError) {
    if format == self.format { return }
    self.format = nil
    byteCount = try format.byteCount()
    geometry = CropGeometry(pictureWidth: format.width, pictureHeight: format.height, input: input)
    var across = ResampleAxis.Key(
      source: format.width, resized: geometry.resizedWidth, first: geometry.cropX, count: geometry.windowWidth
    )
    var down = ResampleAxis.Key(
      source: format.height, resized: geometry.resizedHeight, first: geometry.cropY,
      count: geometry.windowHeight)
    try columns.prepare(across)
    try lines.prepare(down)
    let chroma = format.layout.component(format.layout.componentCount - 1)
    across.spacing = chroma.spacing
    down.spacing = chroma.lineSpacing
    try chromaColumns.prepare(across)
    try chromaLines.prepare(down)
    strip = FrameStrip()
    var widest = 0
    for plane in 0..<format.layout.planeCount { widest = max(widest, window(format, plane).count) }
    try strip.reserve(bytes: widest, pixels: geometry.windowWidth)
    self.format = format
  }

  /// The components that the input is made of: of chroma none for a gray one.
  func componentCount(_ layout: FrameFormat.Layout) -> Int {
    input.channels == 1 && layout.hasChroma ? 1 : layout.componentCount
  }

  /// A table of 256 entries for a channel of the tensor.
  func table(_ channel: Int) -> UnsafePointer<Int8> {
    UnsafePointer(tables.address.assumingMemoryBound(to: Int8.self)) + channel * 256
  }

  /// The samples of a component that the input shows, in a line.
  func samples(_ component: FrameFormat.Layout.Component) -> Range<Int> {
    component.spacing == 1 ? columns.sourceRange : chromaColumns.sourceRange
  }

  /// The bytes of a plane's lines that the input shows: empty where it shows none of its components.
  func window(_ format: FrameFormat, _ plane: Int) -> Range<Int> {
    var (first, end) = (Int.max, 0)
    for index in 0..<componentCount(format.layout) {
      let component = format.layout.component(index)
      if component.plane != plane { continue }
      let samples = samples(component)
      first = min(first, samples.lowerBound * component.step + component.offset)
      end = max(end, (samples.upperBound - 1) * component.step + component.offset + 1)
    }
    return end == 0 ? 0..<0 : first..<end
  }
}
