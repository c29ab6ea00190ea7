import FirmwareModel
import Kernels

/// Bilinear interpolation of an image.
///
/// Inputs: [N, H, W, C], positions [OH + OW, 3]: for each output row, then for each output column, the two input
/// lines and the weight of the second. Output: [N, OH, OW, C].
/// Parameter: 0 for weights in 1/1024 (LiteRT's int8), 1 for weights that are IEEE singles' bits (its uint8, see
/// `SingleInterpolation`).
struct ResizeBilinearOperator: Operator {
  private let input: Int
  private let positions: Int
  private let output: Int
  private let inputShape: Shape
  private let outputShape: Shape
  private let isSingle: Bool

  private var inputAddress: UnsafePointer<Int8>!
  private var positionsAddress: UnsafePointer<Int32>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    inputShape = reader.tensor(input).shape
    try reader.require(inputShape.rank == 4, "an input of four dimensions", inputShape.rank)
    positions = try reader.int32Constant(count: nil)
    output = try reader.int8Output()
    outputShape = reader.tensor(output).shape
    try reader.require(
      outputShape.rank == 4 && outputShape[0] == inputShape[0] && outputShape[3] == inputShape[3],
      "an output of as many batches and channels", output)
    let count = reader.tensor(positions).shape.count
    try reader.require(
      count == (outputShape[1] + outputShape[2]) * 3, "a position for each row and column", count)
    isSingle = try reader.flag("0 (weights in 1/1024) or 1 (singles)")
    let values = reader.model.constant(positions).assumingMemoryBound(to: Int32.self)
    for line in 0..<count / 3 {
      let limit = Int32(line < outputShape[1] ? inputShape[1] : inputShape[2])
      let (first, second, weight) = (
        values[3 * line], values[3 * line + 1], values[3 * line + 2]
      )
      try reader.require(
        first >= 0 && first < limit && second >= 0 && second < limit, "lines of the input", line)
      try reader.require(
        isSingle ? SingleInterpolation.isWeight(weight) : (-1024...1024).contains(weight),
        "weights of at most 1", line)
    }
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    positionsAddress = memory.words(positions)
    outputAddress = memory.output(output)
  }

  var unitCount: Int { outputShape[0] * outputShape[1] }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    let channels = inputShape[3]
    let rowBytes = inputShape[2] * channels
    for unit in units {
      let batch = unit / outputShape[1]
      let row = positionsAddress + 3 * (unit % outputShape[1])
      let image = inputAddress + batch * inputShape[1] * rowBytes
      let upper = image + Int(row[0]) * rowBytes
      let lower = image + Int(row[1]) * rowBytes
      var target = outputAddress + unit * outputShape[2] * channels
      for x in 0..<outputShape[2] {
        let column = positionsAddress + 3 * (outputShape[1] + x)
        let corners = InterpolationCorners(
          upperLeft: upper + Int(column[0]) * channels,
          upperRight: upper + Int(column[1]) * channels,
          lowerLeft: lower + Int(column[0]) * channels,
          lowerRight: lower + Int(column[1]) * channels)
        if isSingle {
          interpolateSingle(corners, row[2], column[2], channels, target)
        } else {
          interpolateScalar(corners, row[2], column[2], channels, target)
        }
        target += channels
      }
    }
  }
}
