import FirmwareModel
import Imaging
import Kernels
import Platform
import Runtime
import Training

/// What a fine-tuning run will do and need, found before it begins.
struct FinetunePlan {
  let learning: LearningPlan
  let epochs: Int
  let photographs: Int
  let classes: Int
  /// Views of a photograph.
  let views: Int
  /// Cached entries that memory has room for.
  let memoryEntries: Int
  /// Bytes that the run may take.
  let budget: Int
  private let options: FinetuneOptions
  let times: Times

  /// Measured on this machine.
  struct Times {
    var frozenMicroseconds: Int64 = 0
    var imageMicroseconds: Int64 = 0
    var stepMicroseconds: Int64 = 0
  }

  /// Blocks that learn where nobody says how many.
  static let usualBlocks = 3
  static let usualEpochs = 12
  static let usualPatch = 2
  static let usualViews = 4
  /// Q16: 0.6 hundredths of the root mean square of a row of weights.
  static let stepSize: Int32 = 400
  /// The part of all steps in which their size rises: the first ones meet a head that knows nothing but means.
  static let riseShare = 8
  /// With fewer photographs in the mean of classes, class means are better than what gradients make of them.
  static let fewestPhotographs = 10

  init(
    _ model: TrainableModel, _ photographs: Photographs, _ options: FinetuneOptions
  ) throws(Failure) {
    let count = photographs.list.count
    let classes = photographs.classes.count
    let isEnough = count >= FinetunePlan.fewestPhotographs * classes
    let epochs = options.epochs ?? (isEnough ? FinetunePlan.usualEpochs : 0)
    let views = epochs == 0 ? 1 : FinetunePlan.usualViews
    let budget = options.memory ?? max(SystemMemory.available / 2, 1 << 24)
    let choice = try FinetunePlan.choose(model, classes, budget, learnsByGradient: epochs > 0, options)
    let entries = count * views
    let index = FeatureCache.byteCount(count: entries, entryBytes: choice.entryBytes, memoryEntries: 0)
    let room = max(0, budget - choice.peakBytes - index)
    memoryEntries = min(entries, room / choice.entryBytes)
    var learning = choice
    // A step for each mini-batch of what isn't held out, which is decided when all have been read.
    learning.options.steps = 1
    self.learning = learning
    self.epochs = epochs
    self.photographs = count
    self.classes = classes
    self.views = views
    self.budget = budget
    self.options = options
    times = try FinetunePlan.measure(model, learning, classes, options)
  }

  /// The most blocks, the finest patch and the largest mini-batch that memory has room for, of those asked for.
  private static func choose(
    _ model: TrainableModel, _ classes: Int, _ budget: Int, learnsByGradient: Bool,
    _ options: FinetuneOptions
  ) throws(Failure) -> LearningPlan {
    var smallest = Int.max
    let most = model.mostBlocks
    if let blocks = options.blocks, blocks > most ?? 0 {
      var text = TextWriter.standardError
      text.write("ocellus: --blocks: of this model ")
      if let most {
        text.write("at most ")
        text.write(most)
        text.write(" blocks")
      } else {
        text.write("nothing but the classes")
      }
      text.write(" can learn\n")
      text.flush()
      throw .reported
    }
    var candidates: [Int?] = []
    // Means of classes need nothing to learn before them.
    if let most, learnsByGradient {
      let first = options.blocks ?? min(FinetunePlan.usualBlocks, most)
      for blocks in (options.blocks == nil ? 0 : first)...first { candidates.insert(blocks, at: 0) }
    }
    if options.blocks == nil || candidates.isEmpty { candidates.append(nil) }
    for blocks in candidates {
      for patch in options.patch.map({ [$0] }) ?? [FinetunePlan.usualPatch, 4, 7] {
        for batch in [16, 8, 4] {
          var training = TrainingOptions()
          training.patch = patch
          training.batch = batch
          training.stepSize = stepSize
          training.headStepSize = stepSize
          training.seed = UInt32(truncatingIfNeeded: options.seed)
          let plan: LearningPlan
          do throws(InterpreterError) {
            plan = try model.plan(
              blocks: blocks, classes: classes, options: training, options.instructionSet,
              threads: options.threads)
          } catch { throw Failure(error, options.model) }
          if plan.peakBytes <= budget { return plan }
          smallest = min(smallest, plan.peakBytes)
        }
      }
    }
    var text = TextWriter.standardError
    text.write("ocellus: --memory: ")
    text.write(budget)
    text.write(" bytes are too few; at least ")
    text.write(smallest)
    text.write(" are needed")
    text.write(options.blocks == nil ? "\n" : " with so many blocks; leave --blocks out\n")
    text.flush()
    throw .reported
  }

  /// Runs each part on an empty picture, once to warm up and once by the clock.
  private static func measure(
    _ model: TrainableModel, _ plan: LearningPlan, _ classes: Int, _ options: FinetuneOptions
  ) throws(Failure) -> Times {
    var times = Times()
    let kernels = options.instructionSet.kernels!
    let parts = try Parts(model, blocks: plan.blocks, options.model)
    do throws(InterpreterError) {
      let frozen = try FrozenPart(parts.frozen, kernels: kernels, threads: options.threads)
      _ = frozen.run()
      times.frozenMicroseconds = Int64.max
      for _ in 0..<3 {
        let start = Clock.microseconds
        _ = frozen.run()
        times.frozenMicroseconds = min(times.frozenMicroseconds, Clock.microseconds - start)
      }
    } catch { throw Failure(error, options.model) }
    do throws(InterpreterError) {
      let learner = try Learner(
        parts.tail, classes: classes, options: plan.options, kernels: kernels, threads: options.threads)
      learner.take(image: 0, label: 0)
      var start = Clock.microseconds
      for image in 0..<learner.batch { learner.take(image: image, label: image % classes) }
      times.imageMicroseconds = (Clock.microseconds - start) / Int64(learner.batch)
      start = Clock.microseconds
      learner.learn(images: learner.batch, step: 0)
      times.stepMicroseconds = Clock.microseconds - start
    } catch { throw Failure(error, options.model) }
    return times
  }
}

/// A model's two parts, as files.
struct Parts {
  let frozen: [UInt8]
  /// Rewritten to learn.
  let tail: [UInt8]

  init(_ model: TrainableModel, blocks: Int?, _ path: UnsafePointer<CChar>) throws(Failure) {
    do {
      frozen = try model.frozenPart(blocks: blocks)
      tail = try model.tail(blocks: blocks, isSymmetric: true)
    } catch { throw Failure(error, path) }
  }
}
