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
      .init("--json", takesValue: false), .init("--unknown", takesValue: false),
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
    throw .usage("this flag is for cameras, not for pictures that are named", flag.cString)
  }
  for operand in arguments.operands where !isText(operand, "-") && !PictureFiles.isStream(operand) {
    let streamFlags: [StaticString] = ["--every", "--save-frames", "--save-limit"]
    for flag in streamFlags where arguments.has(flag) {
      throw .usage("this flag is for cameras and streams, not for pictures that are named", flag.cString)
    }
  }
}

/// One run over all the pictures of a command line.
private final class ClassifyRun {
  private var classifier: Classifier
  private var writer: AnswerWriter
  private let rules: AnswerRules
  /// Pictures of a stream since the last one reported that came too soon to be looked at.
  private var passedOver = 0
  private var saver: FrameSaver?
  private(set) var hasFailures = false

  init(_ arguments: Arguments) throws(Failure) {
    let classifier = try Classifier(arguments)
    let rules = try AnswerRules(arguments, classes: classifier.scores.classCount)
    let saver = try FrameSaver.open(arguments, kernels: classifier.loaded.instructionSet.kernels!)
    writer = AnswerWriter(arguments.has("--json") ? .json : .lines)
    self.saver = consume saver
    self.rules = rules
    self.classifier = classifier
  }

  var isDone: Bool { rules.isDone || writer.failed }

  func finish() throws(Failure) { try writer.finish() }

  /// Classifies what an operand names.
  func take(_ path: UnsafePointer<CChar>) throws(Failure) {
    if isText(path, "-") || PictureFiles.isStream(path) {
      try takeStream(path)
    } else if File.isDirectory(path) {
      let before = rules.frames
      let folder = Array(UnsafeBufferPointer(start: path, count: textLength(path) + 1))
      try takeFolder(folder)
      if rules.frames == before && !hasFailures {
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
    let shown = isInput ? name.cString : path
    // A stream may go on for ever: who ends it wants to know what there was.
    if isInput { Signals.note() }
    func hasEnded() -> Bool { isInput && !Signals.noted.isEmpty }
    let source: ByteSource
    do { source = isInput ? .standardInput : try ByteSource(path: path) } catch { throw .system(error, path) }
    var stream = MJPEGStream()
    var number = 0
    while !isDone {
      if hasEnded() { break }
      if let frame = stream.next() {
        takeWhenDue(frame.bytes, shown, number)
        number += 1
        if isInput { writer.text.flush() }
        continue
      }
      let count: Int
      do throws(SystemError) {
        let room = try stream.space(1 << 16)
        count = try source.read(into: room, ends: hasEnded)
      } catch { throw .system(error, shown) }
      if count > 0 {
        stream.fill(count)
        continue
      }
      if hasEnded() { break }
      stream.finish()
      while !isDone, let frame = stream.next() {
        takeWhenDue(frame.bytes, shown, number)
        number += 1
      }
      break
    }
    if hasEnded() {
      summarize(shown, number)
    } else if number == 0 && !isDone {
      throw .failed(shown, "there are no JPEG pictures in this stream")
    }
    if stream.skippedBytes > 0 || stream.oversizedFrames > 0 { reportSkipped(shown, stream.skippedBytes) }
  }

  /// Passes over the pictures of a stream that come too soon after the last one that was looked at.
  private func takeWhenDue(_ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>, _ number: Int) {
    let now = Clock.microseconds
    if rules.pace.wait(now) > 0 {
      passedOver += 1
      return
    }
    rules.pace.look(now)
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
    text.write(rules.frames)
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
    guard let number = rules.look(at: classifier) else { return }
    var answer = Answer(frame: number, source: path, position: frame, captured: captured, times: times)
    answer.dropped = passedOver
    passedOver = 0
    answer.saved = save(bytes)
    writer.write(answer, rules.top, classifier)
  }
}
