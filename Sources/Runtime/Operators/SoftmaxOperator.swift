import FirmwareModel
import Kernels

/// The softmax over the innermost dimension.
///
/// Inputs: int8, exponentials [256] (see `softmaxScalar`). Output: int8 of the same shape.
struct SoftmaxOperator: Operator {
  private let input: Int
  private let exponentials: Int
  private let output: Int
  private let rows: Int
  private let depth: Int

  private var inputAddress: UnsafePointer<Int8>!
  private var exponentialsAddress: UnsafePointer<Int32>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    exponentials = try reader.int32Constant(count: 256)
    output = try reader.int8Output()
    let shape = reader.tensor(input).shape
    try reader.require(
      shape.rank > 0 && reader.tensor(output).shape.count == shape.count,
      "as many elements out as in", shape.count)
    depth = shape[shape.rank - 1]
    rows = shape.count / depth
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    exponentialsAddress = memory.words(exponentials)
    outputAddress = memory.output(output)
  }

  var unitCount: Int { rows * depth < 4096 ? 1 : rows }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let rows = unitCount == 1 ? 0..<self.rows : units
    let start = rows.lowerBound * depth
    softmaxScalar(
      inputAddress + start, rows.count, depth, exponentialsAddress, outputAddress + start)
  }
}
