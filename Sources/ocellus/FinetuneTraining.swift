import Platform
import Training

/// The steps of a run, with their checkpoints.
struct FinetuneTraining: ~Copyable {
  private let run: FinetuneRun
  private var current: Learner?
  private var checkpoint: CheckpointFile?
  private let order: UnsafeMutableBufferPointer<Int32>
  private let sampling: Sampling
  /// When the last checkpoint was begun, and how long it took.
  private var lastCheckpoint: Int64 = 0
  private var checkpointMicroseconds: Int64 = 0
  private var microseconds: Int64 = 0
  private var images = 0
  private var firstStep = 0
  private var last: Judgement?

  /// At most a tenth of the time goes to checkpoints: one that took t is followed by at least 9 t of learning. The steps
  /// after the last one are done again when the run is resumed, to the same bytes.
  private static let shareOfCheckpoints: Int64 = 10

  /// Which of a checkpoint's numbers count the images of the epoch that were right before they were learned from, and
  /// those that class means were right about.
  private static let rightWord = 0
  static let imprintedWord = 1

  /// - Parameter learner: At its beginning.
  init(_ run: FinetuneRun, _ learner: Learner) throws(Failure) {
    self.run = run
    current = learner
    sampling = Sampling(seed: UInt32(truncatingIfNeeded: run.options.seed))
    order = .allocate(capacity: run.learned.count)
    checkpoint = nil
    if run.plan.epochs == 0 { return }
    let path = pathBeside(run.options.output, ".checkpoint")
    do throws(SystemError) {
      checkpoint = try CheckpointFile(
        path: path, payloadBytes: learner.checkpointBytes, fingerprint: FinetuneTraining.fingerprint(run),
        isBegunAnew: !run.options.isResumed)
    } catch { throw .systemOn(error, path) }
  }

  /// Goes on from where the checkpoint was; false where there is none.
  mutating func resume() -> Bool {
    let learner = learner
    let parts = learner.checkpointParts
    guard let record = checkpoint?.load(into: parts) else { return false }
    learner.spreadCheckpoint()
    firstStep = record.step
    return true
  }

  deinit { order.deallocate() }

  var learner: Learner { current! }
  /// Gives its memory back.
  mutating func releaseLearner() { current = nil }
  /// How many of those held out class means were right about.
  var imprintedRight: Int { Int(learner.run[FinetuneTraining.imprintedWord]) }
  var microsecondsPerImage: Int64 { images == 0 ? 0 : microseconds / Int64(images) }

  /// What those held out are taken for now.
  func judgement() throws(Failure) -> Judgement {
    if let last { return last }
    return try run.judge(learner)
  }

  /// Of all that the bytes of the result depend on.
  private static func fingerprint(_ run: FinetuneRun) -> UInt64 {
    var hash = Fingerprint()
    hash.add(run.features.fingerprint)
    let training = run.plan.learning.options
    for number in [
      run.plan.learning.blocks ?? -1, training.patch, training.batch, run.plan.epochs, run.options.seed,
      Int(training.stepSize), Int(training.headStepSize), run.learned.count, run.plan.views,
    ] { hash.add(number) }
    return hash.value
  }

  mutating func takeSteps() throws(Failure) {
    let perEpoch = run.stepsPerEpoch
    let total = run.plan.epochs * perEpoch
    if firstStep > 0 { run.report.resumed(step: firstStep, of: total) }
    let begin = Clock.microseconds
    var step = firstStep
    while step < total {
      let epoch = step / perEpoch
      let start = Clock.microseconds
      shuffle(epoch)
      if step % perEpoch == 0 { learner.run[FinetuneTraining.rightWord] = 0 }
      while step < (epoch + 1) * perEpoch {
        try takeStep(step, epoch, step - epoch * perEpoch)
        step += 1
        run.report.progress(step: step, of: total, since: begin, first: firstStep)
        try saveIfDue(step, isLast: step == total)
      }
      let judgement = try run.judge(learner)
      last = judgement
      run.report.epoch(
        epoch + 1, of: run.plan.epochs, training: Int(learner.run[FinetuneTraining.rightWord]),
        learned: run.learned.count, judgement,
        microseconds: Clock.microseconds - start)
    }
    microseconds = Clock.microseconds - begin
  }

  private func shuffle(_ epoch: Int) {
    for index in order.indices { order[index] = Int32(truncatingIfNeeded: run.learned[index]) }
    sampling.shuffle(order, epoch: epoch)
  }

  private mutating func takeStep(_ step: Int, _ epoch: Int, _ batch: Int) throws(Failure) {
    let first = batch * learner.batch
    let count = min(learner.batch, order.count - first)
    for image in 0..<count {
      let number = Int(order[first + image])
      let view = sampling.view(of: number, epoch: epoch, views: run.plan.views)
      try run.features.read(number, view: view, into: learner.input)
      learner.take(image: image, label: run.photographs.list[number].label)
    }
    learner.run[FinetuneTraining.rightWord] += Int64(learner.learn(images: count, step: step))
    images += count
  }

  private mutating func saveIfDue(_ step: Int, isLast: Bool) throws(Failure) {
    let now = Clock.microseconds
    let pause = checkpointMicroseconds * (FinetuneTraining.shareOfCheckpoints - 1)
    guard isLast || now - lastCheckpoint >= pause else { return }
    learner.gatherCheckpoint()
    let parts = learner.checkpointParts
    do throws(SystemError) { try checkpoint?.save(parts, step: step) } catch {
      throw .systemOn(error, pathBeside(run.options.output, ".checkpoint"))
    }
    lastCheckpoint = Clock.microseconds
    checkpointMicroseconds = lastCheckpoint - now
  }

  /// Removes the checkpoint, once what it was kept for is written.
  mutating func remove() throws(Failure) {
    do throws(SystemError) { try checkpoint?.remove() } catch {
      Failure.systemOn(error, pathBeside(run.options.output, ".checkpoint")).report()
    }
  }
}

/// A path with something behind it, ended by a zero.
func pathBeside(_ path: UnsafePointer<CChar>, _ suffix: StaticString) -> [CChar] {
  var text = Array(UnsafeBufferPointer(start: path, count: textLength(path)))
  for index in 0..<suffix.utf8CodeUnitCount { text.append(CChar(bitPattern: suffix.utf8Start[index])) }
  return text + [0]
}
