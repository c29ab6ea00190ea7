import Camera
import FirmwareModel
import Imaging
import Kernels
import Platform
import Runtime

/// `ocellus classify --camera`, or without pictures: answers to a camera's newest frames, until it is told to end.
func classifyCamera(_ arguments: Arguments) throws(Failure) {
  let run = try CameraRun(arguments)
  try run.run()
}

/// One run over a camera's frames.
final class CameraRun {
  /// How long to wait for a frame before signals and faults are looked at again.
  private static let waitMicroseconds: Int64 = 200_000

  private let classifier: Classifier
  private let stream: CameraStream<KernelSystem>
  private var reader: FrameReader
  private var saver: FrameSaver?
  private var writer: AnswerWriter
  private var report: CameraReporter
  private var manager: ServiceManager
  private let name: UnsafePointer<CChar>
  private let rules: AnswerRules
  private var latencies = LatencyCounts()
  /// The capturing thread's turns when it was last seen to be alive.
  private var aliveTurns: UInt32 = 0

  init(_ arguments: Arguments) throws(Failure) {
    let classifier = try Classifier(arguments)
    let rules = try AnswerRules(arguments, classes: classifier.scores.classCount)
    let image = classifier.model.image!
    let kernels = classifier.loaded.instructionSet.kernels!
    let request = try CameraRequest(image, arguments)
    let name: StaticString = "camera"
    self.name = arguments.value("--camera") ?? name.cString
    let saver = try FrameSaver.open(arguments, kernels: kernels)
    let stream = try CameraRun.open(arguments.value("--camera"), self.name, request)
    let reader = try CameraRun.openReader(image, kernels, self.name)
    let isTerminal = TextWriter.standardOutput.isTerminal
    writer = AnswerWriter(arguments.has("--json") || !isTerminal ? .json : .inPlace)
    manager = ServiceManager()
    self.rules = rules
    report = CameraReporter(self.name)
    self.reader = consume reader
    self.stream = stream
    self.saver = consume saver
    self.classifier = consume classifier
  }

  private static func open(
    _ camera: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>, _ request: CameraRequest
  ) throws(Failure) -> CameraStream<KernelSystem> {
    do throws(CameraError) { return try CameraStream(camera, request, system: KernelSystem()) } catch {
      throw .camera(error, name)
    }
  }

  private static func openReader(
    _ image: ImageInput, _ kernels: KernelTable, _ name: UnsafePointer<CChar>
  ) throws(Failure) -> FrameReader {
    do throws(ImageError) { return try FrameReader(image, kernels: kernels) } catch {
      throw .failed(name, error.text)
    }
  }

  func run() throws(Failure) {
    Signals.note()
    classifier.interpreter.waitUntilPacked()
    do throws(SystemError) { try stream.start() } catch { throw .system(error, name) }
    manager.tellReady()
    while !rules.isDone && !writer.failed {
      let signals = Signals.take()
      if !signals.isDisjoint(with: .end) { break }
      if signals.contains(.hangUp) { stream.reopen() }
      tellAlive()
      reportFaults()
      let wait = rules.pace.wait(Clock.microseconds)
      if wait > 0 {
        stream.pause(microseconds: min(wait, CameraRun.waitMicroseconds))
        continue
      }
      guard let frame = stream.next(microseconds: CameraRun.waitMicroseconds) else { continue }
      rules.pace.look(Clock.microseconds)
      try look(at: frame)
    }
    writer.endLine()
    manager.tellStopping()
    reportFaults()
    report.summarize(rules.frames, stream, latencies)
    try writer.finish()
  }

  /// Gives a sign of life, of the capturing thread's too: a driver that holds it for good is no life.
  private func tellAlive() {
    let turns = stream.turns
    if turns != aliveTurns { manager.tellAlive() }
    aliveTurns = turns
  }

  /// Says what is new among the faults.
  private func reportFaults() {
    let faults = stream.faults
    guard report.hasNew(faults) else { return }
    writer.endLine()
    report.tell(faults)
  }

  private func look(at frame: CameraFrame) throws(Failure) {
    var times = Classifier.Times()
    let start = Clock.microseconds
    let input = classifier.interpreter.input(0).bindMemory(to: Int8.self)
    let result: FrameReader.Result
    do throws(ImageError) { result = try reader.read(frame, into: input.baseAddress!) } catch {
      stream.release()
      throw .failed(name, error.text)
    }
    if result == .done { keep(frame) }
    stream.release()
    if case .fault(let fault) = result {
      stream.note(fault)
      return
    }
    times.decodeMicroseconds = Clock.microseconds - start
    classifier.infer(&times)
    latencies.add(Clock.microseconds - frame.capturedMicroseconds)
    guard let number = rules.look(at: classifier) else { return }
    var answer = Answer(
      frame: number, source: name, position: number, captured: frame.capturedMicroseconds, times: times,
      dropped: frame.dropped, captureAge: frame.arrivedMicroseconds - frame.capturedMicroseconds)
    answer.saved = save()
    writer.write(answer, rules.top, classifier)
    writer.text.flush()
  }

  private func keep(_ frame: CameraFrame) {
    if saver == nil { return }
    do throws(SystemError) { try saver!.keep(frame) } catch { report.tellNotSaved(.system(error, name)) }
  }

  /// Saves the frame that was looked at. A full disk does not end the stream.
  private func save() -> Int? {
    if saver == nil { return nil }
    do throws(Failure) { return try saver!.save() } catch {
      writer.endLine()
      report.tellNotSaved(error)
      return nil
    }
  }
}
