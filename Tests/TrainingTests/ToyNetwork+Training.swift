import FixedPoint
import Kernels

@testable import Training

/// The reference's toy network: blocks as MobileNetV3-Small's last, its last convolution, mean, fully connected layer and
/// head, a few channels each.
struct ToyNetwork<Master: MasterWeight>: ~Copyable {
  struct Options {
    var patch = 2
    var format = ErrorFormat()
    var seed: UInt32 = 1
    /// The arrays' prefixes and the kinds of the blocks.
    var blocks: [(prefix: String, kind: ToyBlock<Master>.Kind)] = [("", .init(side: 6))]
  }

  static var batch: Int { 8 }

  private let blocks: [ToyBlock<Master>]
  private let last: ToyLayer<Master>
  private let lastActivation: ToyActivation
  private let pool: PoolBackward
  private let connected: ToyLayer<Master>
  private let connectedActivation: ToyActivation
  private let headMemory: TestMemory
  private(set) var head: Head<Master>
  private let workspace: TestWorkspace
  private let options: Options
  private let errors: [TestErrors]

  init(_ arrays: ToyArrays, _ options: Options) {
    self.options = options
    let images = ToyNetwork.batch
    var blocks: [ToyBlock<Master>] = []
    var side = 0
    for (prefix, kind) in options.blocks {
      side = (kind.side + kind.stride - 1) / kind.stride
      blocks.append(
        ToyBlock(
          arrays, prefix, kind, grid: PatchGrid(height: side, width: side, patch: options.patch),
          number: 10 + 6 * UInt32(blocks.count), images: images))
    }
    self.blocks = blocks
    let prefix = options.blocks.last!.prefix
    let grid = PatchGrid(height: side, width: side, patch: options.patch)
    let single = PatchGrid(height: 1, width: 1, patch: 1)
    let (narrow, wide) = (arrays["\(prefix)11.p/b"].count, arrays["\(prefix)last/b"].count)
    let features = arrays["\(prefix)fc1/b"].count
    let number = 10 + 6 * UInt32(blocks.count)
    last = ToyLayer(
      ToyConvolution(arrays, "\(prefix)last", .pointwise(side: side, narrow, wide), grid), number: number,
      images: images)
    lastActivation = ToyActivation(arrays, "\(prefix)last", grid: grid, channels: wide, images: images)
    pool = PoolBackward(grid: grid, channels: wide)
    connected = ToyLayer(
      ToyConvolution(arrays, "\(prefix)fc1", .pointwise(side: 1, wide, features), single), number: number + 2,
      images: images)
    connectedActivation = ToyActivation(
      arrays, "\(prefix)fc1", grid: single, channels: features, images: images)
    headMemory = TestMemory(Head<Master>.byteCount(features: features, classes: 4))
    head = Head(memory: headMemory.address, features: features, classes: 4, zeroPoint: -116)

    var size = Head<Master>.workspaceSize(features: features, classes: 4, images: images)
    for block in blocks { size.formUnion(block.workspaceSize(images: images)) }
    for layer in [last, connected] {
      size.formUnion(layer.convolution.backward.workspaceSize(images: images))
    }
    for activation in [lastActivation, connectedActivation] {
      size.formUnion(activation.backward.workspaceSize(images: images))
    }
    size.formUnion(pool.workspaceSize(images: images))
    workspace = TestWorkspace(size)
    let patches = blocks.map { $0.expand.convolution.backward.inputGrid.count }.max()!
    errors = (0..<4).map { _ in TestErrors(images: images, patches: patches, channels: max(wide, features)) }
  }

  func features(_ input: [Int8], isTraining: Bool) -> [Int8] {
    var x = input
    for block in blocks { x = block.forward(x, isTraining: isTraining) }
    x = last.forward(x, isTraining: isTraining)
    x = lastActivation.forward(x, isTraining: isTraining)
    x = toyMeans(x, pixels: pool.grid.pixels, channels: pool.channels)
    x = connected.forward(x, isTraining: isTraining)
    return connectedActivation.forward(x, isTraining: isTraining)
  }

  mutating func imprint(_ input: [Int8], labels: [Int]) {
    head.imprint(features(input, isTraining: false), labels: labels)
  }

  mutating func step(_ input: [Int8], labels: [Int32], step: Int, stepSize: Int32) {
    let features = features(input, isTraining: true)
    let pass = workspace.pass(options.format, step: step)
    let context = StepContext(kernels: .scalar, seed: options.seed, step: step, stepSize: stepSize)
    let room = errors.map { $0.tensor.mantissas }
    var error = head.step(features, labels: labels, context, pass, into: room[0])!
    error = connectedActivation.inputError(error, pass)
    error = connected.step(error, context, pass, into: room[1])!
    error = pool.inputError(error, pass, into: room[0])
    error = lastActivation.inputError(error, pass)
    error = last.step(error, context, pass, into: room[1])!
    for (index, block) in blocks.enumerated().reversed() {
      // Nobody asks for the errors of the photographs.
      let output = error.mantissas == room[0] ? room[1] : room[0]
      guard
        let result = block.step(
          error, context, pass, scratch: (room[2], room[3]), into: index == 0 ? nil : output)
      else { return }
      error = result
    }
  }

  /// What the reference's hashes are of: masters (4 bytes) and biases (8 bytes) of all layers, then the head's masters.
  var hash: [UInt8] {
    var bytes: [UInt8] = []
    for layer in blocks.flatMap({ $0.layers }) + [last, connected] {
      append(layer.masters, width: 4, to: &bytes)
      append(layer.biases, width: 8, to: &bytes)
    }
    append(head.masters, width: 4, to: &bytes)
    return sha256(bytes)
  }
}

/// Appends numbers, little-endian.
func append(_ values: [Int], width: Int, to bytes: inout [UInt8]) {
  for value in values {
    for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: Int64(value) >> Int64(8 * byte))) }
  }
}

extension ToyLayer {
  @discardableResult
  func step(
    _ error: ErrorTensor, _ context: StepContext, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    trainable.step(
      error, inputs: saved, weightStep: context, biasStep: context, pass, into: output)
  }

  var masters: [Int] { (0..<trainable.parameter.count).map { Int(trainable.parameter.masters[$0]) } }
  var biases: [Int] { (0..<trainable.bias.count).map { Int(trainable.bias.values[$0]) } }
}

extension Head {
  var masters: [Int] { (0..<parameter.count).map { Int(parameter.masters[$0]) } }
  var biases: [Int] { (0..<bias.count).map { Int(bias.values[$0]) } }

  mutating func imprint(_ values: [Int8], labels: [Int]) {
    var sums = [Int32](repeating: 0, count: imprintCount)
    var counts = [Int32](repeating: 0, count: classes)
    for (image, label) in labels.enumerated() {
      counts[label] += 1
      for index in 0..<features {
        sums[label * features + index] += Int32(values[image * features + index]) - zeroPoint
      }
    }
    imprint(sums: &sums, counts: counts)
  }

  /// Logits and a step.
  mutating func step(
    _ values: [Int8], labels: [Int32], _ context: StepContext, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    var logits = [Int32](repeating: 0, count: labels.count * classes)
    self.logits(of: values, images: labels.count, pass, into: &logits)
    return step(
      logits: &logits, features: values, labels: labels, images: labels.count, context, pass, into: output)
  }
}
