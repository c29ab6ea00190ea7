import CLinux
import FirmwareModel
import Kernels
import Platform
import Runtime

/// A model file that is mapped, checked and ready to run.
final class LoadedModel {
  let path: UnsafePointer<CChar>
  private let file: MappedFile
  let instructionSet: InstructionSet
  let interpreter: Interpreter
  private let start: Int64
  /// Mapping, checking and packing, once `finishLoading` has been called.
  private(set) var loadMicroseconds: Int64 = 0

  /// Opens the model that the arguments name, with the threads and kernels that they ask for.
  init(_ arguments: Arguments) throws(Failure) {
    start = Clock.microseconds
    let path = try arguments.required("--model")
    let threads = try arguments.integer("--threads", 1...64, default: 1)
    let instructionSet = try LoadedModel.instructionSet(arguments)
    let file = try LoadedModel.map(path, isReadAtOnce: true)
    let model = try LoadedModel.read(file.bytes, path)
    interpreter = try LoadedModel.interpreter(model, instructionSet, threads, path)
    self.path = path
    self.instructionSet = instructionSet
    self.file = file
  }

  /// Waits until the weights are packed, too.
  func finishLoading() {
    interpreter.waitUntilPacked()
    loadMicroseconds = Clock.microseconds - start
  }

  deinit {
    // Packing reads the file.
    interpreter.waitUntilPacked()
  }

  private static func interpreter(
    _ model: FirmwareModel, _ instructionSet: InstructionSet, _ threads: Int,
    _ path: UnsafePointer<CChar>
  ) throws(Failure) -> Interpreter {
    guard let kernels = instructionSet.kernels else {
      throw .failed(path, "this processor has no such kernels; leave --kernels out")
    }
    do { return try Interpreter(model, kernels: kernels, threads: threads) } catch {
      throw Failure(error, path)
    }
  }

  var model: FirmwareModel { interpreter.model }

  static func map(
    _ path: UnsafePointer<CChar>, isReadAtOnce: Bool = false
  ) throws(Failure) -> MappedFile {
    do { return try MappedFile(path: path, isReadAtOnce: isReadAtOnce) } catch { throw .system(error, path) }
  }

  static func read(
    _ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>
  ) throws(Failure) -> FirmwareModel {
    do { return try FirmwareModel(reading: bytes) } catch { throw .model(error, path) }
  }

  /// The instruction set of `--kernels`, or the best one.
  static func instructionSet(_ arguments: Arguments) throws(Failure) -> InstructionSet {
    guard let text = arguments.value("--kernels"), !isText(text, "auto") else { return .best }
    for set in InstructionSet.allCases where isText(text, set.name) {
      guard set.kernels != nil else {
        throw .failed(text, "this processor or this build has no such kernels; use --kernels auto")
      }
      return set
    }
    throw .badValue("--kernels", text)
  }
}

extension Failure {
  init(_ error: InterpreterError, _ path: UnsafePointer<CChar>) {
    switch error {
    case .model(let error): self = .model(error, path)
    case .tooLarge: self = .failed(path, "the model needs more than 2 GiB of memory")
    case .system(let error): self = .system(error, path)
    }
  }
}
