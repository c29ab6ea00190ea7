import FirmwareModel
import Kernels

/// A transposed convolution: every input pixel adds its filters' window to the output.
///
/// Inputs: image [N, H, W, C], weights [O, KH, KW, C], bias or absent, mantissas, exponents, table or absent.
/// Output: [N, OH, OW, O].
/// Parameters: stride (height, width), padding (top, left) of the convolution that this is the transpose of,
/// output's zero point, lowest and highest (before the table).
struct TransposeConvolutionOperator: Operator {
  private let input: Int
  private let weights: Int
  private let bias: Int?
  private let mantissas: Int
  private let exponents: Int
  private let table: Int?
  private let output: Int
  private let strideHeight: Int
  private let strideWidth: Int
  private let paddingTop: Int
  private let paddingLeft: Int
  private let inputShape: Shape
  private let outputShape: Shape
  private let kernelHeight: Int
  private let kernelWidth: Int
  private let low: Int32
  private let high: Int32
  private let inputZeroPoint: Int32
  private let weightZeroPoint: Int32
  private let outputZeroPoint: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?
  private var matrix: PackedMatrix!
  private var requantization: Requantization!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.activation()
    weights = try reader.int8Constant()
    let shape = reader.tensor(weights).shape
    try reader.require(shape.rank == 4, "weights of four dimensions", shape.rank)
    bias = try reader.optionalBias(columns: shape[0])
    (mantissas, exponents) = try reader.multipliers(columns: shape[0])
    table = try reader.optionalTable()
    output = try reader.int8Output()
    strideHeight = try reader.parameter(1...65535, "a stride of at least 1")
    strideWidth = try reader.parameter(1...65535, "a stride of at least 1")
    paddingTop = try reader.parameter(0...65535, "a padding of at least 0")
    paddingLeft = try reader.parameter(0...65535, "a padding of at least 0")
    (outputZeroPoint, low, high) = try reader.outputRange()
    inputShape = reader.tensor(input).shape
    outputShape = reader.tensor(output).shape
    kernelHeight = shape[1]
    kernelWidth = shape[2]
    try reader.require(
      inputShape.rank == 4 && outputShape.rank == 4 && inputShape[0] == outputShape[0]
        && inputShape[3] == shape[3] && outputShape[3] == shape[0],
      "an input and an output that match the weights", input)
    let positions = Int64(inputShape[2]) * Int64(kernelHeight * kernelWidth) * Int64(shape[0])
    try reader.require(
      positions <= 1 << 28 && Int64(outputShape.count) <= 1 << 28, "a smaller transposed convolution")
    inputZeroPoint = reader.tensor(input).zeroPoint
    weightZeroPoint = reader.tensor(weights).zeroPoint
  }

  private var channels: Int { inputShape[3] }
  private var outputChannels: Int { outputShape[3] }
  /// A column of the product for each tap and output channel.
  private var columns: Int { kernelHeight * kernelWidth * outputChannels }
  private var imagePixels: Int { outputShape[1] * outputShape[2] }

  /// Elements between the products of two pixels: whole panels.
  private func productStride(_ packing: MatrixPacking) -> Int {
    packing.panels(columns: columns) * packing.panelColumns
  }

  func packedBytes(_ kernels: KernelTable) -> Int {
    PackedMatrix.bytes(columns: columns, depth: channels, kernels.matrix.packing)
      + OutputMultipliers.bytes(outputChannels) + vectorBytes(outputChannels)
      + Layout.aligned(columns * channels)
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    Layout.aligned(imagePixels * outputChannels * 4)
      + Layout.aligned(inputShape[2] * productStride(kernels.matrix.packing) * 4)
      + kernels.matrix.scratchBytes(channels)
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
    tableAddress = table.map { memory.input($0) }
    let multipliers = OutputMultipliers(
      mantissas: memory.words(mantissas), exponents: memory.words(exponents),
      columns: outputChannels, memory: packed)
    var next = packed + OutputMultipliers.bytes(outputChannels)
    let zeroes = next.assumingMemoryBound(to: Int32.self)
    zeroes.fill(with: 0, count: outputChannels)
    if let bias { zeroes.copy(from: memory.words(bias), count: outputChannels) }
    next += vectorBytes(outputChannels)
    // Columns in the order of taps, so that the products of one tap are a pixel's channels.
    let byTap = next.assumingMemoryBound(to: Int8.self)
    next += Layout.aligned(columns * channels)
    let taps = kernelHeight * kernelWidth
    for tap in 0..<taps {
      for channel in 0..<outputChannels {
        (byTap + (tap * outputChannels + channel) * channels).update(
          from: memory.input(weights) + (channel * taps + tap) * channels, count: channels)
      }
    }
    matrix = PackedMatrix(
      UnsafePointer(byTap), bias: nil, columns: columns, depth: channels,
      inputZeroPoint: inputZeroPoint, weightZeroPoint: weightZeroPoint, kernels.matrix.packing,
      memory: next)
    requantization = Requantization(
      bias: zeroes, mantissas: multipliers.mantissas, exponents: multipliers.exponents,
      zeroPoint: outputZeroPoint, low: low, high: high, isPlain: false)
  }

  var unitCount: Int { inputShape[0] }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let sums = scratch.assumingMemoryBound(to: Int32.self)
    let products = (scratch + Layout.aligned(imagePixels * outputChannels * 4))
      .assumingMemoryBound(to: Int32.self)
    let stride = productStride(kernels.matrix.packing)
    let kernelScratch = UnsafeMutableRawPointer(products) + Layout.aligned(inputShape[2] * stride * 4)
    let width = inputShape[2]
    for batch in units {
      sums.fill(with: 0, count: imagePixels * outputChannels)
      for y in 0..<inputShape[1] {
        let row = inputAddress + (batch * inputShape[1] + y) * width * channels
        kernels.matrix.accumulate(
          matrix.product(
            row, stride: channels, count: width, columns: 0..<columns,
            scratch: kernelScratch),
          products, stride)
        for x in 0..<width { scatter(products + x * stride, y, x, sums) }
      }
      let target = outputAddress + batch * imagePixels * outputChannels
      for pixel in 0..<imagePixels {
        for channel in 0..<outputChannels {
          let index = pixel * outputChannels + channel
          target[index] = requantization.output(sums[index], column: channel)
        }
      }
      if let tableAddress {
        kernels.lookUp(tableAddress, UnsafePointer(target), target, imagePixels * outputChannels)
      }
    }
  }

  /// Adds one input pixel's window to the sums.
  private func scatter(
    _ products: UnsafePointer<Int32>, _ y: Int, _ x: Int, _ sums: UnsafeMutablePointer<Int32>
  ) {
    for i in 0..<kernelHeight {
      let line = y * strideHeight - paddingTop + i
      if line < 0 || line >= outputShape[1] { continue }
      for j in 0..<kernelWidth {
        let position = x * strideWidth - paddingLeft + j
        if position < 0 || position >= outputShape[2] { continue }
        let first = (i * kernelWidth + j) * outputChannels
        let target = sums + (line * outputShape[2] + position) * outputChannels
        for channel in 0..<outputChannels {
          target[channel] =
            target[channel] &+ products[first + channel] &+ matrix.bias[first + channel]
        }
      }
    }
  }
}
