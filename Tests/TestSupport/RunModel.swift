import FirmwareModel
import Foundation
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

/// Runs a compiled model on tensors as its source shows them: uint8 is uint8.
public func runModel(
  _ file: AlignedBytes, input: [UInt8], kernels: KernelTable, threads: Int = 1
) throws -> [UInt8] {
  let model = try FirmwareModel(reading: file.bytes)
  let interpreter = try Interpreter(model, kernels: kernels, threads: threads)
  return interpreter.infer(input)
}

extension Interpreter {
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
