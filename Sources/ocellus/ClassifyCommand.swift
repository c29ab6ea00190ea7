import FirmwareModel
import Imaging
import Platform
import Runtime

/// `ocellus classify`: a line for each picture of files, folders, streams or standard input.
func classifyCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list,
    known: [
      .init("--model"), .init("--camera"), .init("--top"), .init("--count"), .init("--min-score"),
      .init("--threads"), .init("--kernels"), .init("--json", takesValue: false),
    ])
  if let camera = arguments.value("--camera") {
    throw .failed(camera, "this version reads no cameras; pipe MJPEG into: ocellus classify --model M -")
  }
  guard !arguments.operands.isEmpty else {
    throw .usage("pictures are missing: a JPEG, a folder, a .mjpeg file or - (MJPEG on standard input)", nil)
  }
  let run = try ClassifyRun(arguments)
  for operand in arguments.operands {
    guard !run.isDone else { break }
    try run.take(operand)
  }
  run.finish()
  if run.hasFailures { throw .reported }
}

/// One run over all the pictures of a command line.
private final class ClassifyRun {
  private var classifier: Classifier
  private var text: TextWriter
  private let isJSON: Bool
  private let leastScore: Int64
  private let limit: Int
  private let top: UnsafeMutableBufferPointer<Int>
  private var frames = 0
  private(set) var hasFailures = false

  init(_ arguments: Arguments) throws(Failure) {
    let count = try arguments.integer("--top", 1...1000, default: 5)
    limit = try arguments.integer("--count", 1...1_000_000_000, default: Int.max)
    leastScore = try arguments.fraction("--min-score", default: 0)
    isJSON = arguments.has("--json")
    let classifier = try Classifier(arguments)
    top = .allocate(capacity: min(count, classifier.scores.classCount))
    text = .standardOutput
    self.classifier = classifier
  }

  deinit { top.deallocate() }

  var isDone: Bool { frames >= limit || text.failed }

  func finish() { text.flush() }

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
    let shown =
      isInput ? UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self) : path
    let source: ByteSource
    do { source = isInput ? .standardInput : try ByteSource(path: path) } catch { throw .system(error, path) }
    var stream = MJPEGStream()
    var number = 0
    while !isDone {
      if let frame = stream.next() {
        take(frame.bytes, shown, frame: number, Clock.microseconds)
        number += 1
        if isInput { text.flush() }
        continue
      }
      let count: Int
      do throws(SystemError) {
        let room = try stream.space(1 << 16)
        count = try source.read(into: room)
      } catch { throw .system(error, shown) }
      if count > 0 {
        stream.fill(count)
        continue
      }
      stream.finish()
      while !isDone, let frame = stream.next() {
        take(frame.bytes, shown, frame: number, Clock.microseconds)
        number += 1
      }
      break
    }
    if number == 0 && !isDone { throw .failed(shown, "there are no JPEG pictures in this stream") }
    if stream.skippedBytes > 0 || stream.oversizedFrames > 0 { reportSkipped(shown, stream.skippedBytes) }
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
      text.flush()
      classifier.report(error, path, frame: frame)
      hasFailures = true
      return
    }
    let output = classifier.output
    classifier.scores.select(output, into: top)
    let number = frames
    frames += 1
    if classifier.scores.score(output, top[0]) < leastScore { return }
    if isJSON {
      writeJSON(path, number, captured, times)
    } else {
      writeLine(path, frame)
    }
  }

  private func writeLine(_ path: UnsafePointer<CChar>, _ frame: Int?) {
    text.write(path)
    if let frame {
      text.write(" ")
      text.write(frame)
    }
    text.write(":")
    for (position, index) in top.enumerated() {
      text.write(position == 0 ? " " : ", ")
      text.write(label: index, of: classifier.model)
      text.write(" ")
      text.write(millionths: classifier.scores.score(classifier.output, index))
    }
    text.write("\n")
  }

  private func writeJSON(
    _ path: UnsafePointer<CChar>, _ frame: Int, _ captured: Int64, _ times: Classifier.Times
  ) {
    text.write("{\"frame\":")
    text.write(frame)
    text.write(",\"source\":")
    text.write(json: path)
    text.write(",\"captured_us\":")
    text.write(captured)
    text.write(",\"age_us\":")
    text.write(Clock.microseconds - captured)
    text.write(",\"decode_us\":")
    text.write(times.decodeMicroseconds)
    text.write(",\"infer_us\":")
    text.write(times.inferMicroseconds)
    text.write(",\"dropped\":0,\"top\":[")
    for (position, index) in top.enumerated() {
      if position > 0 { text.write(",") }
      text.write("{\"index\":")
      text.write(index)
      text.write(",\"label\":")
      text.write(jsonLabel: index, of: classifier.model)
      text.write(",\"score\":")
      text.write(millionths: classifier.scores.score(classifier.output, index))
      text.write("}")
    }
    text.write("]}\n")
  }
}
