import FirmwareModel
import Imaging
import Kernels
import Platform
import Runtime
import Training

/// A fine-tuning run, from photographs to a model file.
final class FinetuneRun {
  let model: TrainableModel
  let photographs: Photographs
  let plan: FinetunePlan
  let options: FinetuneOptions
  let parts: Parts
  let kernels: KernelTable
  let report: FinetuneReport
  var features: PhotographFeatures
  /// By their numbers: what is learned from, and what judges.
  private(set) var learned: [Int] = []
  private(set) var heldOut: [Int] = []
  let classes: Int

  init(
    _ model: TrainableModel, _ photographs: Photographs, _ plan: FinetunePlan, _ options: FinetuneOptions
  ) throws(Failure) {
    let parts = try Parts(model, blocks: plan.learning.blocks, options.model)
    let report = FinetuneReport(isJSON: options.isJSON)
    let kernels = options.instructionSet.kernels!
    features = try PhotographFeatures(model, photographs, plan, options)
    self.model = model
    self.photographs = photographs
    self.plan = plan
    self.options = options
    self.parts = parts
    self.report = report
    self.kernels = kernels
    classes = photographs.classes.count
  }

  func run() throws(Failure) {
    try features.fill(parts.frozen, kernels, options, report)
    try split()
    let before = try imprintedAsItIs()
    let learner = try makeLearner(parts.tail, isFrozen: false)
    try imprint(learner)
    let rewritten = try judge(learner)
    let isRewritten = model.needsRewriting(blocks: plan.learning.blocks)
    report.imprinted(before.judgement, rewritten: isRewritten ? rewritten : nil)
    var training = try FinetuneTraining(self, learner)
    try training.takeSteps()
    let after = plan.epochs == 0 ? rewritten : try judge(learner)
    // Never worse than where it began.
    let isBetter = after.right >= before.judgement.right && plan.epochs > 0
    let chosen = isBetter ? learner : before.learner
    let file = chosen.tunedModel(
      model, blocks: isBetter ? plan.learning.blocks : nil,
      largestLogit: isBetter ? after.largestLogit : before.judgement.largestLogit, labels: labels,
      provenance: provenance, classMeans: try classMeans(chosen))
    guard let file else { throw .failed(options.output, "the model would be larger than a file can be") }
    do { try File.write(file, to: options.output) } catch { throw .system(error, options.output) }
    try training.remove()
    try features.remove()
    report.done(
      self, before: before.judgement, after: after, keptTrained: isBetter,
      microsecondsPerImage: training.images == 0 ? 0 : training.microseconds / Int64(training.images))
  }

  /// The classes' names, each ended by a line feed.
  private var labels: [UInt8] {
    var labels: [UInt8] = []
    for name in photographs.classes {
      for character in name.dropLast() { labels.append(UInt8(bitPattern: character)) }
      labels.append(0x0A)
    }
    return labels
  }

  private var provenance: [UInt8] {
    var text = Array(model.model.provenance)
    let suffix: StaticString = "; taught other classes by ocellus finetune"
    for index in 0..<suffix.utf8CodeUnitCount { text.append(suffix.utf8Start[index]) }
    return text
  }

  /// Holds a fifth of each class out, where classes have enough.
  private func split() throws(Failure) {
    let sampling = Sampling(seed: UInt32(truncatingIfNeeded: options.seed))
    var isShort = false
    for label in 0..<classes {
      let members = photographs.members(of: label) { features.isUsable($0) }
      if members.count < 2 {
        isShort = true
        Failure.failedOn(
          photographs.classes[label],
          "fewer than two photographs of this class can be read; add some, or remove the folder"
        ).report()
      }
      let out = sampling.heldOut(of: members)
      heldOut += out
      for member in members where !out.contains(member) { learned.append(member) }
    }
    if isShort { throw .reported }
    learned.sort()
    heldOut.sort()
  }

  func makeLearner(_ file: [UInt8], isFrozen: Bool) throws(Failure) -> Learner {
    var training = plan.learning.options
    training.steps = max(1, plan.epochs * stepsPerEpoch)
    do {
      return try Learner(
        file, classes: classes, isFrozen: isFrozen, options: training, kernels: kernels,
        threads: options.threads)
    } catch { throw Failure(error, options.model) }
  }

  var stepsPerEpoch: Int { (learned.count + plan.learning.options.batch - 1) / plan.learning.options.batch }

  /// What the model's own features are worth, before any of it is changed.
  private func imprintedAsItIs() throws(Failure) -> (learner: Learner, judgement: Judgement) {
    let file: [UInt8]
    do { file = try model.tail(blocks: plan.learning.blocks, isSymmetric: false) } catch {
      throw Failure(error, options.model)
    }
    let learner = try makeLearner(file, isFrozen: true)
    try imprint(learner)
    return (learner, try judge(learner))
  }

  /// Makes the head of the means of classes.
  func imprint(_ learner: Learner) throws(Failure) {
    try addUp(learner)
    learner.endImprint()
  }

  /// Adds up the features of each class.
  func addUp(_ learner: Learner) throws(Failure) {
    learner.beginImprint()
    for number in learned {
      try features.read(number, view: 0, into: learner.input)
      learner.imprint(label: photographs.list[number].label)
    }
  }

  /// Looks at what was held out, or, where nothing was, at what was learned.
  func judge(_ learner: Learner) throws(Failure) -> Judgement {
    var judgement = Judgement(classes: classes)
    for number in heldOut.isEmpty ? learned : heldOut {
      try features.read(number, view: 0, into: learner.input)
      judgement.add(learner.classify(), label: photographs.list[number].label, learner)
    }
    return judgement
  }
}

/// How classes were told apart.
struct Judgement {
  private(set) var images = 0
  private(set) var right = 0
  /// The largest magnitude of a logit's accumulator.
  private(set) var largestLogit: UInt32 = 0
  /// [label, answer]
  private(set) var confusions: [Int32]
  private let classes: Int

  init(classes: Int) {
    self.classes = classes
    confusions = Array(repeating: 0, count: classes * classes)
  }

  mutating func add(_ answer: Int, label: Int, _ learner: Learner) {
    images += 1
    if answer == label { right += 1 }
    confusions[label * classes + answer] += 1
    for index in 0..<classes { largestLogit = max(largestLogit, learner.logits[index].magnitude) }
  }

  var millionths: Int64 { images == 0 ? 0 : (Int64(right) * 1_000_000 + Int64(images) / 2) / Int64(images) }

  /// Pairs that are taken for each other most, the worst first.
  func worstPairs(_ count: Int) -> [(label: Int, answer: Int, count: Int32)] {
    var pairs: [(label: Int, answer: Int, count: Int32)] = []
    for label in 0..<classes {
      for answer in 0..<classes where answer != label && confusions[label * classes + answer] > 0 {
        pairs.append((label, answer, confusions[label * classes + answer]))
      }
    }
    pairs.sort {
      $0.count > $1.count || ($0.count == $1.count && ($0.label, $0.answer) < ($1.label, $1.answer))
    }
    return Array(pairs.prefix(count))
  }
}
