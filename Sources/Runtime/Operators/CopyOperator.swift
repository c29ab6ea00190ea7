import FirmwareModel
import Kernels

/// A copy between strided arrays: transposition, slices, concatenation, padding.
///
/// Inputs: int8 or int32, table [256] or absent (applied to what is copied). Output: of the same type; parts of
/// it that are not written keep their values unless it is filled first.
/// Parameters: 1 to fill the output first, the value to fill with; the input's and the output's first element;
/// then for each dimension, outermost first, a count, the input's stride and the output's stride in elements.
struct CopyOperator: Operator {
  private let input: Int
  private let table: Int?
  private let output: Int
  private let type: ElementType
  private let fill: Int8?
  private let inputStart: Int
  private let outputStart: Int
  private var copy = StridedCopy()
  private let outputCount: Int

  private var inputAddress: UnsafePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.input()
    table = try reader.optionalTable()
    output = try reader.output()
    type = reader.tensor(input).type
    try reader.require(
      reader.tensor(output).type == type && (table == nil || type == .int8),
      "an input and an output of one type", input)
    let fills = try reader.flag("0, or 1 to fill the output")
    let value = try reader.int8("a value in -128...127")
    try reader.require(!fills || type == .int8, "int8 to fill")
    fill = fills ? Int8(value) : nil
    let starts = 0...0x7FFF_FFFF
    inputStart = try reader.parameter(starts, "a first element of at least 0")
    outputStart = try reader.parameter(starts, "a first element of at least 0")
    outputCount = reader.tensor(output).shape.count
    let rank = (reader.record.parameterCount - 4) / 3
    try reader.require(rank <= StridedCopy.maximumRank, "at most eight dimensions", rank)
    var inputBounds = StridedBounds(start: inputStart)
    var outputBounds = StridedBounds(start: outputStart)
    for _ in 0..<rank {
      let count = try reader.parameter(1...0x7FFF_FFFF, "a count of at least 1")
      let strides = -0x7FFF_FFFF...0x7FFF_FFFF
      let inputStride = try reader.parameter(strides, "a stride")
      let outputStride = try reader.parameter(strides, "a stride")
      inputBounds.add(count: count, stride: inputStride)
      outputBounds.add(count: count, stride: outputStride)
      copy.append(
        StridedCopy.Dimension(
          count: count, inputStride: inputStride, outputStride: outputStride))
    }
    try reader.require(
      inputBounds.lie(in: reader.tensor(input).shape.count) && outputBounds.lie(in: outputCount),
      "elements inside the input and the output", input)
    try reader.require(
      inputBounds.steps <= Int64(outputCount), "no more elements copied than the output has", input)
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    tableAddress = table.map { memory.input($0) }
    outputAddress = memory.output(output)
  }

  var unitCount: Int { 1 }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    switch type {
    case .int8:
      if let fill { outputAddress.fill(with: fill, count: outputCount) }
      copy.run(inputAddress + inputStart, outputAddress + outputStart, through: tableAddress)
    case .int32:
      let source = UnsafeRawPointer(inputAddress).assumingMemoryBound(to: Int32.self)
      let target = UnsafeMutableRawPointer(outputAddress).assumingMemoryBound(to: Int32.self)
      copy.run(source + inputStart, target + outputStart)
    }
  }
}

/// The lowest and highest element that strided loops reach.
struct StridedBounds {
  private var lowest: Int64
  private var highest: Int64
  private var isValid = true
  /// The number of elements visited.
  private(set) var steps: Int64 = 1

  init(start: Int) {
    lowest = Int64(start)
    highest = Int64(start)
  }

  mutating func add(count: Int, stride: Int) {
    let (reach, overflow) = Int64(count - 1).multipliedReportingOverflow(by: Int64(stride))
    let (steps, many) = self.steps.multipliedReportingOverflow(by: Int64(count))
    self.steps = many ? Int64.max : steps
    // Far beyond any tensor, and far from overflowing eight additions.
    if overflow || reach.magnitude > 1 << 40 {
      isValid = false
    } else if reach < 0 {
      lowest += reach
    } else {
      highest += reach
    }
  }

  func lie(in count: Int) -> Bool { isValid && lowest >= 0 && highest < Int64(count) }
}
