import FirmwareModel
import Kernels

/// An average or a maximum over the part of each window that lies on the image.
///
/// Input: [N, H, W, C]. Output: [N, OH, OW, C].
/// Parameters: function (0 average, 1 maximum, 2 average of uint8), window (height, width), stride, dilation,
/// padding (as a convolution's), output's zero point, lowest and highest.
struct PoolOperator: Operator {
  private enum Function {
    case average(AverageRounding)
    case maximum
  }

  private let input: Int
  private let output: Int
  private let function: Function
  private let geometry: WindowGeometry
  private let channels: Int
  private let low: Int32
  private let high: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    output = try reader.int8Output()
    switch try reader.parameter(0...2, "a function in 0...2") {
    case 0: function = .average(.awayFromZero)
    case 1: function = .maximum
    default: function = .average(.up)
    }
    let kernelHeight = try reader.parameter(1...65535, "a window of at least 1")
    let kernelWidth = try reader.parameter(1...65535, "a window of at least 1")
    geometry = try WindowGeometry(
      reading: &reader, input: reader.tensor(input).shape, output: reader.tensor(output).shape,
      kernelHeight: kernelHeight, kernelWidth: kernelWidth)
    try reader.require(
      geometry.height.dilation == 1 && geometry.width.dilation == 1, "windows without dilation")
    channels = reader.tensor(input).shape[3]
    try reader.require(
      reader.tensor(output).shape[3] == channels, "as many channels out as in", channels)
    (_, low, high) = try reader.outputRange()
    // Sums of a window must fit 32 bits.
    try reader.require(
      min(kernelHeight, geometry.height.input) * min(kernelWidth, geometry.width.input) < 1 << 23,
      "a window of less than 2^23 pixels")
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
  }

  private var rowsPerUnit: Int {
    max(smallestSplit / (geometry.width.output * channels * 4), 1)
  }
  private var rows: Int { geometry.batches * geometry.height.output }
  var unitCount: Int { (rows + rowsPerUnit - 1) / rowsPerUnit }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let (height, width) = (geometry.height, geometry.width)
    for row in units.lowerBound * rowsPerUnit..<min(units.upperBound * rowsPerUnit, rows) {
      let batch = row / height.output
      let (y0, y1) = inside(height, row % height.output)
      let image = inputAddress + batch * height.input * width.input * channels
      for x in 0..<width.output {
        let (x0, x1) = inside(width, x)
        let window = PoolWindow(
          input: image + (y0 * width.input + x0) * channels, rowStride: width.input * channels,
          height: y1 - y0, width: x1 - x0, channels: channels)
        let target = outputAddress + (row * width.output + x) * channels
        switch function {
        case .average(let rounding): kernels.averagePool(window, rounding, low, high, target)
        case .maximum: kernels.maximumPool(window, low, high, target)
        }
      }
    }
  }

  /// The part of a window that lies on the image.
  private func inside(_ axis: WindowGeometry.Axis, _ index: Int) -> (Int, Int) {
    let first = index * axis.stride - axis.padding
    return (max(first, 0), min(first + axis.kernel, axis.input))
  }
}
