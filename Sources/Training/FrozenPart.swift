import FirmwareModel
import Kernels
import Platform
import Runtime

/// The part of a network that stays as it is, with memory of its own.
public final class FrozenPart {
  private let bytes: Pages
  private let interpreter: Interpreter

  /// - Parameter file: As `TrainableModel.frozenPart` gives it.
  public init(_ file: [UInt8], kernels: KernelTable, threads: Int) throws(InterpreterError) {
    let bytes = try Learner.copy(file)
    interpreter = try Interpreter(
      try Learner.read(bytes.address, file.count), kernels: kernels, threads: threads)
    self.bytes = bytes
  }

  deinit { interpreter.waitUntilPacked() }

  /// The network's input, to be written before `run`.
  public var input: UnsafeMutableRawBufferPointer { interpreter.input(0) }

  /// - Returns: What crosses to the part that learns.
  public func run() -> UnsafeRawBufferPointer {
    interpreter.run()
    return interpreter.output(0)
  }
}
