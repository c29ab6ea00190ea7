import FirmwareModel
import Platform
import Runtime

/// One picture's answer, as it is written.
struct Answer {
  /// Its number among all.
  var frame: Int
  var source: UnsafePointer<CChar>
  /// Its number in a stream of pictures.
  var position: Int?
  /// When the picture was taken, in microseconds of the monotonic clock.
  var captured: Int64
  var times: Classifier.Times
  /// Pictures before it that were not looked at.
  var dropped = 0
  /// How old it was when it came from the camera.
  var captureAge: Int64?
  /// The number of the file that it was saved in.
  var saved: Int?
}

/// Writes answers: a line each, or an object.
struct AnswerWriter: ~Copyable {
  enum Style {
    /// A line each.
    case lines
    /// One line that is written again and again, on a terminal.
    case inPlace
    /// A JSON object each.
    case json
  }

  var text = TextWriter.standardOutput
  let style: Style
  /// A line stands on the terminal that has no end yet.
  private var isLineOpen = false

  init(_ style: Style) { self.style = style }

  /// Nobody reads what is written.
  var failed: Bool { text.failed }

  /// Writes what is left.
  ///
  /// - Throws: Where answers were lost; a pipe's reader who has gone has seen enough.
  mutating func finish() throws(Failure) {
    text.flush()
    let name: StaticString = "standard output"
    if let error = text.error, error != .brokenPipe {
      throw .system(error, name.cString)
    }
  }

  /// Writes an answer.
  ///
  /// - Parameter top: The classes to name, best first.
  mutating func write(
    _ answer: Answer, _ top: UnsafeMutableBufferPointer<Int>, _ classifier: borrowing Classifier
  ) {
    switch style {
    case .json: writeJSON(answer, top, classifier)
    case .lines:
      text.write(answer.source)
      if let position = answer.position {
        text.write(" ")
        text.write(position)
      }
      text.write(":")
      writeClasses(top, classifier, room: Int.max)
      text.write("\n")
    case .inPlace:
      // Back to the line's beginning; what is left of the line before is cleared at the end.
      text.write("\r")
      writeClasses(top, classifier, room: text.columns - 1)
      text.write("\u{1B}[K")
      isLineOpen = true
      text.flush()
    }
  }

  /// Ends a line that is written in place, so that something else can be written.
  mutating func endLine() {
    if isLineOpen { text.write("\n") }
    isLineOpen = false
    text.flush()
  }

  /// Classes with their scores, as many as fit.
  private mutating func writeClasses(
    _ top: UnsafeMutableBufferPointer<Int>, _ classifier: borrowing Classifier, room: Int
  ) {
    var used = 0
    for (position, index) in top.enumerated() {
      // ", ", the label, a space and a number of eight characters.
      used += classifier.model.labelLength(index) + 11
      if position > 0 && used > room { break }
      text.write(position == 0 ? " " : ", ")
      text.write(label: index, of: classifier.model)
      text.write(" ")
      text.write(millionths: classifier.score(index))
    }
  }

  private mutating func writeJSON(
    _ answer: Answer, _ top: UnsafeMutableBufferPointer<Int>, _ classifier: borrowing Classifier
  ) {
    text.write("{\"frame\":")
    text.write(answer.frame)
    text.write(",\"source\":")
    text.write(json: answer.source)
    text.write(",\"captured_us\":")
    text.write(answer.captured)
    text.write(",\"age_us\":")
    text.write(Clock.microseconds - answer.captured)
    text.write(",\"decode_us\":")
    text.write(answer.times.decodeMicroseconds)
    text.write(",\"infer_us\":")
    text.write(answer.times.inferMicroseconds)
    text.write(",\"dropped\":")
    text.write(answer.dropped)
    if let age = answer.captureAge {
      text.write(",\"capture_age_us\":")
      text.write(age)
    }
    if let saved = answer.saved {
      text.write(",\"saved\":\"")
      text.write(FrameSaver.prefix)
      text.write(UInt64(saved), digits: FrameSaver.digits)
      text.write(FrameSaver.suffix)
      text.write("\"")
    }
    text.write(",\"top\":[")
    for (position, index) in top.enumerated() {
      if position > 0 { text.write(",") }
      text.write("{\"index\":")
      text.write(index)
      text.write(",\"label\":")
      text.write(jsonLabel: index, of: classifier.model)
      text.write(",\"score\":")
      text.write(millionths: classifier.score(index))
      text.write("}")
    }
    text.write("]}\n")
  }
}

extension FirmwareModel {
  /// Characters of a class's label, at most; of its index where the model has no labels.
  fileprivate func labelLength(_ index: Int) -> Int {
    if index == Classifier.unknown { return Classifier.unknownLabel.utf8CodeUnitCount }
    return index < labelCount ? label(index).count : 6
  }
}
