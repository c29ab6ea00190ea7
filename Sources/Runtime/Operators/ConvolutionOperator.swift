import FirmwareModel
import Kernels

/// A convolution, grouped or not: the windows' pixels are laid out as rows and multiplied with the weights.
///
/// Inputs: image [N, H, W, C], weights [O, KH, KW, C / groups], bias [O] or absent, mantissas [O],
/// exponents [O], table [256] or absent (a function applied to the output).
/// Output: [N, OH, OW, O].
/// Parameters: stride, dilation (height, width each), padding (top, left), groups, output's zero point, lowest and
/// highest (before the table).
struct ConvolutionOperator: Operator {
  let input: Int
  private let weights: Int
  private let bias: Int?
  private let mantissas: Int
  private let exponents: Int
  private let table: Int?
  let output: Int
  let geometry: WindowGeometry
  let groups: Int
  let channels: Int
  private let columns: Int
  private let low: Int32
  private let high: Int32
  let inputZeroPoint: Int8
  private let outputZeroPoint: Int32
  private let weightZeroPoint: Int32

  private(set) var inputAddress: UnsafePointer<Int8>!
  private var outputAddress: UnsafeMutablePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?
  private var matrices: UnsafeMutablePointer<PackedMatrix>!
  private var requantization: Requantization!
  private var rowsPerUnit = 1
  private var columnsPerUnit = 1
  /// Rows that are laid out and multiplied at a time.
  private var rowsAtATime = 1
  /// The pixels of an output line whose windows do not leave the image sideways.
  private(set) var insidePixels = 0..<0

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.activation()
    weights = try reader.int8Constant()
    let shape = reader.tensor(weights).shape
    try reader.require(shape.rank == 4, "weights of four dimensions", shape.rank)
    columns = shape[0]
    bias = try reader.optionalBias(columns: columns)
    (mantissas, exponents) = try reader.multipliers(columns: columns)
    table = try reader.optionalTable()
    output = try reader.int8Output()
    geometry = try WindowGeometry(
      reading: &reader, input: reader.tensor(input).shape, output: reader.tensor(output).shape,
      kernelHeight: shape[1], kernelWidth: shape[2])
    channels = reader.tensor(input).shape[3]
    groups = try reader.parameter(1...65535, "at least one group")
    try reader.require(
      shape[3] * groups == channels && columns % groups == 0
        && reader.tensor(output).shape[3] == columns,
      "channels that match the weights", channels)
    (outputZeroPoint, low, high) = try reader.outputRange()
    inputZeroPoint = Int8(reader.tensor(input).zeroPoint)
    weightZeroPoint = reader.tensor(weights).zeroPoint
  }

  private var taps: Int { geometry.height.kernel * geometry.width.kernel }
  private var groupColumns: Int { columns / groups }
  private var depth: Int { taps * (channels / groups) }
  private var rowCount: Int { geometry.batches * geometry.height.output * geometry.width.output }

  /// The input's pixels are the rows as they lie.
  var isPointwise: Bool {
    groups == 1 && taps == 1 && geometry.height.stride == 1 && geometry.width.stride == 1
      && geometry.height.padding == 0 && geometry.width.padding == 0
      && geometry.height.input == geometry.height.output
      && geometry.width.input == geometry.width.output
  }

  func packedBytes(_ kernels: KernelTable) -> Int {
    let matrix = PackedMatrix.bytes(columns: groupColumns, depth: depth, kernels.matrix.packing)
    return groups * (matrix + Layout.aligned(MemoryLayout<PackedMatrix>.stride))
      + OutputMultipliers.bytes(columns) + vectorBytes(columns)
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    let rows = isPointwise ? 0 : ConvolutionOperator.stagedRows(depth, kernels) * depth + 64
    return Layout.aligned(rows) + kernels.matrix.scratchBytes(depth)
  }

  /// Rows that are laid out at a time.
  private static func stagedRows(_ depth: Int, _ kernels: KernelTable) -> Int {
    let block = kernels.matrix.rowBlock
    let rows = min(max(49152 / depth, 1), 256)
    return (rows + block - 1) / block * block
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
    tableAddress = table.map { memory.input($0) }
    let packing = kernels.matrix.packing
    let matrixBytes = PackedMatrix.bytes(columns: groupColumns, depth: depth, packing)
    var next = packed
    matrices = next.assumingMemoryBound(to: PackedMatrix.self)
    next += Layout.aligned(groups * MemoryLayout<PackedMatrix>.stride)
    let allBias = next.assumingMemoryBound(to: Int32.self)
    next += vectorBytes(columns)
    let multipliers = OutputMultipliers(
      mantissas: memory.words(mantissas), exponents: memory.words(exponents), columns: columns,
      memory: next)
    next += OutputMultipliers.bytes(columns)
    var isPlain = multipliers.arePlain
    for group in 0..<groups {
      let first = group * groupColumns
      let matrix = PackedMatrix(
        memory.input(weights) + first * depth, bias: bias.map { memory.words($0) + first },
        columns: groupColumns, depth: depth, inputZeroPoint: Int32(inputZeroPoint),
        weightZeroPoint: weightZeroPoint, packing, memory: next)
      (matrices + group).initialize(to: matrix)
      (allBias + first).copy(from: matrix.bias, count: groupColumns)
      isPlain = isPlain && matrix.isSmall
      next += matrixBytes
    }
    requantization = Requantization(
      bias: allBias, mantissas: multipliers.mantissas, exponents: multipliers.exponents,
      zeroPoint: outputZeroPoint, low: low, high: high, isPlain: isPlain)
    rowsAtATime = ConvolutionOperator.stagedRows(depth, kernels)
    insidePixels = geometry.width.insideWindows
    chooseUnits(kernels.matrix)
  }

  /// Cuts the work into parts for threads to take: rows, or columns where there are few rows and each thread would
  /// read all weights.
  private mutating func chooseUnits(_ kernel: MatrixKernel) {
    rowsPerUnit = rowCount
    columnsPerUnit = groupColumns
    if rowCount * columns * depth < smallestSplit { return }
    let panels = kernel.packing.panels(columns: columns)
    let block = kernel.rowBlock
    if groups == 1 && panels >= 4 && rowCount < 96 {
      columnsPerUnit = (panels + 15) / 16 * kernel.packing.panelColumns
    } else {
      rowsPerUnit = max((rowCount / 16 + block / 2) / block, 1) * block
    }
  }

  private var columnUnits: Int { (groupColumns + columnsPerUnit - 1) / columnsPerUnit }
  var unitCount: Int { (rowCount + rowsPerUnit - 1) / rowsPerUnit * columnUnits }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    if units.count == unitCount {
      compute(
        0..<rowCount, columns: 0..<groupColumns, from: inputAddress, to: outputAddress, kernels, scratch)
      return
    }
    for unit in units {
      let firstRow = unit / columnUnits * rowsPerUnit
      let firstColumn = unit % columnUnits * columnsPerUnit
      compute(
        firstRow..<min(firstRow + rowsPerUnit, rowCount),
        columns: firstColumn..<min(firstColumn + columnsPerUnit, groupColumns),
        from: inputAddress + (isPointwise ? firstRow * channels : 0), to: outputAddress + firstRow * columns,
        kernels, scratch)
    }
  }

  /// Computes one line of the output.
  func compute(
    line y: Int, to target: UnsafeMutablePointer<Int8>, _ kernels: KernelTable,
    scratch: UnsafeMutableRawPointer
  ) {
    let first = y * geometry.width.output
    compute(
      first..<first + geometry.width.output, columns: 0..<groupColumns,
      from: inputAddress + (isPointwise ? first * channels : 0), to: target, kernels, scratch)
  }

  /// Computes lines of the output from those of the input, which are its rows as they lie.
  func compute(
    lines: Range<Int>, from pixels: UnsafePointer<Int8>, _ kernels: KernelTable,
    scratch: UnsafeMutableRawPointer
  ) {
    let width = geometry.width.output
    compute(
      lines.lowerBound * width..<lines.upperBound * width, columns: 0..<groupColumns, from: pixels,
      to: outputAddress + lines.lowerBound * width * columns, kernels, scratch)
  }

  /// Computes neighbouring output pixels.
  ///
  /// - Parameters:
  ///   - pixels: The first one's input where the input's pixels are the rows as they lie; else the whole input.
  ///   - target: The first one's output.
  private func compute(
    _ rows: Range<Int>, columns range: Range<Int>, from pixels: UnsafePointer<Int8>,
    to target: UnsafeMutablePointer<Int8>, _ kernels: KernelTable, _ scratch: UnsafeMutableRawPointer
  ) {
    let staged = scratch.assumingMemoryBound(to: Int8.self)
    let pointwise = isPointwise
    let kernelScratch = scratch + (pointwise ? 0 : Layout.aligned(rowsAtATime * depth + 64))
    var done = 0
    while done < rows.count {
      let count = min(rowsAtATime, rows.count - done)
      let output = target + done * columns
      for group in 0..<groups {
        if !pointwise { stage(rows.lowerBound + done, count, group, staged) }
        multiply(
          pointwise ? pixels + done * channels : UnsafePointer(staged), count, group, range, to: output,
          kernels, kernelScratch)
      }
      if let tableAddress { lookUp(tableAddress, output, count, range, kernels) }
      done += count
    }
  }

  private func multiply(
    _ rows: UnsafePointer<Int8>, _ count: Int, _ group: Int, _ range: Range<Int>,
    to output: UnsafeMutablePointer<Int8>, _ kernels: KernelTable, _ scratch: UnsafeMutableRawPointer
  ) {
    let column = group * groupColumns + range.lowerBound
    let product = matrices[group].product(
      rows, stride: depth, count: count, columns: range, scratch: scratch)
    kernels.matrix.multiply(product, requantization.dropping(column), output + column, columns)
  }

  private func lookUp(
    _ table: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ count: Int, _ range: Range<Int>,
    _ kernels: KernelTable
  ) {
    if groups > 1 || range.count == columns {
      kernels.lookUp(table, output, output, count * columns)
      return
    }
    for row in 0..<count {
      let values = output + row * columns + range.lowerBound
      kernels.lookUp(table, values, values, range.count)
    }
  }
}

/// Multiply-accumulates below which an operator is not worth splitting between threads.
let smallestSplit = 60_000

extension OperatorReader {
  /// The next input, a bias of a value a column, or nil.
  mutating func optionalBias(columns: Int) throws(ModelError) -> Int? {
    guard let index = try optionalInput() else { return nil }
    let tensor = tensor(index)
    guard tensor.type == .int32, tensor.storage == .constant, tensor.shape.count == columns else {
      throw error("a constant int32 bias with a value for each channel", index)
    }
    return index
  }
}
