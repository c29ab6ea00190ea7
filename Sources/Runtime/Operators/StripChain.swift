import FirmwareModel
import Kernels

/// An expansion, a depthwise convolution and a projection, or two of them, run depth-first: what they hand on to each
/// other exists a few lines at a time, and stays in the cache.
///
/// The depthwise convolution's input lines form a ring with their padding in place; of each strip of its output the
/// projection makes lines of the result. The first operator may be any convolution of one image, the last a pointwise
/// one. Every part of the work begins with a ring of its own, so threads share nothing but compute the lines at which
/// their parts meet twice.
struct StripChain {
  private var producer: ConvolutionOperator?
  private var depthwise: DepthwiseConvolutionOperator
  private var consumer: ConvolutionOperator?
  /// Lines of the depthwise convolution's output that are computed at a time.
  private let linesPerStrip: Int

  /// Strips are chosen so that they take no more than this, in the caches of small boards.
  private static let stripBytes = 48 << 10
  /// What kernels may read beyond a row's end.
  private static let slack = 128

  /// - Throws: Where these operators can't be run so.
  init(
    _ producer: ConvolutionOperator?, _ depthwise: DepthwiseConvolutionOperator,
    _ consumer: ConvolutionOperator?, _ reader: OperatorReader
  ) throws(ModelError) {
    try reader.require(
      depthwise.geometry.batches == 1 && (producer == nil || depthwise.multiplier == 1)
        && (producer != nil || consumer != nil) && consumer?.isPointwise != false,
      "strips of one image, from a convolution to a depthwise one to a pointwise one")
    self.producer = producer
    self.depthwise = depthwise
    self.consumer = consumer
    let (height, outputLine) = (depthwise.geometry.height, StripChain.outputLineBytes(depthwise))
    var lines = min(height.output, producer == nil ? depthwise.linesPerUnit : height.output)
    let inputLine = producer == nil ? 0 : StripChain.pitch(depthwise)
    func bytes(_ lines: Int) -> Int {
      ((lines - 1) * height.stride + height.reach) * inputLine + (consumer == nil ? 0 : lines * outputLine)
    }
    while lines > 1 && bytes(lines) > StripChain.stripBytes { lines -= 1 }
    linesPerStrip = lines
  }

  /// Bytes from one line of the ring to the next.
  private static func pitch(_ depthwise: DepthwiseConvolutionOperator) -> Int {
    let width = depthwise.geometry.width
    return max(width.padding + width.input, width.extent) * depthwise.channels
  }

  private static func outputLineBytes(_ depthwise: DepthwiseConvolutionOperator) -> Int {
    depthwise.geometry.width.output * depthwise.channels
  }

  /// Lines of the depthwise convolution's input that one strip needs.
  private var ringLines: Int {
    (linesPerStrip - 1) * depthwise.geometry.height.stride + depthwise.geometry.height.reach
  }

  /// The parts of a thread's scratch, one after the other.
  private struct Scratch {
    var pointers = 0
    var empty = 0
    var ring = 0
    var strip = 0
    var operators = 0
    var bytes = 0
  }

  private func scratch(_ kernels: KernelTable) -> Scratch {
    var scratch = Scratch()
    if producer != nil {
      let pitch = StripChain.pitch(depthwise)
      scratch.empty = Layout.aligned(ringLines * MemoryLayout<UnsafePointer<Int8>>.stride)
      scratch.ring = scratch.empty + Layout.aligned(pitch + StripChain.slack)
      scratch.strip = scratch.ring + Layout.aligned(ringLines * pitch + StripChain.slack)
    }
    scratch.operators = scratch.strip
    if consumer != nil {
      scratch.operators += Layout.aligned(
        linesPerStrip * StripChain.outputLineBytes(depthwise) + StripChain.slack)
    }
    let first = producer?.scratchBytes(kernels) ?? depthwise.scratchBytes(kernels)
    scratch.bytes = scratch.operators + max(first, consumer?.scratchBytes(kernels) ?? 0)
    return scratch
  }

  func scratchBytes(_ kernels: KernelTable) -> Int { scratch(kernels).bytes }

  func packedBytes(_ kernels: KernelTable) -> Int {
    Layout.aligned(producer?.packedBytes(kernels) ?? 0) + Layout.aligned(depthwise.packedBytes(kernels))
      + (consumer?.packedBytes(kernels) ?? 0)
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    var next = packed
    if let bytes = producer?.packedBytes(kernels) {
      producer?.prepare(memory, kernels, packed: next)
      next += Layout.aligned(bytes)
    }
    depthwise.prepare(memory, kernels, packed: next)
    next += Layout.aligned(depthwise.packedBytes(kernels))
    consumer?.prepare(memory, kernels, packed: next)
  }

  var unitCount: Int { (depthwise.geometry.height.output + linesPerStrip - 1) / linesPerStrip }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch memory: UnsafeMutableRawPointer) {
    let scratch = scratch(kernels)
    let operators = memory + scratch.operators
    var ring = Ring(
      depthwise, lines: ringLines, pitch: StripChain.pitch(depthwise),
      pointers: (memory + scratch.pointers).assumingMemoryBound(to: UnsafePointer<Int8>.self),
      empty: (memory + scratch.empty).assumingMemoryBound(to: Int8.self),
      memory: (memory + scratch.ring).assumingMemoryBound(to: Int8.self))
    if producer != nil { ring.fillPadding() }
    let outputLine = StripChain.outputLineBytes(depthwise)
    let strip = (memory + scratch.strip).assumingMemoryBound(to: Int8.self)
    for unit in units {
      let first = unit * linesPerStrip
      let lines = first..<min(first + linesPerStrip, depthwise.geometry.height.output)
      let target = consumer == nil ? depthwise.outputAddress + first * outputLine : strip
      if let producer {
        ring.move(to: lines) { line, place in
          producer.compute(line: line, to: place, kernels, scratch: operators)
        }
        for index in 0..<lines.count {
          depthwise.convolve(
            ring.pointers + index * depthwise.geometry.height.stride, to: target + index * outputLine, kernels
          )
        }
      } else {
        depthwise.compute(0, lines: lines, to: target, kernels, scratch: operators)
      }
      consumer?.compute(lines: lines, from: UnsafePointer(strip), kernels, scratch: operators)
    }
  }
}

/// The lines of a depthwise convolution's input that the windows of a strip cover.
private struct Ring {
  private let height: WindowGeometry.Axis
  private let width: WindowGeometry.Axis
  private let channels: Int
  private let zeroPoint: Int8
  private let lines: Int
  private let pitch: Int
  /// The strip's input lines from its first window's on; those outside the image show `empty`.
  let pointers: UnsafeMutablePointer<UnsafePointer<Int8>>
  private let empty: UnsafeMutablePointer<Int8>
  private let memory: UnsafeMutablePointer<Int8>
  /// The lines that the ring holds.
  private var held = 0..<0

  init(
    _ depthwise: DepthwiseConvolutionOperator, lines: Int, pitch: Int,
    pointers: UnsafeMutablePointer<UnsafePointer<Int8>>, empty: UnsafeMutablePointer<Int8>,
    memory: UnsafeMutablePointer<Int8>
  ) {
    height = depthwise.geometry.height
    width = depthwise.geometry.width
    channels = depthwise.channels
    zeroPoint = depthwise.inputZeroPoint
    self.lines = lines
    self.pitch = pitch
    self.pointers = pointers
    self.empty = empty
    self.memory = memory
  }

  /// Writes what lies left and right of the image, in every line.
  func fillPadding() {
    empty.fill(with: zeroPoint, count: pitch)
    let left = width.padding * channels
    let right = left + width.input * channels
    for line in 0..<lines {
      let start = memory + line * pitch
      start.fill(with: zeroPoint, count: left)
      (start + right).fill(with: zeroPoint, count: pitch - right)
    }
  }

  /// Makes the ring hold what some output lines need.
  ///
  /// - Parameter produce: Writes a line that is not there yet.
  mutating func move(
    to outputs: Range<Int>, _ produce: (_ line: Int, _ place: UnsafeMutablePointer<Int8>) -> Void
  ) {
    let top = outputs.lowerBound * height.stride - height.padding
    let count = (outputs.count - 1) * height.stride + height.reach
    // A line's place is its number modulo the ring's lines.
    var slot = max(top, 0) % lines
    for index in 0..<count {
      let line = top + index
      guard line >= 0 && line < height.input else {
        pointers[index] = UnsafePointer(empty)
        continue
      }
      let place = memory + slot * pitch
      slot = slot + 1 == lines ? 0 : slot + 1
      pointers[index] = UnsafePointer(place)
      if line < held.lowerBound || line >= held.upperBound { produce(line, place + width.padding * channels) }
    }
    held = max(top, 0)..<max(top + count, 0)
  }
}

/// Makes chains of the operators that hand strips on to each other.
///
/// - Throws: For a strip that is not written by one operator and read by the next alone.
func joinChains(_ steps: inout [Step], _ model: FirmwareModel) throws(ModelError) {
  var index = 0
  while index < steps.count {
    let reader = OperatorReader(model, index)
    // Whoever reads a strip was taken together with its writer, or the writer is not where it should be.
    let (input, output) = steps[index].stripBorders
    let isStrip = { (tensor: Int?) in tensor.map { model.tensors[$0].storage == .strip } ?? false }
    try reader.require(!isStrip(input), "a strip that the operator before it writes", input ?? 0)
    guard isStrip(output) else {
      index += 1
      continue
    }
    var length = 1
    var last = output
    while isStrip(last) {
      try reader.require(
        index + length < steps.count && length < 3 && steps[index + length].stripBorders.input == last,
        "a strip that the operator after it reads", last ?? 0)
      last = steps[index + length].stripBorders.output
      length += 1
    }
    let members = Array(steps[index..<index + length])
    let chain = try StripChain(members, reader)
    for position in 0..<length - 1 { steps[index + position] = .chained }
    steps[index + length - 1] = .chain(chain)
    index += length
  }
}

extension StripChain {
  fileprivate init(_ members: [Step], _ reader: OperatorReader) throws(ModelError) {
    var producer: ConvolutionOperator?
    var depthwise: DepthwiseConvolutionOperator?
    var consumer: ConvolutionOperator?
    for member in members {
      switch member {
      case .convolution(let step) where depthwise == nil && producer == nil: producer = step
      case .convolution(let step) where depthwise != nil && consumer == nil: consumer = step
      case .depthwiseConvolution(let step) where depthwise == nil: depthwise = step
      default: throw reader.error("strips through a single depthwise convolution", members.count)
      }
    }
    guard let depthwise else {
      throw reader.error("strips through a single depthwise convolution", members.count)
    }
    try self.init(producer, depthwise, consumer, reader)
  }
}

extension Step {
  /// The tensors through which the operator may be part of a chain.
  fileprivate var stripBorders: (input: Int?, output: Int?) {
    switch self {
    case .convolution(let step): (step.input, step.output)
    case .depthwiseConvolution(let step): (step.input, step.output)
    default: (nil, nil)
    }
  }
}
