import FirmwareModel
import FixedPoint
import Kernels
import Platform
import Runtime

/// How a network is trained.
public struct TrainingOptions: Equatable, Sendable {
  /// Pixels of the last map to a side of a patch; 1 is exact backpropagation.
  public var patch = 2
  /// Images of a mini-batch.
  public var batch = 16
  public var format = ErrorFormat()
  public var seed: UInt32 = 1
  /// Q16: the first step for a normalised gradient of 1, in the root mean squares of rows of weights.
  public var stepSize: Int32 = 590
  /// The same of the head.
  public var headStepSize: Int32 = 590
  /// Steps of the whole run.
  public var steps = 1
  /// Steps in which their size rises.
  public var rise = 0

  public init() {}
}

/// The part of a network that learns, with a head for its classes.
///
/// It runs as it is deployed, an image at a time, by an interpreter over a model of its own, whose constants are the
/// weights of the moment; what the backward pass needs of each image is kept. All memory is its caller's, or allocated
/// when it is made.
public final class Tail<Master: MasterWeight> {
  let network: TailNetwork
  let plan: TailPlan<Master>
  let interpreter: Interpreter
  let options: TrainingOptions
  private let kernels: TrainingKernels
  private let workspace: Workspace

  let layers: UnsafeMutablePointer<TrainableConvolution<Master>>
  var head: Head<Master>
  /// What the forward passes of a mini-batch leave.
  private var sums: [PatchSums] = []
  private var activations: [ActivationBackward] = []
  private var means: [UnsafeMutablePointer<Int8>] = []
  private var gates: [UnsafeMutablePointer<UInt8>] = []
  private var gateTables: [UnsafeMutablePointer<UInt8>] = []
  private var rooms: [UnsafeMutablePointer<Int16>] = []
  private let errors: UnsafeMutablePointer<ErrorTensor>
  let features: UnsafeMutablePointer<Int8>
  let logits: UnsafeMutablePointer<Int32>
  let labels: UnsafeMutablePointer<Int32>

  /// - Parameters:
  ///   - bytes: The tail's model, which outlives this and is changed by it.
  ///   - interpreter: Of that model.
  ///   - memory: `plan.byteCount` bytes, aligned to 64.
  init(
    _ plan: TailPlan<Master>, bytes: UnsafeMutableRawPointer, interpreter: Interpreter,
    kernels: TrainingKernels, memory: UnsafeMutableRawPointer
  ) {
    self.plan = plan
    network = plan.network
    options = plan.options
    self.interpreter = interpreter
    self.kernels = kernels
    let network = plan.network
    let images = plan.options.batch
    var parts = MemoryParts(memory)
    // What a checkpoint holds comes first.
    layers = .allocate(capacity: max(network.layers.count, 1))
    let state = parts.take(plan.stateBytes, of: UInt8.self)
    var next = UnsafeMutableRawPointer(state)
    head = Head(
      memory: next, features: network.featureCount, classes: plan.classes, zeroPoint: network.zeroPoint)
    next += Head<Master>.byteCount(features: network.featureCount, classes: plan.classes)
    for (number, layer) in network.layers.enumerated() {
      var scales = WeightScales(
        memory: UnsafeMutableRawPointer(
          parts.take(WeightScales.byteCount(count: layer.shape.outputChannels), of: UInt8.self)),
        count: layer.shape.outputChannels)
      scales.set { network.graph.weightScale(layer.index, $0) }
      let backward = ConvolutionBackward(shape: layer.shape, scales: scales, outputGrid: layer.outputGrid)
      let constant = network.graph.constantOffset(layer.index, input: 1)
      let weights = (bytes + constant).assumingMemoryBound(to: Int8.self)
      (layers + number).initialize(
        to: TrainableConvolution(
          backward, memory: next, number: 10 + 2 * UInt32(number),
          weights: layer.shape.isDepthwise ? nil : weights))
      next += plan.stateBytes(of: layer)
      let sumBytes = PatchSums.byteCount(
        images: images, grid: layer.inputGrid, channels: layer.shape.inputChannels)
      sums.append(
        PatchSums(
          memory: UnsafeMutableRawPointer(parts.take(sumBytes, of: UInt8.self)), images: images,
          grid: layer.inputGrid, channels: layer.shape.inputChannels))
    }
    for activation in network.activations {
      let derivatives = parts.take(256, of: Int8.self)
      network.graph.setDerivatives(derivatives, of: activation)
      let backward = ActivationBackward(
        derivatives: derivatives, grid: activation.grid, channels: activation.channels)
      activations.append(backward)
      means.append(parts.take(backward.savedByteCount(images: images), of: Int8.self))
    }
    for gate in network.gates {
      let table = parts.take(256, of: UInt8.self)
      let tensor = network.graph.model.tensors[gate.gate]
      DerivativeTable.setGates(table, scale: tensor.scale, zeroPoint: tensor.zeroPoint)
      gateTables.append(table)
      gates.append(parts.take(images * gate.channels, of: UInt8.self))
    }
    for capacity in network.rooms.capacities { rooms.append(parts.take(images * capacity, of: Int16.self)) }
    errors = .allocate(capacity: max(rooms.count, 1))
    features = parts.take(images * network.featureCount, of: Int8.self)
    logits = parts.take(images * plan.classes, of: Int32.self)
    labels = parts.take(images, of: Int32.self)
    workspace = Workspace(
      memory: UnsafeMutableRawPointer(parts.take(plan.workspace.byteCount, of: UInt8.self)),
      size: plan.workspace)
    for number in network.layers.indices { startLayer(number, bytes) }
  }

  deinit {
    layers.deinitialize(count: network.layers.count)
    layers.deallocate()
    errors.deallocate()
  }

  /// A layer begins with the weights and biases of the model.
  private func startLayer(_ number: Int, _ bytes: UnsafeMutableRawPointer) {
    let layer = network.layers[number]
    let graph = network.graph
    if layer.shape.isDepthwise {
      let constant = (bytes + graph.constantOffset(layer.index, input: 1)).assumingMemoryBound(to: Int8.self)
      transpose(
        constant, rows: layer.shape.taps, columns: layer.shape.outputChannels,
        into: layers[number].parameter.weights)
    }
    let biases = (bytes + graph.constantOffset(layer.index, input: 2)).assumingMemoryBound(to: Int32.self)
    for channel in 0..<layer.shape.outputChannels {
      layers[number].bias.values[channel] = biases[channel]
      layers[number].bias.units[channel] = TrainableBias.unit(of: graph.multiplier(layer.index, channel))
    }
    layers[number].parameter.start()
    layers[number].bias.start()
  }

  /// Makes a layer's constants what its parameters are.
  func publish(_ number: Int, _ bytes: UnsafeMutableRawPointer) {
    let layer = network.layers[number]
    let graph = network.graph
    if layer.shape.isDepthwise {
      transpose(
        layers[number].parameter.weights, rows: layer.shape.outputChannels, columns: layer.shape.taps,
        into: (bytes + graph.constantOffset(layer.index, input: 1)).assumingMemoryBound(to: Int8.self))
    }
    (bytes + graph.constantOffset(layer.index, input: 2)).assumingMemoryBound(to: Int32.self).update(
      from: layers[number].bias.values, count: layer.shape.outputChannels)
    interpreter.prepareAgain(step: layer.index)
  }

  func pass(step: Int) -> BackwardPass {
    BackwardPass(kernels: kernels, format: options.format, workspace: workspace, step: step)
  }

  /// Room for what the frozen part gave for an image.
  var input: UnsafeMutableRawBufferPointer { interpreter.input(0) }

  /// Runs the tail on its input.
  ///
  /// - Parameters:
  ///   - image: The image's place in the mini-batch.
  ///   - isKept: Whether a backward pass will follow.
  func forward(image: Int, isKept: Bool) {
    interpreter.run()
    (features + image * network.featureCount).update(
      from: values(of: network.features), count: network.featureCount)
    if isKept { keep(image) }
  }

  private func values(of tensor: Int) -> UnsafePointer<Int8> {
    interpreter.tensor(tensor).baseAddress!.assumingMemoryBound(to: Int8.self)
  }

  private func keep(_ image: Int) {
    for (number, layer) in network.layers.enumerated() {
      sums[number].save(
        values(of: layer.input), image: image, grid: layer.inputGrid, channels: layer.shape.inputChannels,
        zeroPoint: network.graph.model.tensors[layer.input].zeroPoint, kernels: kernels)
    }
    for (number, activation) in network.activations.enumerated() {
      activations[number].save(
        values(of: activation.values), image: image, kernels: kernels, into: means[number])
    }
    for (number, gate) in network.gates.enumerated() {
      let values = values(of: gate.gate)
      for channel in 0..<gate.channels {
        gates[number][image * gate.channels + channel] = gateTables[number][Int(values[channel]) + 128]
      }
    }
  }

  /// Logits of the features of the mini-batch's first images.
  func computeLogits(images: Int) { head.logits(of: features, images: images, pass(step: 0), into: logits) }

  /// One step, after the forward passes of a mini-batch, whose labels are set.
  ///
  /// - Parameters:
  ///   - step: Steps done before this one.
  ///   - bytes: The tail's model.
  /// - Returns: How many images were right before the step.
  func learn(images: Int, step: Int, _ bytes: UnsafeMutableRawPointer) -> Int {
    let pass = pass(step: step)
    let context = stepContext(options.stepSize, step)
    head.logits(of: features, images: images, pass, into: logits)
    let right = rightAnswers(images: images)
    let error = head.step(
      logits: logits, features: features, labels: labels, images: images,
      stepContext(options.headStepSize, step), pass, into: network.featureRoom.map { rooms[$0] })
    guard let room = network.featureRoom, let error else { return right }
    errors[room] = error
    for instruction in network.program { run(instruction, context, pass) }
    for number in network.layers.indices { publish(number, bytes) }
    return right
  }

  private func rightAnswers(images: Int) -> Int {
    var right = 0
    for image in 0..<images {
      let logits = logits + image * plan.classes
      var best = 0
      for index in 1..<plan.classes where logits[index] > logits[best] { best = index }
      if best == Int(labels[image]) { right += 1 }
    }
    return right
  }

  private func stepContext(_ first: Int32, _ step: Int) -> StepContext {
    StepContext(
      kernels: kernels, seed: options.seed, step: step,
      stepSize: StepSchedule(total: options.steps, rise: options.rise).stepSize(first, at: step))
  }

  private func run(_ instruction: TailNetwork.Instruction, _ context: StepContext, _ pass: BackwardPass) {
    switch instruction {
    case .layer(let number, let from, let to):
      let error = layers[number].step(
        errors[from], inputs: sums[number], weightStep: context, biasStep: context, pass,
        into: to.map { rooms[$0] })
      if let to, let error { errors[to] = error }
    case .activation(let number, let from, let to):
      errors[to] = activations[number].inputError(errors[from], means: means[number], pass, into: rooms[to])
    case .gate(let number, let from, let to):
      let gate = network.gates[number]
      errors[to] = SqueezeExciteBackward(grid: gate.grid, channels: gate.channels).inputError(
        errors[from], gates: gates[number], pass, into: rooms[to])
    case .mean(let number, let from, let to):
      let mean = network.means[number]
      errors[to] = PoolBackward(grid: mean.grid, channels: mean.channels).inputError(
        errors[from], pass, into: rooms[to])
    case .sum(let first, let second, let to):
      errors[to] = ResidualBackward.sum(errors[first], errors[second], pass, into: rooms[to])
    }
  }
}

/// Rows become columns.
private func transpose(
  _ source: UnsafePointer<Int8>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Int8>
) {
  for row in 0..<rows {
    for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
  }
}

extension ModelGraph {
  /// Where an operator's constant lies in the model's bytes.
  func constantOffset(_ index: Int, input: Int) -> Int {
    model.constantsOffset + model.tensors[nodes[index].inputs[input]!].offset
  }

  func multiplier(_ index: Int, _ channel: Int) -> QuantizedMultiplier {
    func word(_ input: Int) -> Int32 {
      model.constant(nodes[index].inputs[input]!).assumingMemoryBound(to: Int32.self)[channel]
    }
    return QuantizedMultiplier(mantissa: word(3), exponent: word(4))
  }

  /// The scale of a channel's weights, with a mantissa in [2^30, 2^31).
  func weightScale(_ index: Int, _ channel: Int) -> QuantizedMultiplier {
    let weights = model.tensors[nodes[index].inputs[1]!]
    var scale = weights.scale
    if let scales = weights.channelScales {
      let words = model.constant(scales).assumingMemoryBound(to: Int32.self)
      scale = Scale(mantissa: words[2 * channel], exponent: words[2 * channel + 1])
    }
    guard scale.mantissa > 0 else { return QuantizedMultiplier(mantissa: 0, exponent: 0) }
    let shift = Int32(truncatingIfNeeded: scale.mantissa.leadingZeroBitCount) &- 1
    return QuantizedMultiplier(
      mantissa: scale.mantissa &<< shift, exponent: scale.exponent &- shift &+ 31)
  }

  func setDerivatives(
    _ derivatives: UnsafeMutablePointer<Int8>, of activation: TailNetwork.Activation
  ) {
    switch activation.function {
    case .clamp(let low, let high): ActivationBackward.setClamp(low: low, high: high, derivatives)
    case .table(let table, let input, let output):
      DerivativeTable.set(
        derivatives, table: model.constant(table).assumingMemoryBound(to: Int8.self), input: input,
        output: output)
    }
  }
}
