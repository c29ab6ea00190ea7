import FirmwareModel
import Kernels

/// Any function of one int8 variable, as a table.
///
/// Inputs: int8, table [256] (entry `value + 128`). Output: int8 of as many elements.
struct TableOperator: Operator {
  private let input: Int
  private let table: Int
  private let output: Int
  private let count: Int

  private var inputAddress: UnsafePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    guard let table = try reader.optionalTable() else {
      throw reader.error("a table of 256 values", 0)
    }
    self.table = table
    output = try reader.int8Output()
    count = reader.tensor(input).shape.count
    try reader.require(
      reader.tensor(output).shape.count == count, "as many elements out as in", count)
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    tableAddress = memory.input(table)
    outputAddress = memory.output(output)
  }

  private static let run = 16384
  var unitCount: Int { (count + TableOperator.run - 1) / TableOperator.run }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let start = units.lowerBound * TableOperator.run
    let end = min(units.upperBound * TableOperator.run, count)
    kernels.lookUp(tableAddress, inputAddress + start, outputAddress + start, end - start)
  }
}
