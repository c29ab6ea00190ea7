import FirmwareModel
import FixedPoint
import Kernels

/// The product of matrices that are both activations, batch by batch.
///
/// Inputs: int8 [batches…, rows, depth] (or transposed), int8 [batches…, depth, columns] (or transposed).
/// Output: int8 [batches…, rows, columns]. Batch dimensions broadcast.
/// Parameters: 1 where the first is transposed, 1 where the second is, a multiplier.
struct BatchMatrixMultiplyOperator: Operator {
  private let first: Int
  private let second: Int
  private let output: Int
  private let isFirstTransposed: Bool
  private let isSecondTransposed: Bool
  private let loops: BroadcastLoops
  private let rows: Int
  private let columns: Int
  private let depth: Int
  private let multiplier: (mantissa: Int32, exponent: Int32)
  private let firstZeroPoint: Int32
  private let secondZeroPoint: Int32
  private let outputZeroPoint: Int32

  private var firstAddress: UnsafePointer<Int8>!
  private var secondAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!
  private var multipliers: OutputMultipliers!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    first = try reader.int8Input()
    second = try reader.int8Input()
    output = try reader.int8Output()
    isFirstTransposed = try reader.flag("0, or 1 for a transposed operand")
    isSecondTransposed = try reader.flag("0, or 1 for a transposed operand")
    let multiplier = try reader.multiplier()
    self.multiplier = (multiplier.mantissa, multiplier.exponent)
    let (a, b, c) = (
      reader.tensor(first).shape, reader.tensor(second).shape, reader.tensor(output).shape
    )
    try reader.require(a.rank >= 2 && b.rank >= 2 && c.rank >= 2, "matrices", first)
    rows = a.extent(fromLast: isFirstTransposed ? 1 : 2)
    depth = a.extent(fromLast: isFirstTransposed ? 2 : 1)
    columns = b.extent(fromLast: isSecondTransposed ? 2 : 1)
    try reader.require(
      b.extent(fromLast: isSecondTransposed ? 1 : 2) == depth
        && c.extent(fromLast: 2) == rows && c.extent(fromLast: 1) == columns,
      "matrices whose sizes match", depth)
    guard
      let loops = BroadcastLoops(
        BatchMatrixMultiplyOperator.batches(a), BatchMatrixMultiplyOperator.batches(b),
        output: BatchMatrixMultiplyOperator.batches(c))
    else { throw reader.error("batches that broadcast to the output's", first) }
    self.loops = loops
    firstZeroPoint = reader.tensor(first).zeroPoint
    secondZeroPoint = reader.tensor(second).zeroPoint
    outputZeroPoint = reader.tensor(output).zeroPoint
  }

  private static func batches(_ shape: Shape) -> Shape {
    var batches = Shape()
    for axis in 0..<shape.rank - 2 { batches.append(Int32(shape[axis])) }
    return batches
  }

  func packedBytes(_ kernels: KernelTable) -> Int {
    OutputMultipliers.bytes(columns) + 3 * vectorBytes(columns)
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    Layout.aligned(rows * depth + 64) + Layout.aligned(columns * depth)
      + PackedMatrix.bytes(columns: columns, depth: depth, kernels.matrix.packing)
      + kernels.matrix.scratchBytes(depth)
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    firstAddress = memory.input(first)
    secondAddress = memory.input(second)
    outputAddress = memory.output(output)
    let mantissas = (packed + OutputMultipliers.bytes(columns)).assumingMemoryBound(to: Int32.self)
    let exponents = mantissas + vectorBytes(columns) / 4
    mantissas.fill(with: multiplier.mantissa, count: columns)
    exponents.fill(with: multiplier.exponent, count: columns)
    multipliers = OutputMultipliers(
      mantissas: mantissas, exponents: exponents, columns: columns, memory: packed)
  }

  var unitCount: Int { loops.rows * loops.innermost.count }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let left = scratch.assumingMemoryBound(to: Int8.self)
    let right = (scratch + Layout.aligned(rows * depth + 64)).assumingMemoryBound(to: Int8.self)
    let packed = UnsafeMutableRawPointer(right) + Layout.aligned(columns * depth)
    let packing = kernels.matrix.packing
    let kernelScratch =
      packed + PackedMatrix.bytes(columns: columns, depth: depth, packing)
    for unit in units {
      let (a, b) = loops.element(unit)
      // Kernels read beyond a row's end, so the rows are copied where that is sure to be allowed.
      transpose(firstAddress + a * rows * depth, rows, depth, isFirstTransposed, left)
      transpose(secondAddress + b * columns * depth, columns, depth, !isSecondTransposed, right)
      let matrix = PackedMatrix(
        UnsafePointer(right), bias: nil, columns: columns, depth: depth,
        inputZeroPoint: firstZeroPoint, weightZeroPoint: secondZeroPoint, packing, memory: packed)
      let requantization = Requantization(
        bias: matrix.bias, mantissas: multipliers.mantissas, exponents: multipliers.exponents,
        zeroPoint: outputZeroPoint, low: -128, high: 127,
        isPlain: matrix.isSmall && multipliers.arePlain)
      kernels.matrix.multiply(
        matrix.product(
          UnsafePointer(left), stride: depth, count: rows, columns: 0..<columns,
          scratch: kernelScratch),
        requantization, outputAddress + unit * rows * columns, columns)
    }
  }

  /// Copies a matrix of `count` rows of `depth`, which is stored transposed if `isTransposed`.
  private func transpose(
    _ source: UnsafePointer<Int8>, _ count: Int, _ depth: Int, _ isTransposed: Bool,
    _ target: UnsafeMutablePointer<Int8>
  ) {
    if !isTransposed {
      target.copy(from: source, count: count * depth)
      return
    }
    for row in 0..<count {
      for index in 0..<depth { target[row * depth + index] = source[index * count + row] }
    }
  }
}
