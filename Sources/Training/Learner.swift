import FirmwareModel
import Kernels
import Platform
import Runtime

/// The memory that learning takes, by what it is for.
public struct LearningMemory: Equatable, Sendable {
  /// The tail's model: weights, biases, tables.
  public var modelBytes: Int
  /// Weights as the processor wants them, and the tail's activations.
  public var interpreterBytes: Int
  /// Masters, momenta and biases.
  public var stateBytes: Int
  /// What is kept of the forward passes of a mini-batch.
  public var savedBytes: Int
  /// Errors, and what the backward pass works in.
  public var workspaceBytes: Int

  public var total: Int { modelBytes + interpreterBytes + stateBytes + savedBytes + workspaceBytes }
}

/// What learns, with all of its memory.
public final class Learner {
  public typealias Master = Int16

  private let bytes: Pages
  private let memory: Pages
  let tail: Tail<Master>
  let checkpointMemory: UnsafeMutablePointer<Int64>
  public let memoryPlan: LearningMemory
  public let classes: Int
  /// Sums of the features of each class, and how many.
  let classSums: UnsafeMutablePointer<Int32>
  let classCounts: UnsafeMutablePointer<Int32>

  /// - Parameters:
  ///   - file: The tail's model, rewritten to learn.
  ///   - classes: At least 2.
  ///   - isFrozen: Nothing but the classes learns; the tail may be as it was.
  /// - Throws: Where the system refuses memory or threads. A tail that `TrainableModel` gave is sound.
  public init(
    _ file: [UInt8], classes: Int, isFrozen: Bool = false, options: TrainingOptions,
    kernels: KernelTable, threads: Int
  ) throws(InterpreterError) {
    let bytes = try Learner.copy(file)
    let model = try Learner.read(bytes.address, file.count)
    guard let network = TailNetwork(model, patch: options.patch, isFrozen: isFrozen) else { throw .tooLarge }
    let plan = TailPlan<Master>(network, classes: classes, options)
    let interpreter = try Interpreter(model, kernels: kernels, threads: threads)
    let imprintBytes = Learner.imprintBytes(network, classes)
    let memory = try Learner.allocate(plan.byteCount + imprintBytes)
    tail = Tail(
      plan, bytes: bytes.address, interpreter: interpreter, kernels: kernels.training,
      memory: memory.address)
    var parts = MemoryParts(memory.address + plan.byteCount)
    classSums = parts.take((classes + 1) * network.featureCount, of: Int32.self)
    classCounts = parts.take(classes, of: Int32.self)
    checkpointMemory = parts.take(Learner.checkpointWords(network), of: Int64.self)
    memoryPlan = LearningMemory(plan, modelBytes: bytes.count, interpreter.plan)
    self.classes = classes
    self.bytes = bytes
    self.memory = memory
  }

  /// Bytes of sums and counts of the classes, and of what a checkpoint has besides.
  static func imprintBytes(_ network: TailNetwork, _ classes: Int) -> Int {
    alignedBytes((classes + 1) * network.featureCount, of: Int32.self) + alignedBytes(classes, of: Int32.self)
      + alignedBytes(checkpointWords(network), of: Int64.self)
  }

  var stateMemory: UnsafeMutableRawPointer { memory.address }
  var modelAddress: UnsafeMutableRawPointer { bytes.address }

  static func allocate(_ count: Int) throws(InterpreterError) -> Pages {
    do { return try Pages(count: count) } catch { throw .system(error) }
  }

  /// A file in pages of its own.
  static func copy(_ file: [UInt8]) throws(InterpreterError) -> Pages {
    let pages = try allocate(file.count)
    file.withUnsafeBytes { pages.address.copyMemory(from: $0.baseAddress!, byteCount: file.count) }
    return pages
  }

  static func read(
    _ address: UnsafeMutableRawPointer, _ count: Int
  ) throws(InterpreterError) -> FirmwareModel {
    do { return try FirmwareModel(reading: UnsafeRawBufferPointer(start: address, count: count)) } catch {
      throw .model(error)
    }
  }

  deinit { tail.interpreter.waitUntilPacked() }

  /// The most images of a mini-batch.
  public var batch: Int { tail.options.batch }
  public var featureCount: Int { tail.network.featureCount }

  /// Room for what the frozen part gave for one image.
  public var input: UnsafeMutableRawBufferPointer { tail.input }

  /// Runs the tail on its input.
  ///
  /// - Returns: The features.
  public func computeFeatures() -> UnsafePointer<Int8> {
    tail.forward(image: 0, isKept: false)
    return UnsafePointer(tail.features)
  }

  /// The class that the tail and its head take their input for, and whether it is right.
  public func classify() -> Int {
    tail.forward(image: 0, isKept: false)
    tail.computeLogits(images: 1)
    var best = 0
    for index in 1..<classes where tail.logits[index] > tail.logits[best] { best = index }
    return best
  }

  /// Logits of the input, after `classify`.
  public var logits: UnsafePointer<Int32> { UnsafePointer(tail.logits) }
  /// A logit is its accumulator times 2^−logitExponent.
  public var logitExponent: Int32 { tail.head.logitExponent }

  /// Weights and biases of the layers that learn, in the order of the operators, then of the head; rows are outputs.
  public var parameters: [(weights: UnsafeBufferPointer<Int8>, biases: UnsafeBufferPointer<Int32>)] {
    var list: [(weights: UnsafeBufferPointer<Int8>, biases: UnsafeBufferPointer<Int32>)] = []
    for number in tail.network.layers.indices {
      let shape = tail.network.layers[number].shape
      list.append(
        (
          UnsafeBufferPointer(start: tail.layers[number].parameter.weights, count: shape.weightCount),
          UnsafeBufferPointer(start: tail.layers[number].bias.values, count: shape.outputChannels)
        ))
    }
    list.append(
      (
        UnsafeBufferPointer(start: tail.head.parameter.weights, count: classes * featureCount),
        UnsafeBufferPointer(start: tail.head.bias.values, count: classes)
      ))
    return list
  }

  /// The model with what was learned, as a file: nil where it would be too large.
  ///
  /// - Parameters:
  ///   - blocks: Those that this learned; nil for the classes alone, or where the tail was frozen.
  ///   - largestLogit: The largest magnitude of an accumulator on what the model has seen.
  ///   - labels: Each ended by a line feed.
  ///   - classMeans: By the features of now.
  public func tunedModel(
    _ model: TrainableModel, blocks: Int?, largestLogit: UInt32, labels: [UInt8], provenance: [UInt8],
    classMeans: ClassMeans?
  ) -> [UInt8]? {
    let exponent = tail.head.logitExponent
    let classLayer = ClassLayer(
      classes: classes, weights: UnsafePointer(tail.head.parameter.weights),
      biases: UnsafePointer(tail.head.bias.values), logitExponent: exponent,
      outputExponent: ClassLayer.outputExponent(largest: largestLogit, logitExponent: exponent))
    return ModelPart.tuned(
      model.path, cut: model.cut(blocks: blocks), tail: blocks == nil ? nil : tail.network.graph.model,
      classLayer: classLayer, labels: labels, provenance: provenance, classMeans: classMeans)
  }

  /// Begins to add up the classes' features.
  public func beginImprint() {
    classSums.update(repeating: 0, count: (classes + 1) * featureCount)
    classCounts.update(repeating: 0, count: classes)
  }

  /// Adds the input to its class.
  public func imprint(label: Int) {
    let features = computeFeatures()
    let sums = classSums + label * featureCount
    let zeroPoint = tail.network.zeroPoint
    for index in 0..<featureCount { sums[index] &+= Int32(features[index]) &- zeroPoint }
    classCounts[label] &+= 1
  }

  /// Makes the head of the classes' means.
  public func endImprint() { tail.head.imprint(sums: classSums, counts: classCounts) }

  /// Takes the input as an image of the mini-batch.
  public func take(image: Int, label: Int) {
    tail.forward(image: image, isKept: true)
    tail.labels[image] = Int32(truncatingIfNeeded: label)
  }

  /// One step against the first images of the mini-batch.
  ///
  /// - Parameter step: Steps done before.
  /// - Returns: How many images were right before the step.
  @discardableResult
  public func learn(images: Int, step: Int) -> Int {
    tail.learn(images: images, step: step, bytes.address)
  }
}
