import FirmwareModel
import FixedPoint
import Kernels

/// A sum over some axes, scaled: MEAN and SUM.
///
/// Input: int8; thresholds [255] or absent. Output: int8 of the elements that remain.
/// Parameters: one flag per input dimension (1: summed over), the sum of the zero points, a multiplier, and for
/// a table of thresholds nothing more: `output = −128 + the number of thresholds that the sum reaches`.
struct ReduceOperator: Operator {
  private struct Dimension {
    var count: Int
    var isReduced: Bool
  }

  /// Outermost first; neighbours of one kind are merged.
  private struct Dimensions {
    private var list = InlineArray<8, Dimension>(repeating: Dimension(count: 1, isReduced: false))
    private(set) var rank = 0

    mutating func append(_ dimension: Dimension) {
      if rank > 0, list[rank - 1].isReduced == dimension.isReduced {
        list[rank - 1].count *= dimension.count
      } else {
        list[rank] = dimension
        rank += 1
      }
    }

    subscript(_ axis: Int) -> Dimension { list[axis] }
  }

  private let input: Int
  private let thresholds: Int?
  private let output: Int
  private let dimensions: Dimensions
  private let count: Int
  private let outputs: Int
  private let offset: Int32
  private let multiplier: QuantizedMultiplier
  private let outputZeroPoint: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private var thresholdsAddress: UnsafePointer<Int32>?
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    if let index = try reader.optionalInput() {
      let tensor = reader.tensor(index)
      try reader.require(
        tensor.type == .int32 && tensor.storage == .constant && tensor.shape.count == 255,
        "a constant table of 255 thresholds", index)
      thresholds = index
    } else {
      thresholds = nil
    }
    output = try reader.int8Output()
    let shape = reader.tensor(input).shape
    var kept = 1
    var merged = Dimensions()
    for axis in 0..<shape.rank {
      let isReduced = try reader.flag("0 (kept) or 1 (summed over)")
      let count = shape[axis]
      if !isReduced { kept *= count }
      merged.append(Dimension(count: count, isReduced: isReduced))
    }
    dimensions = merged
    count = shape.count
    outputs = kept
    try reader.require(
      reader.tensor(output).shape.count == kept, "an output of the elements that remain", kept)
    offset = try reader.int32("the sum of the zero points")
    multiplier = try reader.multiplier()
    outputZeroPoint = reader.tensor(output).zeroPoint
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { vectorBytes(outputs) }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    thresholdsAddress = thresholds.map { memory.words($0) }
    outputAddress = memory.output(output)
  }

  var unitCount: Int { 1 }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let sums = scratch.assumingMemoryBound(to: Int32.self)
    sums.fill(with: 0, count: outputs)
    sum(0, inputAddress, count, sums, outputs, kernels)
    if let thresholdsAddress {
      for index in 0..<outputs { outputAddress[index] = rank(of: sums[index], thresholdsAddress) }
      return
    }
    // Copies, which the outputs can't overlap as far as the compiler can see.
    let (output, multiplier, offset, zeroPoint) = (outputAddress!, multiplier, offset, outputZeroPoint)
    for index in 0..<outputs {
      let value = multiplier.multiply(sums[index] &- offset) &+ zeroPoint
      output[index] = Int8(truncatingIfNeeded: clamp(value, -128, 127))
    }
  }

  /// Adds `count` input elements, the dimensions from `axis` on, to the `kept` sums they belong to.
  private func sum(
    _ axis: Int, _ values: UnsafePointer<Int8>, _ count: Int, _ sums: UnsafeMutablePointer<Int32>,
    _ kept: Int, _ kernels: KernelTable
  ) {
    if axis >= dimensions.rank {
      sums[0] = sums[0] &+ Int32(values[0])
      return
    }
    let dimension = dimensions[axis]
    let inner = count / dimension.count
    if dimension.isReduced && axis == dimensions.rank - 2 {
      kernels.sumRows(values, dimension.count, inner, inner, sums)
    } else if dimension.isReduced && axis == dimensions.rank - 1 {
      var total: Int32 = 0
      for index in 0..<count { total = total &+ Int32(values[index]) }
      sums[0] = sums[0] &+ total
    } else if !dimension.isReduced && axis == dimensions.rank - 1 {
      kernels.sumRows(values, 1, count, count, sums)
    } else {
      let step = dimension.isReduced ? 0 : kept / dimension.count
      for index in 0..<dimension.count {
        sum(
          axis + 1, values + index * inner, inner, sums + index * step,
          dimension.isReduced ? kept : step, kernels)
      }
    }
  }

  /// The number of thresholds not above the sum, from -128 on.
  private func rank(of sum: Int32, _ thresholds: UnsafePointer<Int32>) -> Int8 {
    var (low, high) = (0, 255)
    while low < high {
      let middle = (low + high) / 2
      if thresholds[middle] <= sum { low = middle + 1 } else { high = middle }
    }
    return Int8(truncatingIfNeeded: low - 128)
  }
}
