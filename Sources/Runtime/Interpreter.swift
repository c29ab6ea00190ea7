import FirmwareModel
import Kernels
import Platform

/// The memory that a model needs, known before any of it is allocated.
public struct MemoryPlan: Equatable, Sendable {
  /// Activations, as the compiler's plan laid them out.
  public var activationBytes: Int
  /// Scratch of all threads.
  public var scratchBytes: Int
  /// Packed weights and tables.
  public var weightsBytes: Int
  /// Scratch of one thread.
  var scratchPerThread: Int

  /// The arena: what inference writes to.
  public var arenaBytes: Int { activationBytes + scratchBytes }
}

/// Why a model cannot be run.
public enum InterpreterError: Error, Equatable {
  case model(ModelError)
  /// The model needs more than 2 GiB.
  case tooLarge
  /// The system refused memory or a thread.
  case system(SystemError)
}

/// Runs a model. Everything is checked and allocated when it is made, and weights are packed from then on by a
/// thread of their own, so that the caller can see to the first input meanwhile; an inference allocates nothing.
///
/// An interpreter is used by one thread at a time; the threads of its pool are its own.
public final class Interpreter {
  public let model: FirmwareModel
  public let plan: MemoryPlan
  public let threads: Int
  private let kernels: KernelTable
  private let pool: ThreadPool
  private let arena: Pages
  private let packed: Pages
  private let memory: ModelMemory
  private let steps: UnsafeMutablePointer<Step>
  private let stepCount: Int
  private let round: UnsafeMutablePointer<Round>
  /// Nil once all steps are prepared.
  private var packing: BackgroundThread?
  private let preparation: UnsafeMutablePointer<Preparation>

  /// What prepares the steps.
  private struct Preparation {
    var steps: UnsafeMutablePointer<Step>
    var count: Int
    var memory: ModelMemory
    var kernels: KernelTable
    var packed: UnsafeMutableRawPointer

    func prepareSteps() {
      var next = packed
      for index in 0..<count {
        let bytes = steps[index].packedBytes(kernels)
        steps[index].prepare(memory, kernels, packed: next)
        next += Layout.aligned(bytes)
      }
    }
  }

  /// What the threads share while one step runs.
  private struct Round {
    var step: UnsafePointer<Step>
    var kernels: KernelTable
    var unitCount: Int
    var unitsPerPart: Int
    var scratch: UnsafeMutableRawPointer
    var scratchPerThread: Int
  }

  /// Kernels may read this many bytes beyond a tensor's end.
  private static let slack = 128

  /// The memory that a model will need, without allocating it.
  public static func plan(_ model: FirmwareModel, _ instructionSet: InstructionSet, threads: Int)
    throws(InterpreterError) -> MemoryPlan
  {
    guard let kernels = instructionSet.kernels else { throw .tooLarge }
    return try plan(model, try readSteps(model), kernels, threads: threads)
  }

  private static func readSteps(_ model: FirmwareModel) throws(InterpreterError) -> [Step] {
    var steps: [Step] = []
    steps.reserveCapacity(model.operators.count)
    do throws(ModelError) {
      for index in 0..<model.operators.count { steps.append(try Step(model, index)) }
      try joinChains(&steps, model)
    } catch { throw .model(error) }
    return steps
  }

  private static func plan(
    _ model: FirmwareModel, _ steps: [Step], _ kernels: KernelTable, threads: Int
  ) throws(InterpreterError) -> MemoryPlan {
    var scratch = 0
    var weights = 0
    for step in steps {
      scratch = max(scratch, step.scratchBytes(kernels))
      weights += Layout.aligned(step.packedBytes(kernels))
      guard scratch <= Layout.maximumBytes, weights <= Layout.maximumBytes else { throw .tooLarge }
    }
    let perThread = Layout.aligned(scratch)
    let (all, overflow) = perThread.multipliedReportingOverflow(by: threads)
    let activations = Layout.aligned(model.arenaBytes) + slack
    guard !overflow, all <= Layout.maximumBytes - min(activations, Layout.maximumBytes) else {
      throw .tooLarge
    }
    return MemoryPlan(
      activationBytes: activations, scratchBytes: all, weightsBytes: weights,
      scratchPerThread: perThread)
  }

  /// Prepares a model.
  ///
  /// - Parameters:
  ///   - model: Its bytes must outlive the interpreter.
  ///   - kernels: One instruction set's.
  ///   - threads: The number of threads that share the work, at least 1; results do not depend on it.
  public init(_ model: FirmwareModel, kernels: KernelTable, threads: Int) throws(InterpreterError) {
    let list = try Interpreter.readSteps(model)
    plan = try Interpreter.plan(model, list, kernels, threads: threads)
    self.model = model
    self.kernels = kernels
    self.threads = threads
    do {
      arena = try Pages(count: plan.arenaBytes)
      packed = try Pages(count: plan.weightsBytes + Interpreter.slack)
      pool = try ThreadPool(count: threads)
    } catch { throw .system(error) }
    memory = ModelMemory(model: model, arena: arena.address)
    stepCount = list.count
    steps = .allocate(capacity: max(list.count, 1))
    round = .allocate(capacity: 1)
    for index in 0..<list.count { (steps + index).initialize(to: list[index]) }
    round.initialize(
      to: Round(
        step: UnsafePointer(steps), kernels: kernels, unitCount: 0, unitsPerPart: 0,
        scratch: arena.address + plan.activationBytes, scratchPerThread: plan.scratchPerThread))
    preparation = .allocate(capacity: 1)
    preparation.initialize(
      to: Preparation(
        steps: steps, count: list.count, memory: memory, kernels: kernels, packed: packed.address))
    packing = BackgroundThread(UnsafeMutableRawPointer(preparation)) {
      $0.assumingMemoryBound(to: Preparation.self).pointee.prepareSteps()
    }
  }

  deinit {
    waitUntilPacked()
    preparation.deinitialize(count: 1)
    preparation.deallocate()
    steps.deinitialize(count: stepCount)
    steps.deallocate()
    round.deinitialize(count: 1)
    round.deallocate()
  }

  /// The bytes of an input tensor, to be written before `run`; inputs may share memory with what is computed
  /// later, so each inference needs them anew.
  public func input(_ index: Int) -> UnsafeMutableRawBufferPointer {
    let tensor = model.inputs[index]
    return UnsafeMutableRawBufferPointer(
      start: memory.output(tensor), count: model.tensors[tensor].byteCount)
  }

  /// The bytes of an output tensor, valid after `run` until the next input is written.
  public func output(_ index: Int) -> UnsafeRawBufferPointer {
    let tensor = model.outputs[index]
    return UnsafeRawBufferPointer(
      start: memory.input(tensor), count: model.tensors[tensor].byteCount)
  }

  /// The bytes of any tensor, valid until something else is computed where it lies.
  public func tensor(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory.input(index), count: model.tensors[index].byteCount)
  }

  /// Takes over an operator's constants once more, which have changed in the model's bytes.
  public func prepareAgain(step index: Int) {
    waitUntilPacked()
    var packed = packed.address
    for earlier in 0..<index { packed += Layout.aligned(steps[earlier].packedBytes(kernels)) }
    steps[index].prepare(memory, kernels, packed: packed)
  }

  /// Waits until all weights are packed, which the first inference does otherwise.
  public func waitUntilPacked() { packing = nil }

  /// Runs the model once.
  public func run() {
    for index in 0..<stepCount { run(step: index) }
  }

  /// Whether an operator runs together with the one after it, and takes no time of its own.
  public func isChained(step index: Int) -> Bool {
    if case .chained = steps[index] { return true }
    return false
  }

  /// Runs one operator; all of them, in order, make an inference.
  public func run(step index: Int) {
    if packing != nil { waitUntilPacked() }
    let units = steps[index].unitCount
    if threads == 1 || units == 1 {
      steps[index].run(0..<units, kernels, scratch: round.pointee.scratch)
      return
    }
    round.pointee.step = UnsafePointer(steps + index)
    round.pointee.unitCount = units
    let parts = min(units, steps[index].partsPerThread * threads)
    round.pointee.unitsPerPart = (units + parts - 1) / parts
    pool.run(UnsafeMutableRawPointer(round), parts: parts) { context, thread, part in
      let round = context.assumingMemoryBound(to: Round.self)
      let first = part * round.pointee.unitsPerPart
      let last = min(first + round.pointee.unitsPerPart, round.pointee.unitCount)
      if first >= last { return }
      round.pointee.step.pointee.run(
        first..<last, round.pointee.kernels,
        scratch: round.pointee.scratch + thread * round.pointee.scratchPerThread)
    }
  }
}
