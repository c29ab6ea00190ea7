import FirmwareModel
import Kernels

/// The index of the largest value along an axis, the first among equals.
///
/// Input: int8. Output: int32 of the other dimensions. Parameter: the axis.
struct ArgumentMaximumOperator: Operator {
  private let input: Int
  private let output: Int
  private let outer: Int
  private let count: Int
  private let inner: Int

  private var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int32>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    output = try reader.output()
    let shape = reader.tensor(input).shape
    let axis = try reader.parameter(0...7, "an axis of the input")
    try reader.require(axis < shape.rank, "an axis of the input", axis)
    var (outer, inner) = (1, 1)
    for position in 0..<axis { outer *= shape[position] }
    for position in axis + 1..<max(shape.rank, axis + 1) { inner *= shape[position] }
    self.outer = outer
    self.inner = inner
    count = shape[axis]
    try reader.require(
      reader.tensor(output).type == .int32 && reader.tensor(output).shape.count == outer * inner,
      "an int32 output of the other dimensions", output)
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = UnsafeMutableRawPointer(memory.output(output)).assumingMemoryBound(to: Int32.self)
  }

  var unitCount: Int { 1 }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    for row in 0..<outer {
      for column in 0..<inner {
        let values = inputAddress + row * count * inner + column
        var best = 0
        for index in 0..<count where values[index * inner] > values[best * inner] { best = index }
        outputAddress[row * inner + column] = Int32(best)
      }
    }
  }
}
