import FirmwareModel
import Kernels

/// L2 normalisation over the innermost dimension.
///
/// Input: int8. Output: int8 of the same shape. Parameter: 1 to scale values before they are multiplied.
struct NormalizeOperator: Operator {
  private let input: Int
  private let output: Int
  private let rows: Int
  private let depth: Int
  private let scalesFirst: Bool
  private let inputZeroPoint: Int32
  private let outputZeroPoint: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    output = try reader.int8Output()
    let shape = reader.tensor(input).shape
    try reader.require(
      shape.rank > 0 && reader.tensor(output).shape.count == shape.count,
      "as many elements out as in", shape.count)
    depth = shape[shape.rank - 1]
    rows = shape.count / depth
    scalesFirst = try reader.flag("0, or 1 to scale first")
    inputZeroPoint = reader.tensor(input).zeroPoint
    outputZeroPoint = reader.tensor(output).zeroPoint
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
  }

  var unitCount: Int { 1 }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    l2NormalizeScalar(
      inputAddress, inputZeroPoint, outputZeroPoint, scalesFirst, rows, depth, outputAddress)
  }
}
