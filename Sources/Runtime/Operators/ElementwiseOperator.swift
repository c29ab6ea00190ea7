import FirmwareModel
import FixedPoint
import Kernels

/// A function of two operands, either broadcast to the output's shape.
///
/// Inputs: two int8 tensors, table [256] or absent. Output: int8.
/// Parameters: function, three multipliers (mantissa, exponent), output's zero point, lowest and highest (before the
/// table).
struct ElementwiseOperator: Operator {
  private let first: Int
  private let second: Int
  private let table: Int?
  private let output: Int
  private let function: Elementwise

  private let loops: BroadcastLoops
  private let count: Int

  private var firstAddress: UnsafePointer<Int8>!
  private var secondAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?

  init(reading reader: inout OperatorReader) throws(ModelError) {
    first = try reader.int8Input()
    second = try reader.int8Input()
    table = try reader.optionalTable()
    output = try reader.int8Output()
    let code = try reader.parameter(0...6, "a function in 0...6")
    let firstMultiplier = try reader.multiplier()
    let secondMultiplier = try reader.multiplier()
    let outputMultiplier = try reader.multiplier()
    let (outputZeroPoint, low, high) = try reader.outputRange()
    let (a, b, result) = (reader.tensor(first), reader.tensor(second), reader.tensor(output))
    function = Elementwise(
      function: Elementwise.Function(rawValue: code)!, firstZeroPoint: a.zeroPoint,
      secondZeroPoint: b.zeroPoint, outputZeroPoint: outputZeroPoint, first: firstMultiplier,
      second: secondMultiplier, output: outputMultiplier, low: low, high: high)
    guard let loops = BroadcastLoops(a.shape, b.shape, output: result.shape) else {
      throw reader.error("operands that broadcast to the output's shape", first)
    }
    self.loops = loops
    count = result.shape.count
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int {
    loops.sharedOperand == nil ? 0 : ElementwiseOperator.repeatedBytes
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    firstAddress = memory.input(first)
    secondAddress = memory.input(second)
    outputAddress = memory.output(output)
    tableAddress = table.map { memory.input($0) }
  }

  /// Elements of the innermost dimension that one unit computes at most.
  private static let run = 8192

  /// The innermost dimension is cut in pieces, or rows are computed several at a time.
  private var pieces: Int {
    loops.innermost.count > 2 * ElementwiseOperator.run
      ? (loops.innermost.count + ElementwiseOperator.run - 1) / ElementwiseOperator.run : 1
  }

  private var rowsPerUnit: Int {
    pieces > 1 ? 1 : max(ElementwiseOperator.run / loops.innermost.count, 1)
  }

  var unitCount: Int { (loops.rows + rowsPerUnit - 1) / rowsPerUnit * pieces }

  /// Bytes for a short operand that is repeated, so that one call computes several rows.
  private static let repeatedBytes = 2048

  /// Rows that one call computes.
  private var rowsPerCall: Int {
    loops.sharedOperand == nil
      ? 1 : max(min(ElementwiseOperator.repeatedBytes / loops.innermost.count, rowsPerUnit), 1)
  }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let rowsPerCall = rowsPerCall
    let repeated = scratch.assumingMemoryBound(to: Int8.self)
    if rowsPerCall > 1 { repeatShared(rowsPerCall, repeated) }
    for unit in units {
      let start = unit % pieces * ElementwiseOperator.run
      let inner = loops.innermost.count
      let length = pieces > 1 ? min(ElementwiseOperator.run, inner - start) : inner
      let first = unit / pieces * rowsPerUnit
      let last = min(first + rowsPerUnit, loops.rows)
      for row in stride(from: first, to: last, by: rowsPerCall) {
        if rowsPerCall > 1 {
          computeRows(row, min(rowsPerCall, last - row), UnsafePointer(repeated), kernels)
        } else {
          compute(row, start, length, kernels)
        }
      }
    }
  }

  /// Writes the operand that all rows share `count` times.
  private func repeatShared(_ count: Int, _ target: UnsafeMutablePointer<Int8>) {
    let length = loops.innermost.count
    let source = loops.sharedOperand == .first ? firstAddress! : secondAddress!
    for index in 0..<count { (target + index * length).copy(from: source, count: length) }
  }

  /// Some rows, of which one operand is `repeated`.
  private func computeRows(
    _ row: Int, _ count: Int, _ repeated: UnsafePointer<Int8>, _ kernels: KernelTable
  ) {
    let offset = row * loops.innermost.count
    let length = count * loops.innermost.count
    let isFirst = loops.sharedOperand == .first
    let result = outputAddress + offset
    kernels.elementwise(
      function,
      ElementwiseRun(
        first: isFirst ? repeated : firstAddress + offset, firstStep: 1,
        second: isFirst ? secondAddress + offset : repeated, secondStep: 1, output: result,
        count: length))
    if let tableAddress { kernels.lookUp(tableAddress, result, result, length) }
  }

  /// `length` elements of a row from `start` on.
  private func compute(_ row: Int, _ start: Int, _ length: Int, _ kernels: KernelTable) {
    let inner = loops.innermost
    let (a, b) = loops.offsets(row)
    let result = outputAddress + row * inner.count + start
    kernels.elementwise(
      function,
      ElementwiseRun(
        first: firstAddress + a + start * inner.first, firstStep: inner.first,
        second: secondAddress + b + start * inner.second, secondStep: inner.second,
        output: result, count: length))
    if let tableAddress { kernels.lookUp(tableAddress, result, result, length) }
  }
}
