import FirmwareModel
import Kernels
import Platform
import Runtime

/// A model's bytes at an address that the reader accepts.
public final class AlignedBytes {
  public let bytes: UnsafeRawBufferPointer

  public init(_ source: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 64)
    memory.copyBytes(from: source)
    bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: source.count)
  }

  deinit { UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate() }
}

/// Why a model did not run.
public enum RunError: Error {
  case model(ModelError)
  case interpreter(InterpreterError)
}

/// Runs a compiled model on tensors as its source shows them (uint8 is uint8), once for each input.
public func runModel(
  _ file: AlignedBytes, input: [UInt8], kernels: KernelTable, threads: Int = 1
) throws(RunError) -> [UInt8] {
  let model: FirmwareModel
  do { model = try FirmwareModel(reading: file.bytes) } catch { throw .model(error) }
  let interpreter: Interpreter
  do { interpreter = try Interpreter(model, kernels: kernels, threads: threads) } catch {
    throw .interpreter(error)
  }
  var output: [UInt8] = []
  var start = 0
  repeat {
    let end = min(start + interpreter.inputBytes, input.count)
    output += interpreter.infer(Array(input[start..<end]))
    start = end
  } while start < input.count
  return output
}

extension Interpreter {
  /// The size of all inputs.
  var inputBytes: Int {
    var count = 0
    for index in model.inputs.indices { count += input(index).count }
    return max(count, 1)
  }

  /// One inference on the concatenated inputs; the concatenated outputs.
  public func infer(_ input: [UInt8]) -> [UInt8] {
    var offset = 0
    for index in model.inputs.indices {
      let flip: UInt8 = model.tensors[model.inputs[index]].border.isUnsigned ? 0x80 : 0
      let buffer = self.input(index)
      for position in 0..<buffer.count where offset + position < input.count {
        buffer[position] = input[offset + position] ^ flip
      }
      offset += buffer.count
    }
    run()
    return model.outputs.indices.flatMap { index in
      let flip: UInt8 = model.tensors[model.outputs[index]].border.isUnsigned ? 0x80 : 0
      return output(index).map { $0 ^ flip }
    }
  }
}
