import FirmwareModel
import Platform
import Runtime

/// `ocellus run`: one inference on raw tensors, in the type and layout of the source model's border.
func runCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list,
    known: [
      .init("--model"), .init("--input"), .init("--output"), .init("--threads"), .init("--kernels"),
    ])
  if let operand = arguments.operands.first { throw .usage("unexpected argument", operand) }
  let inputPath = try arguments.required("--input")
  let outputPath = try arguments.required("--output")
  let loaded = try LoadedModel(arguments)
  let interpreter = loaded.interpreter
  var expected = 0
  for index in interpreter.model.inputs.indices { expected += interpreter.input(index).count }
  var bytes: [UInt8]
  do { bytes = try File.read(inputPath, limit: expected) } catch {
    if error.code == 27 { throw wrongSize(inputPath, expected) }
    throw .system(error, inputPath)
  }
  guard bytes.count == expected else { throw wrongSize(inputPath, expected) }
  var offset = 0
  for index in interpreter.model.inputs.indices {
    let target = interpreter.input(index)
    let isUnsigned = interpreter.model.tensors[interpreter.model.inputs[index]].border.isUnsigned
    for position in 0..<target.count {
      target[position] = bytes[offset + position] ^ (isUnsigned ? 0x80 : 0)
    }
    offset += target.count
  }
  interpreter.run()
  bytes.removeAll(keepingCapacity: true)
  for index in interpreter.model.outputs.indices {
    let isUnsigned = interpreter.model.tensors[interpreter.model.outputs[index]].border.isUnsigned
    for byte in interpreter.output(index) { bytes.append(byte ^ (isUnsigned ? 0x80 : 0)) }
  }
  do { try File.write(bytes, to: outputPath) } catch { throw .system(error, outputPath) }
}

/// Says how many bytes the inputs have.
private func wrongSize(_ path: UnsafePointer<CChar>, _ expected: Int) -> Failure {
  var text = TextWriter.standardError
  text.write("ocellus: ")
  text.write(path)
  text.write(": the model's inputs take exactly ")
  text.write(expected)
  text.write(" bytes; ocellus inspect shows their shapes and types\n")
  text.flush()
  return .reported
}
