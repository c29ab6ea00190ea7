import Camera
import FirmwareModel
import Imaging
import Platform
import Runtime

/// `ocellus classify`: an answer for each picture of files, folders, streams or standard input, or a camera's frames.
func classifyCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list,
    known: [
      .init("--model"), .init("--camera"), .init("--top"), .init("--count"), .init("--min-score"),
      .init("--hold"), .init("--every"), .init("--save-frames"), .init("--save-limit"), .init("--format"),
      .init("--size"), .init("--rate"), .init("--exposure"), .init("--threads"), .init("--kernels"),
      .init("--json", takesValue: false),
    ])
  if arguments.operands.isEmpty {
    try classifyCamera(arguments)
    return
  }
  try rejectCameraFlags(arguments)
  let run = try ClassifyRun(arguments)
  for operand in arguments.operands {
    guard !run.isDone else { break }
    try run.take(operand)
  }
  try run.finish()
  if run.hasFailures { throw .reported }
}

/// Flags that only a camera can follow are wrong where pictures are named; some a stream of pictures can follow, too.
private func rejectCameraFlags(_ arguments: Arguments) throws(Failure) {
  let cameraFlags: [StaticString] = ["--camera", "--format", "--size", "--rate", "--exposure"]
  for flag in cameraFlags where arguments.has(flag) {
    throw .usage("this flag is for cameras, not for pictures that are named", flag.text)
  }
  for operand in arguments.operands where !isText(operand, "-") && !PictureFiles.isStream(operand) {
    let streamFlags: [StaticString] = ["--every", "--save-frames", "--save-limit"]
    for flag in streamFlags where arguments.has(flag) {
      throw .usage("this flag is for cameras and streams, not for pictures that are named", flag.text)
    }
  }
}

extension StaticString {
  /// The same as C has it: literals end in a zero.
  fileprivate var text: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}

/// One run over all the pictures of a command line.
private final class ClassifyRun {
  private var classifier: Classifier
  private var writer: AnswerWriter
  private let leastScore: Int64
  private let limit: Int
  private var stand: LabelStand
  private let top: UnsafeMutableBufferPointer<Int>
  private var frames = 0
  /// When a stream's pictures are looked at.
  private var pace: Pace
  private var passedOver = 0
  private var saver: FrameSaver?
  private(set) var hasFailures = false

  init(_ arguments: Arguments) throws(Failure) {
    let count = try arguments.integer("--top", 1...1000, default: 5)
    limit = try arguments.integer("--count", 1...1_000_000_000, default: Int.max)
    leastScore = try arguments.fraction("--min-score", default: 0)
    stand = try LabelStand(arguments)
    pace = try Pace(arguments)
    let classifier = try Classifier(arguments)
    let saver = try FrameSaver.open(arguments, kernels: classifier.loaded.instructionSet.kernels!)
    writer = AnswerWriter(arguments.has("--json") ? .json : .lines)
    self.saver = consume saver
    top = .allocate(capacity: min(count, classifier.scores.classCount))
    self.classifier = classifier
  }

  deinit { top.deallocate() }

  var isDone: Bool { frames >= limit || writer.failed }

  func finish() throws(Failure) { try writer.finish() }

  /// Classifies what an operand names.
  func take(_ path: UnsafePointer<CChar>) throws(Failure) {
    if isText(path, "-") || PictureFiles.isStream(path) {
      try takeStream(path)
    } else if File.isDirectory(path) {
      let before = frames
      let folder = Array(UnsafeBufferPointer(start: path, count: textLength(path) + 1))
      try takeFolder(folder)
      if frames == before && !hasFailures {
        throw .failed(path, "there are no pictures (.jpg, .jpeg) in this folder")
      }
    } else {
      try takePicture(path)
    }
  }

  private func takeFolder(_ folder: [CChar]) throws(Failure) {
    var paths: [[CChar]] = []
    _ = try PictureFiles.visit(folder) { (_, path) throws(Failure) in
      paths.append(path)
      return true
    }
    for path in paths where !isDone {
      let result: Result<Void, Failure> = path.withUnsafeBufferPointer { buffer in
        do throws(Failure) { return .success(try takePicture(buffer.baseAddress!)) } catch {
          return .failure(error)
        }
      }
      // A file that can't be read does not keep the others from being looked at.
      if case .failure(let error) = result {
        error.report()
        hasFailures = true
      }
    }
  }

  private func takePicture(_ path: UnsafePointer<CChar>) throws(Failure) {
    let captured = Clock.microseconds
    let file = try LoadedModel.map(path)
    take(file.bytes, path, frame: nil, captured) { file.release(first: $0) }
  }

  /// Successive JPEGs of a file, a pipe or standard input; each line is written at once.
  private func takeStream(_ path: UnsafePointer<CChar>) throws(Failure) {
    let isInput = isText(path, "-")
    let name: StaticString = "standard input"
    let shown = isInput ? name.text : path
    // A stream may go on for ever: who ends it wants to know what there was.
    if isInput { Signals.note() }
    var hasEnded = false
    let source: ByteSource
    do { source = isInput ? .standardInput : try ByteSource(path: path) } catch { throw .system(error, path) }
    var stream = MJPEGStream()
    var number = 0
    while !isDone {
      if isInput && !Signals.take().isDisjoint(with: .end) { hasEnded = true }
      if hasEnded { break }
      if let frame = stream.next() {
        takeWhenDue(frame.bytes, shown, number)
        number += 1
        if isInput { writer.text.flush() }
        continue
      }
      let count: Int
      do throws(SystemError) {
        let room = try stream.space(1 << 16)
        count = try source.read(into: room) {
          hasEnded = isInput && !Signals.take().isDisjoint(with: .end)
          return hasEnded
        }
      } catch { throw .system(error, shown) }
      if count > 0 {
        stream.fill(count)
        continue
      }
      if hasEnded { break }
      stream.finish()
      while !isDone, let frame = stream.next() {
        takeWhenDue(frame.bytes, shown, number)
        number += 1
      }
      break
    }
    if hasEnded { summarize(shown, number) }
    if number == 0 && !isDone && !hasEnded {
      throw .failed(shown, "there are no JPEG pictures in this stream")
    }
    if stream.skippedBytes > 0 || stream.oversizedFrames > 0 { reportSkipped(shown, stream.skippedBytes) }
  }

  /// Passes over the pictures of a stream that come too soon after the last one that was looked at.
  private func takeWhenDue(_ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>, _ number: Int) {
    let now = Clock.microseconds
    if pace.wait(now) > 0 {
      passedOver += 1
      return
    }
    pace.look(now)
    take(bytes, path, frame: number, now)
  }

  /// Saves a picture that is reported. A full disk does not end the stream.
  private func save(_ picture: UnsafeRawBufferPointer) -> Int? {
    if saver == nil { return nil }
    do throws(Failure) { return try saver!.save(jpeg: picture) } catch {
      if !hasFailures { error.report() }
      hasFailures = true
      return nil
    }
  }

  private func summarize(_ path: UnsafePointer<CChar>, _ number: Int) {
    writer.text.flush()
    var text = TextWriter.standardError
    text.write("ocellus: ")
    text.write(path)
    text.write(": ")
    text.write(number)
    text.write(" pictures, ")
    text.write(frames)
    text.write(" looked at\n")
    text.flush()
  }

  private func reportSkipped(_ path: UnsafePointer<CChar>, _ bytes: Int) {
    var text = TextWriter.standardError
    text.write("ocellus: ")
    text.write(path)
    text.write(": passed over ")
    text.write(bytes)
    text.write(" bytes between pictures\n")
    text.flush()
  }

  private func take(
    _ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>, frame: Int?, _ captured: Int64,
    passed: (Int) -> Void = { _ in }
  ) {
    let times: Classifier.Times
    do throws(ImageError) { times = try classifier.classify(bytes, passed: passed) } catch {
      writer.text.flush()
      classifier.report(error, path, frame: frame)
      hasFailures = true
      return
    }
    let output = classifier.output
    classifier.scores.select(output, into: top)
    let number = frames
    frames += 1
    let isLabelled = classifier.scores.score(output, top[0]) >= leastScore
    guard stand.shows(isLabelled ? top[0] : nil) else { return }
    var answer = Answer(frame: number, source: path, position: frame, captured: captured, times: times)
    answer.dropped = passedOver
    passedOver = 0
    answer.saved = save(bytes)
    writer.write(answer, top, classifier)
  }
}
