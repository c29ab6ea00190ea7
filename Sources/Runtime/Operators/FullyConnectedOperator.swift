import FirmwareModel
import FixedPoint
import Kernels

/// A fully connected layer: every row of `depth` inputs times every column of weights.
///
/// Inputs: rows of int8, weights [columns, depth], bias or absent, factors [columns, 3] (a significand's low and
/// high word, an exponent: `DyadicFactor`), table [256] or absent. Output: [rows, columns].
/// Parameters: output's zero point, lowest and highest (before the table).
struct FullyConnectedOperator: Operator {
  private let input: Int
  private let weights: Int
  private let bias: Int?
  private let factors: Int
  private let table: Int?
  private let output: Int
  private let rows: Int
  private let columns: Int
  private let depth: Int
  private let low: Int32
  private let high: Int32
  private let inputZeroPoint: Int32
  private let outputZeroPoint: Int32
  private let weightZeroPoint: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?
  private var factorsAddress: UnsafePointer<Int32>!
  private var matrix: PackedMatrix!
  private var columnsPerUnit = 1

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.activation()
    weights = try reader.int8Constant()
    let shape = reader.tensor(weights).shape
    try reader.require(shape.rank == 2, "weights of two dimensions", shape.rank)
    columns = shape[0]
    depth = shape[1]
    bias = try reader.optionalBias(columns: columns)
    factors = try reader.int32Constant(count: columns * 3)
    let words = reader.model.constant(factors).assumingMemoryBound(to: Int32.self)
    for column in 0..<columns {
      try reader.require(
        words[3 * column + 1] >= 0 && words[3 * column + 1] < 1 << 21
          && DyadicFactor.exponents.contains(words[3 * column + 2]),
        "a significand below 2^53 and an exponent in -115...0", column)
    }
    table = try reader.optionalTable()
    output = try reader.int8Output()
    let count = reader.tensor(input).shape.count
    rows = count / depth
    try reader.require(
      rows * depth == count && rows * columns == reader.tensor(output).shape.count,
      "an input of whole rows and an output of as many", count)
    (outputZeroPoint, low, high) = try reader.outputRange()
    inputZeroPoint = reader.tensor(input).zeroPoint
    weightZeroPoint = reader.tensor(weights).zeroPoint
  }

  func packedBytes(_ kernels: KernelTable) -> Int {
    PackedMatrix.bytes(columns: columns, depth: depth, kernels.matrix.packing)
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    let packing = kernels.matrix.packing
    return Layout.aligned(packing.panels(columns: columns) * packing.panelColumns * 4)
      + kernels.matrix.scratchBytes(depth)
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
    tableAddress = table.map { memory.input($0) }
    factorsAddress = memory.words(factors)
    let packing = kernels.matrix.packing
    matrix = PackedMatrix(
      memory.input(weights), bias: bias.map { memory.words($0) }, columns: columns, depth: depth,
      inputZeroPoint: inputZeroPoint, weightZeroPoint: weightZeroPoint, packing, memory: packed)
    let panels = packing.panels(columns: columns)
    let split = rows * columns * depth < smallestSplit ? panels : (panels + 7) / 8
    columnsPerUnit = split * packing.panelColumns
  }

  private var columnUnits: Int { (columns + columnsPerUnit - 1) / columnsPerUnit }
  var unitCount: Int { rows * columnUnits }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let accumulators = scratch.assumingMemoryBound(to: Int32.self)
    let packing = kernels.matrix.packing
    let kernelScratch =
      scratch + Layout.aligned(packing.panels(columns: columns) * packing.panelColumns * 4)
    for unit in units {
      let row = unit / columnUnits
      let first = unit % columnUnits * columnsPerUnit
      let range = first..<min(first + columnsPerUnit, columns)
      let product = matrix.product(
        inputAddress + row * depth, stride: depth, count: 1, columns: range,
        scratch: kernelScratch)
      kernels.matrix.accumulate(product, accumulators, range.count)
      let values = outputAddress + row * columns
      for column in range {
        values[column] = requantize(accumulators[column - first] &+ matrix.bias[column], column)
      }
      if let tableAddress {
        kernels.lookUp(tableAddress, values + first, values + first, range.count)
      }
    }
  }

  private func requantize(_ accumulator: Int32, _ column: Int) -> Int8 {
    let words = factorsAddress + 3 * column
    let factor = DyadicFactor(
      significand: Int64(UInt32(bitPattern: words[0])) | Int64(words[1]) << 32, exponent: words[2])
    let value = Int64(factor.multiply(accumulator)) + Int64(outputZeroPoint)
    return Int8(truncatingIfNeeded: clamp(Int32(clamping: value), low, high))
  }
}
