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
  private(set) var report: FinetuneReport
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
    var training = try preparedTraining()
    let before = training.imprintedRight
    try training.takeSteps()
    let after = try training.judgement()
    // Never worse than where it began.
    let isBetter = plan.epochs > 0 && after.right >= before
    let final: Judgement
    if isBetter {
      final = after
      try write(training.learner, blocks: plan.learning.blocks, after)
    } else {
      training.releaseLearner()
      let (learner, judgement) = try imprintedAsItIs()
      final = judgement
      try write(learner, blocks: nil, judgement)
    }
    try training.remove()
    try features.remove()
    report.done(
      self, before: Judgement.millionths(before, of: final.images), final, isTrained: isBetter,
      microsecondsPerImage: training.microsecondsPerImage)
  }

  /// The steps to come: after those of a checkpoint, or from the beginning, with the means of classes.
  private func preparedTraining() throws(Failure) -> FinetuneTraining {
    if options.isResumed && plan.epochs > 0 {
      var training = try FinetuneTraining(self, try makeLearner(parts.tail, isFrozen: false))
      if training.resume() { return training }
    }
    // Gone before the other comes: memory is planned for one.
    let before = try imprintedAsItIs().judgement
    let learner = try makeLearner(parts.tail, isFrozen: false)
    try imprint(learner)
    learner.run[FinetuneTraining.imprintedWord] = Int64(before.right)
    let isRewritten = model.needsRewriting(blocks: plan.learning.blocks)
    report.imprinted(before, rewritten: isRewritten ? try judge(learner) : nil)
    return try FinetuneTraining(self, learner)
  }

  /// Writes the model, whole or not at all.
  private func write(_ learner: Learner, blocks: Int?, _ judgement: Judgement) throws(Failure) {
    let file = learner.tunedModel(
      model, blocks: blocks, largestLogit: judgement.largestLogit, labels: labels, provenance: provenance,
      classMeans: try classMeans(learner))
    guard let file else { throw .failed(options.output, "the model would be larger than a file can be") }
    do { try File.write(file, to: options.output) } catch { throw .system(error, options.output) }
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
    report.holdsOut = !heldOut.isEmpty
  }

  func makeLearner(_ file: [UInt8], isFrozen: Bool) throws(Failure) -> Learner {
    var training = plan.learning.options
    training.steps = max(1, plan.epochs * stepsPerEpoch)
    training.rise = training.steps / FinetunePlan.riseShare
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

  var millionths: Int64 { Judgement.millionths(right, of: images) }

  static func millionths(_ right: Int, of images: Int) -> Int64 {
    images == 0 ? 0 : (Int64(right) * 1_000_000 + Int64(images) / 2) / Int64(images)
  }

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
