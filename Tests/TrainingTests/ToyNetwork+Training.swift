import FixedPoint
import Kernels

@testable import Training

/// The reference's toy network: the last block of MobileNetV3-Small, its last convolution, mean, fully connected layer
/// and head, a few channels each, on maps of 6×6.
struct ToyNetwork<Master: MasterWeight>: ~Copyable {
  struct Options {
    var patch = 2
    var format = ErrorFormat()
    var isSqueezeExciteInFull = false
  }

  static var batch: Int { 8 }
  private static var side: Int { 6 }

  private var expand: ToyLayer<Master>
  private let expandActivation: ToyActivation
  private var depthwise: ToyLayer<Master>
  private let depthwiseActivation: ToyActivation
  private let squeezeExcite: ToySqueezeExcite
  private var project: ToyLayer<Master>
  private let addition: ToyAddition
  private var last: ToyLayer<Master>
  private let lastActivation: ToyActivation
  private let pool: PoolBackward
  private var connected: ToyLayer<Master>
  private let connectedActivation: ToyActivation
  private let headMemory: TestMemory
  private(set) var head: Head<Master>
  private let workspace: TestWorkspace
  private let format: ErrorFormat
  private let errors: [TestErrors]

  init(_ arrays: ToyArrays, _ options: Options) {
    let images = ToyNetwork.batch
    let grid = PatchGrid(height: ToyNetwork.side, width: ToyNetwork.side, patch: options.patch)
    let single = PatchGrid(height: 1, width: 1, patch: 1)
    let narrow = arrays["11.p/b"].count
    let wide = arrays["11.e/b"].count
    let features = arrays["fc1/b"].count
    func layer(_ name: String, _ shape: ConvolutionShape, _ grid: PatchGrid, _ number: UInt32) -> ToyLayer<
      Master
    > {
      ToyLayer(ToyConvolution(arrays, name, shape, grid), number: number, images: images)
    }
    func pointwise(_ inputs: Int, _ outputs: Int) -> ConvolutionShape {
      var shape = ConvolutionShape(inputChannels: inputs, outputChannels: outputs)
      (shape.inputHeight, shape.inputWidth) = (ToyNetwork.side, ToyNetwork.side)
      (shape.outputHeight, shape.outputWidth) = (ToyNetwork.side, ToyNetwork.side)
      return shape
    }
    func activation(_ name: String, _ grid: PatchGrid, _ channels: Int) -> ToyActivation {
      ToyActivation(arrays, name, grid: grid, channels: channels, images: images)
    }
    var window = pointwise(wide, wide)
    window.groups = wide
    (window.kernelHeight, window.kernelWidth, window.paddingTop, window.paddingLeft) = (3, 3, 1, 1)

    expand = layer("11.e", pointwise(narrow, wide), grid, 10)
    expandActivation = activation("11.e", grid, wide)
    depthwise = layer("11.d", window, grid, 12)
    depthwiseActivation = activation("11.d", grid, wide)
    squeezeExcite = ToySqueezeExcite(
      arrays, "11", grid: grid, channels: wide, images: images, isFull: options.isSqueezeExciteInFull)
    project = layer("11.p", pointwise(wide, narrow), grid, 14)
    addition = ToyAddition(arrays, "11.o")
    last = layer("last", pointwise(narrow, wide), grid, 16)
    lastActivation = activation("last", grid, wide)
    pool = PoolBackward(grid: grid, channels: wide)
    connected = layer("fc1", ConvolutionShape(inputChannels: wide, outputChannels: features), single, 18)
    connectedActivation = activation("fc1", single, features)
    headMemory = TestMemory(Head<Master>.byteCount(features: features, classes: 4))
    head = Head(memory: headMemory.address, features: features, classes: 4, zeroPoint: -116)

    format = options.format
    errors = (0..<2).map { _ in
      TestErrors(images: images, patches: grid.count, channels: max(wide, features))
    }
    var size = head.workspaceSize(images: images)
    for backward in [
      expand.convolution.backward, depthwise.convolution.backward, project.convolution.backward,
      last.convolution.backward, connected.convolution.backward,
    ] { size.formUnion(backward.workspaceSize(images: images)) }
    for activation in [expandActivation, depthwiseActivation, lastActivation, connectedActivation] {
      size.formUnion(activation.backward.workspaceSize(images: images))
    }
    size.formUnion(squeezeExcite.branch.workspaceSize(images: images))
    size.formUnion(pool.workspaceSize(images: images))
    workspace = TestWorkspace(size)
  }

  func features(_ input: [Int8], isTraining: Bool) -> [Int8] {
    var x = expand.forward(input, isTraining: isTraining)
    x = expandActivation.forward(x, isTraining: isTraining)
    x = depthwise.forward(x, isTraining: isTraining)
    x = depthwiseActivation.forward(x, isTraining: isTraining)
    x = squeezeExcite.forward(x, isTraining: isTraining)
    x = project.forward(x, isTraining: isTraining)
    x = addition.forward(x, input)
    x = last.forward(x, isTraining: isTraining)
    x = lastActivation.forward(x, isTraining: isTraining)
    x = toyMeans(x, pixels: pool.grid.pixels, channels: pool.channels)
    x = connected.forward(x, isTraining: isTraining)
    return connectedActivation.forward(x, isTraining: isTraining)
  }

  mutating func imprint(_ input: [Int8], labels: [Int]) {
    let features = features(input, isTraining: false)
    var sums = [Int32](repeating: 0, count: head.imprintCount)
    var counts = [Int32](repeating: 0, count: head.classes)
    for (image, label) in labels.enumerated() {
      counts[label] += 1
      for index in 0..<head.features {
        sums[label * head.features + index] += Int32(features[image * head.features + index]) - head.zeroPoint
      }
    }
    head.imprint(sums: &sums, counts: counts)
  }

  mutating func step(_ input: [Int8], labels: [Int32], step: Int, stepSize: Int32) {
    let features = features(input, isTraining: true)
    let pass = workspace.pass(format, step: step)
    let context = StepContext(kernels: .scalar, seed: 1, step: step, stepSize: stepSize)
    var logits = [Int32](repeating: 0, count: labels.count * head.classes)
    head.logits(of: features, images: labels.count, pass, into: &logits)

    let (a, b) = (errors[0].tensor.mantissas, errors[1].tensor.mantissas)
    var error = head.step(
      logits: &logits, features: features, labels: labels, images: labels.count, context, pass, into: a)!
    error = connectedActivation.inputError(error, pass)
    error = connected.step(error, context, pass, into: b)!
    error = pool.inputError(error, pass, into: a)
    error = lastActivation.inputError(error, pass)
    error = last.step(error, context, pass, into: b)!
    error = project.step(error, context, pass, into: a)!
    error = squeezeExcite.inputError(error, pass, into: b)
    error = depthwiseActivation.inputError(error, pass)
    error = depthwise.step(error, context, pass, into: a)!
    error = expandActivation.inputError(error, pass)
    // Nobody asks for the errors of the first layer's inputs, where the residual's would be added.
    expand.step(error, context, pass, into: nil)
  }

  /// What the reference's hashes are of: masters (4 bytes) and biases (8 bytes) of all layers, then the head's masters.
  var hash: [UInt8] {
    var bytes: [UInt8] = []
    expand.append(to: &bytes)
    depthwise.append(to: &bytes)
    project.append(to: &bytes)
    last.append(to: &bytes)
    connected.append(to: &bytes)
    head.parameter.append(to: &bytes)
    return sha256(bytes)
  }
}

extension ToyLayer {
  @discardableResult
  mutating func step(
    _ error: ErrorTensor, _ context: StepContext, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    trainable.step(
      error, inputs: saved, weightStep: context, biasStep: context, pass, into: output)
  }

  func append(to bytes: inout [UInt8]) {
    trainable.parameter.append(to: &bytes)
    for index in 0..<trainable.bias.count {
      append64(Int64(trainable.bias.values[index]), to: &bytes)
    }
  }
}

private func append64(_ value: Int64, to bytes: inout [UInt8]) {
  for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * Int64(shift)))) }
}

extension TrainableParameter {
  fileprivate func append(to bytes: inout [UInt8]) {
    for index in 0..<count {
      for shift in 0..<4 {
        bytes.append(UInt8(truncatingIfNeeded: Int32(truncatingIfNeeded: masters[index]) >> Int32(8 * shift)))
      }
    }
  }
}

/// LiteRT's addition of two int8 tensors.
struct ToyAddition {
  private let multipliers: [QuantizedMultiplier]
  private let zeros: [Int32]

  init(_ arrays: ToyArrays, _ name: String) {
    multipliers = ["1", "2", "y"].map { arrays.multiplier(name, "m" + $0, "s" + $0) }
    zeros = ["1", "2", "y"].map { Int32(arrays.value("\(name)/z" + $0)) }
  }

  func forward(_ first: [Int8], _ second: [Int8]) -> [Int8] {
    zip(first, second).map { a, b in
      let sum =
        multipliers[0].multiply((Int32(a) - zeros[0]) << 20)
        + multipliers[1].multiply((Int32(b) - zeros[1]) << 20)
      return Int8(clamp(zeros[2] + multipliers[2].multiply(sum), -128, 127))
    }
  }
}
