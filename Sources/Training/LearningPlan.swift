import FirmwareModel
import Kernels
import Platform
import Runtime

/// How a model will learn, and what that takes: known before anything is allocated.
public struct LearningPlan: Equatable, Sendable {
  /// Blocks that learn with what comes after them; nil for the classes alone.
  public var blocks: Int?
  public var options: TrainingOptions
  /// What learning takes.
  public var memory: LearningMemory
  /// What the frozen part takes while it runs, which is before.
  public var frozenBytes: Int
  /// Bytes kept of a view of a photograph.
  public var entryBytes: Int
  /// Weights that learn, those of the classes included.
  public var weights: Int
  /// Multiply-accumulates of an image, on the way there and on the way back.
  public var forwardWork: UInt64
  public var backwardWork: UInt64
  /// And of the frozen part.
  public var frozenWork: UInt64

  /// The most that is needed at a time, cached features left out.
  public var peakBytes: Int { max(memory.total, frozenBytes) }
}

extension TrainableModel {
  /// What learning would take.
  ///
  /// - Parameter blocks: At most `mostBlocks`; nil for the classes alone.
  /// - Throws: Where the model's memory can't be planned.
  public func plan(
    blocks: Int?, classes: Int, options: TrainingOptions, _ instructionSet: InstructionSet, threads: Int
  ) throws(InterpreterError) -> LearningPlan {
    let frozenBytes = try bytesOfFrozenPart(blocks: blocks, instructionSet, threads: threads)
    let file = try part { () throws(TrainingError) in try tail(blocks: blocks, isSymmetric: true) }
    let bytes = try Learner.copy(file)
    let tailModel = try Learner.read(bytes.address, file.count)
    guard let network = TailNetwork(tailModel, patch: options.patch, isFrozen: false) else { throw .tooLarge }
    let tailPlan = TailPlan<Learner.Master>(network, classes: classes, options)
    let runtime = try Interpreter.plan(tailModel, instructionSet, threads: threads)
    let firstOfTail = cut(blocks: blocks)
    let features = UInt64(classes * featureCount)
    var frozenWork: UInt64 = 0
    var forwardWork = features
    for index in 0..<path.end {
      let work = model.multiplyAccumulates(of: index)
      if index < firstOfTail { frozenWork += work } else { forwardWork += work }
    }
    var weights = classes * featureCount
    for layer in network.layers { weights += layer.shape.weightCount }
    return LearningPlan(
      blocks: blocks, options: tailPlan.options,
      memory: LearningMemory(tailPlan, modelBytes: file.count, runtime), frozenBytes: frozenBytes,
      entryBytes: featureBytes(blocks: blocks), weights: weights, forwardWork: forwardWork,
      backwardWork: 2 * features + network.backwardWork, frozenWork: frozenWork)
  }

  private func part(_ make: () throws(TrainingError) -> [UInt8]) throws(InterpreterError) -> [UInt8] {
    do { return try make() } catch { throw .tooLarge }
  }

  /// What the frozen part takes: its model and its interpreter.
  private func bytesOfFrozenPart(
    blocks: Int?, _ instructionSet: InstructionSet, threads: Int
  ) throws(InterpreterError) -> Int {
    let file = try part { () throws(TrainingError) in try frozenPart(blocks: blocks) }
    let bytes = try Learner.copy(file)
    let plan = try Interpreter.plan(
      try Learner.read(bytes.address, file.count), instructionSet, threads: threads)
    return file.count + plan.arenaBytes + plan.weightsBytes
  }
}

extension LearningMemory {
  init(_ plan: TailPlan<Learner.Master>, modelBytes: Int, _ runtime: MemoryPlan) {
    self.init(
      modelBytes: modelBytes, interpreterBytes: runtime.arenaBytes + runtime.weightsBytes,
      stateBytes: plan.stateBytes, savedBytes: plan.savedBytes,
      workspaceBytes: plan.byteCount - plan.stateBytes - plan.savedBytes
        + Learner.imprintBytes(plan.network, plan.classes))
  }
}

extension TailNetwork {
  /// Multiply-accumulates of an image's backward pass.
  var backwardWork: UInt64 {
    var work: UInt64 = 0
    for instruction in program {
      guard case .layer(let number, _, let to) = instruction else { continue }
      let layer = layers[number]
      let shape = layer.shape
      let isOnGrid = shape.isPointwise || !layer.outputGrid.isExact
      // On patches a kernel is the sum of its taps.
      let each =
        UInt64(layer.outputGrid.count) * UInt64(isOnGrid ? shape.weightCount / shape.taps : shape.weightCount)
      work += to == nil ? each : 2 * each
    }
    return work
  }
}
