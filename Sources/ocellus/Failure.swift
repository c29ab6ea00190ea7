import CLinux
import Camera
import FirmwareModel
import Platform
import Runtime

/// Why a command ends early: wrong usage (exit 2) or something that failed (exit 1).
enum Failure: Error, @unchecked Sendable {
  /// Wrong usage: what is wrong, and the argument it is about.
  case usage(StaticString, UnsafePointer<CChar>?)
  /// A required flag is missing.
  case missing(StaticString)
  /// A flag's value does not fit.
  case badValue(StaticString, UnsafePointer<CChar>)
  /// A system call failed on a file.
  case system(SystemError, UnsafePointer<CChar>)
  /// A file is not a model.
  case model(ModelError, UnsafePointer<CChar>)
  /// A camera can't be used.
  case camera(CameraError, UnsafePointer<CChar>)
  /// Something failed: the file, what, and the remedy.
  case failed(UnsafePointer<CChar>, StaticString)
  /// A subject that is not a C string, and what is wrong with it.
  case failedOn([CChar], StaticString)
  /// A system call failed on a file whose path is not a C string.
  case systemOn(SystemError, [CChar])
  /// What is wrong was already said.
  case reported

  /// The exit status.
  var status: Int32 {
    switch self {
    case .usage, .missing, .badValue: 2
    default: 1
    }
  }

  /// Says what went wrong on standard error.
  func report() {
    var text = TextWriter.standardError
    if case .reported = self { return }
    text.write("ocellus: ")
    switch self {
    case .usage(let reason, let argument):
      if let argument {
        text.write(argument)
        text.write(": ")
      }
      text.write(reason)
      text.write("; see ocellus --help")
    case .missing(let flag):
      text.write(flag)
      text.write(" is missing; see ocellus --help")
    case .badValue(let flag, let value):
      text.write(flag)
      text.write(": \"")
      text.write(value)
      text.write("\" is not a value it takes; see ocellus --help")
    case .system(let error, let path):
      text.write(path)
      text.write(": ")
      text.write(error.text)
    case .model(let error, let path):
      text.write(path)
      text.write(": ")
      text.write(error)
      text.write("; compile the model again with this version's ocellusc")
    case .camera(let error, let name):
      text.write(name)
      text.write(": ")
      text.write(error.text)
      if case .system(let error, let step) = error {
        text.write(": ")
        text.write(step.text)
        text.write(": ")
        text.write(error.text)
      }
    case .failed(let path, let reason):
      text.write(path)
      text.write(": ")
      text.write(reason)
    case .failedOn(let path, let reason):
      path.withUnsafeBufferPointer { text.write($0.baseAddress!) }
      text.write(": ")
      text.write(reason)
    case .systemOn(let error, let path):
      path.withUnsafeBufferPointer { text.write($0.baseAddress!) }
      text.write(": ")
      text.write(error.text)
    case .reported: break
    }
    text.write("\n")
    text.flush()
  }
}

extension TextWriter {
  mutating func write(_ error: ModelError) {
    write("at byte ")
    write(error.offset)
    switch error.subject {
    case .header: write(" (header)")
    case .tensor(let index): write(" (tensor ", index)
    case .operator(let index): write(" (operator ", index)
    case .border(let index): write(" (input or output ", index)
    case .labels: write(" (labels)")
    case .image: write(" (image input)")
    case .classMeans: write(" (class means)")
    }
    write(": expected ")
    write(error.expected.text)
    write(", found ")
    write(error.found)
  }

  private mutating func write(_ text: StaticString, _ index: Int) {
    write(text)
    write(index)
    write(")")
  }
}
