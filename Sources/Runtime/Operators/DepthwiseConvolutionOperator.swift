import FirmwareModel
import Kernels

/// A depthwise convolution: each input channel has `multiplier` filters of its own.
///
/// Inputs: image [N, H, W, C], weights [1, KH, KW, C · multiplier], bias or absent, mantissas, exponents, table
/// [256] or absent. Output: [N, OH, OW, C · multiplier].
/// Parameters: stride, dilation (height, width each), padding (top, left), output's zero point, lowest and highest (before the table).
struct DepthwiseConvolutionOperator: Operator {
  let input: Int
  private let weights: Int
  private let bias: Int?
  private let mantissas: Int
  private let exponents: Int
  private let table: Int?
  let output: Int
  let geometry: WindowGeometry
  private let inputChannels: Int
  let channels: Int
  private let low: Int32
  private let high: Int32
  let inputZeroPoint: Int8
  private let outputZeroPoint: Int32
  private let weightZeroPoint: Int32

  private var inputAddress: UnsafePointer<Int8>!
  private(set) var outputAddress: UnsafeMutablePointer<Int8>!
  private var tableAddress: UnsafePointer<Int8>?
  private var packedWeights: UnsafePointer<Int16>!
  private var requantization: Requantization!
  private var rowsPerUnit = 1

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.activation()
    weights = try reader.int8Constant()
    let shape = reader.tensor(weights).shape
    try reader.require(shape.rank == 4 && shape[0] == 1, "weights of [1, height, width, channels]")
    channels = shape[3]
    bias = try reader.optionalBias(columns: channels)
    (mantissas, exponents) = try reader.multipliers(columns: channels)
    table = try reader.optionalTable()
    output = try reader.int8Output()
    geometry = try WindowGeometry(
      reading: &reader, input: reader.tensor(input).shape, output: reader.tensor(output).shape,
      kernelHeight: shape[1], kernelWidth: shape[2])
    inputChannels = reader.tensor(input).shape[3]
    try reader.require(
      channels % inputChannels == 0 && reader.tensor(output).shape[3] == channels,
      "channels that are a multiple of the input's", channels)
    // Lines are laid out with their padding; what that takes stays countable.
    let line =
      Int64(geometry.width.padding + max(geometry.width.input, geometry.width.extent)) * Int64(channels)
    try reader.require(
      line <= 1 << 29 && line * Int64(geometry.height.extent) <= 1 << 29, "a padded image under 512 MiB",
      channels)
    (outputZeroPoint, low, high) = try reader.outputRange()
    inputZeroPoint = Int8(reader.tensor(input).zeroPoint)
    weightZeroPoint = reader.tensor(weights).zeroPoint
  }

  private var taps: Int { geometry.height.kernel * geometry.width.kernel }
  var multiplier: Int { channels / inputChannels }
  private var shape: DepthwiseShape {
    DepthwiseShape(
      height: geometry.height.kernel, width: geometry.width.kernel, channels: channels)
  }

  /// Windows never leave the image sideways and channels need no repeating: rows are read where they lie.
  private var readsInPlace: Bool {
    multiplier == 1 && geometry.width.padding == 0 && geometry.width.extent <= geometry.width.input
  }

  /// Output lines of one unit, once units are chosen.
  var linesPerUnit: Int {
    var sized = self
    sized.chooseUnits()
    return sized.rowsPerUnit
  }

  /// Bytes of a staged row.
  private var stagedRowBytes: Int { geometry.width.extent * channels }

  /// Rows that are staged for one unit of output rows.
  private var stagedRows: Int { (rowsPerUnit - 1) * geometry.height.stride + geometry.height.reach }

  func packedBytes(_ kernels: KernelTable) -> Int {
    Layout.aligned(kernels.depthwise.packedCount(shape) * 2) + vectorBytes(channels)
      + OutputMultipliers.bytes(channels)
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    var sized = self
    sized.chooseUnits()
    let pointers = Layout.aligned(sized.stagedRows * MemoryLayout<UnsafePointer<Int8>>.stride)
    // One row more: the row of zero points above and below the image.
    let rows = (readsInPlace ? 1 : sized.stagedRows + 1) * stagedRowBytes + 64
    return pointers + Layout.aligned(rows)
  }

  private mutating func chooseUnits() {
    let total = geometry.batches * geometry.height.output
    let work = geometry.width.output * channels * taps
    rowsPerUnit =
      total * work < smallestSplit
      ? geometry.height.output : min(max(smallestSplit / work, 4), geometry.height.output)
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    chooseUnits()
    inputAddress = memory.input(input)
    outputAddress = memory.output(output)
    tableAddress = table.map { memory.input($0) }
    let packedWeights = packed.assumingMemoryBound(to: Int16.self)
    let source = memory.input(weights)
    kernels.depthwise.pack(source, weightZeroPoint, shape, packedWeights)
    self.packedWeights = UnsafePointer(packedWeights)
    var next = packed + Layout.aligned(kernels.depthwise.packedCount(shape) * 2)
    let total = next.assumingMemoryBound(to: Int32.self)
    next += vectorBytes(channels)
    var isSmall = true
    for channel in 0..<channels {
      var sum: Int32 = 0
      var magnitude = 0
      for tap in 0..<taps {
        let weight = Int32(source[tap * channels + channel]) &- weightZeroPoint
        sum = sum &+ weight
        magnitude += Int(abs(weight))
      }
      let offset = bias.map { memory.words($0)[channel] } ?? 0
      total[channel] = offset &- Int32(inputZeroPoint) &* sum
      if Int64(magnitude) * 255 + Int64(offset.magnitude) >= 1 << 30 { isSmall = false }
    }
    let multipliers = OutputMultipliers(
      mantissas: memory.words(mantissas), exponents: memory.words(exponents), columns: channels,
      memory: next)
    requantization = Requantization(
      bias: total, mantissas: multipliers.mantissas, exponents: multipliers.exponents,
      zeroPoint: outputZeroPoint, low: low, high: high, isPlain: isSmall && multipliers.arePlain)
  }

  private var unitsPerBatch: Int { (geometry.height.output + rowsPerUnit - 1) / rowsPerUnit }
  var unitCount: Int { geometry.batches * unitsPerBatch }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    var stagedEnd = 0
    for unit in units {
      let batch = unit / unitsPerBatch
      let first = unit % unitsPerBatch * rowsPerUnit
      let last = min(first + rowsPerUnit, geometry.height.output)
      let line = batch * geometry.height.output + first
      if first == 0 { stagedEnd = 0 }
      compute(
        batch, lines: first..<last, to: outputAddress + line * geometry.width.output * channels, kernels,
        scratch: scratch, &stagedEnd)
    }
  }

  /// Computes neighbouring lines of an image's output, at most `linesPerUnit` of them.
  func compute(
    _ batch: Int, lines: Range<Int>, to target: UnsafeMutablePointer<Int8>, _ kernels: KernelTable,
    scratch: UnsafeMutableRawPointer
  ) {
    var stagedEnd = 0
    compute(batch, lines: lines, to: target, kernels, scratch: scratch, &stagedEnd)
  }

  /// - Parameter stagedEnd: Input rows before this one that the windows cover were staged for the output lines just
  ///   before; 0 where nothing was.
  private func compute(
    _ batch: Int, lines: Range<Int>, to target: UnsafeMutablePointer<Int8>, _ kernels: KernelTable,
    scratch: UnsafeMutableRawPointer, _ stagedEnd: inout Int
  ) {
    let rows = scratch.assumingMemoryBound(to: UnsafePointer<Int8>.self)
    let staged =
      (scratch + Layout.aligned(stagedRows * MemoryLayout<UnsafePointer<Int8>>.stride))
      .assumingMemoryBound(to: Int8.self)
    let empty = staged
    if stagedEnd == 0 { empty.fill(with: inputZeroPoint, count: stagedRowBytes) }
    gather(batch, lines, rows, empty: UnsafePointer(empty), staged + stagedRowBytes, &stagedEnd)
    for index in 0..<lines.count {
      convolve(
        rows + index * geometry.height.stride, to: target + index * geometry.width.output * channels, kernels)
    }
  }

  /// Points `rows` to each input row that the output rows need, staged where it does not lie as it is read. Staged rows
  /// form a ring: those that the rows before needed too stay where they are.
  private func gather(
    _ batch: Int, _ outputRows: Range<Int>, _ rows: UnsafeMutablePointer<UnsafePointer<Int8>>,
    empty: UnsafePointer<Int8>, _ staged: UnsafeMutablePointer<Int8>, _ stagedEnd: inout Int
  ) {
    let height = geometry.height
    let top = outputRows.lowerBound * height.stride - height.padding
    let count = (outputRows.count - 1) * height.stride + height.reach
    let rowBytes = geometry.width.input * inputChannels
    for index in 0..<count {
      let line = top + index
      if line < 0 || line >= height.input {
        rows[index] = empty
        continue
      }
      let source = inputAddress + (batch * height.input + line) * rowBytes
      if readsInPlace {
        rows[index] = source
        continue
      }
      let target = staged + line % stagedRows * stagedRowBytes
      if line >= stagedEnd { stage(source, target) }
      rows[index] = UnsafePointer(target)
    }
    stagedEnd = top + count
  }

  /// Copies one input row, with its padding and each channel repeated for its filters.
  private func stage(_ source: UnsafePointer<Int8>, _ target: UnsafeMutablePointer<Int8>) {
    let width = geometry.width
    let left = min(width.padding, width.extent)
    let inside = min(width.input, width.extent - left)
    target.fill(with: inputZeroPoint, count: left * channels)
    let first = target + left * channels
    if multiplier == 1 {
      first.copy(from: source, count: inside * channels)
    } else {
      for index in 0..<inside * inputChannels {
        (first + index * multiplier).fill(with: source[index], count: multiplier)
      }
    }
    let rest = width.extent - left - inside
    (first + inside * channels).fill(with: inputZeroPoint, count: rest * channels)
  }

  /// Computes one line of the output from the rows that its windows cover, padding included.
  func convolve(
    _ rows: UnsafePointer<UnsafePointer<Int8>>, to target: UnsafeMutablePointer<Int8>, _ kernels: KernelTable
  ) {
    let row = DepthwiseRow(
      rows: rows, rowStep: geometry.height.dilation, kernelHeight: geometry.height.kernel,
      kernelWidth: geometry.width.kernel, stride: geometry.width.stride,
      dilation: geometry.width.dilation, channels: channels, outputWidth: geometry.width.output,
      weights: packedWeights)
    kernels.depthwise.convolve(row, requantization, target)
    if let tableAddress {
      kernels.lookUp(
        tableAddress, UnsafePointer(target), target, geometry.width.output * channels)
    }
  }
}
