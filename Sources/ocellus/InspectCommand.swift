import FirmwareModel
import Platform
import Runtime

/// `ocellus inspect`: what a model takes, gives, computes and needs.
func inspectCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list, known: [.init("--json", takesValue: false), .init("--kernels"), .init("--threads")])
  guard arguments.operands.count == 1, let path = arguments.operands.first else {
    throw .usage("inspect takes one model", arguments.operands.last)
  }
  let file = try LoadedModel.map(path)
  let model = try LoadedModel.read(file.bytes, path)
  let instructionSet = try LoadedModel.instructionSet(arguments)
  let threads = try arguments.integer("--threads", 1...64, default: 1)
  let plan: MemoryPlan
  do { plan = try Interpreter.plan(model, instructionSet, threads: threads) } catch {
    throw Failure(error, path)
  }
  var text = TextWriter.standardOutput
  if arguments.has("--json") {
    InspectReport(model: model, plan: plan).writeJSON(&text)
  } else {
    InspectReport(model: model, plan: plan).writeText(&text, path)
  }
  text.flush()
}

/// A model's facts, for people or for programs.
private struct InspectReport {
  let model: FirmwareModel
  let plan: MemoryPlan

  func writeJSON(_ text: inout TextWriter) {
    text.write("{\"input\":")
    writeTensor(model.inputs[0], &text)
    text.write(",\"inputs\":")
    text.write(list: model.inputs) { index, text in writeTensor(index, &text) }
    text.write(",\"outputs\":")
    text.write(list: model.outputs) { index, text in writeTensor(index, &text) }
    text.write(",\"operators\":")
    text.write(list: model.operators.indices) { index, text in writeOperator(index, &text) }
    text.write(",\"macs\":")
    text.write(model.multiplyAccumulates)
    text.write(",\"arena_bytes\":")
    text.write(plan.arenaBytes)
    text.write(",\"weights_bytes\":")
    text.write(plan.weightsBytes)
    if let image = model.image {
      text.write(",\"image\":{\"width\":")
      text.write(image.width)
      text.write(",\"height\":")
      text.write(image.height)
      text.write(",\"channels\":")
      text.write(image.channels)
      text.write(",\"crop\":\"")
      text.write(image.crop.text)
      text.write("\",\"order\":\"")
      text.write(image.order == .heightWidthChannels ? "NHWC" : "NCHW")
      text.write("\",\"input_range\":")
      image.range.withUnsafeBytes { text.write(json: $0) }
      text.write("}")
    }
    // What fine-tuning would need; nothing here trains yet.
    text.write(",\"training\":{}")
    text.write(",\"labels\":")
    text.write(list: 0..<model.labelCount) { index, text in text.write(json: model.label(index)) }
    text.write(",\"provenance\":")
    text.write(json: model.provenance)
    text.write("}\n")
  }

  private func writeTensor(_ index: Int, _ text: inout TextWriter) {
    let tensor = model.tensors[index]
    text.write("{\"shape\":")
    writeShape(tensor.shape, &text)
    text.write(",\"type\":\"")
    text.write(tensor.borderName)
    text.write("\",\"scale\":")
    text.write(scale: tensor.scale)
    text.write(",\"zero_point\":")
    text.write(tensor.borderZeroPoint)
    text.write(",\"float_border\":")
    text.write(tensor.border.isReal ? "true}" : "false}")
  }

  private func writeShape(_ shape: Shape, _ text: inout TextWriter) {
    text.write(list: 0..<shape.rank) { axis, text in text.write(shape[axis]) }
  }

  private func writeOperator(_ index: Int, _ text: inout TextWriter) {
    let record = model.operators[index]
    text.write("{\"index\":")
    text.write(index)
    text.write(",\"operator\":\"")
    text.write(record.name.text)
    text.write("\",\"bits\":8,\"macs\":")
    text.write(model.multiplyAccumulates(of: index))
    text.write(",\"shape\":")
    writeShape(outputShape(index), &text)
    text.write("}")
  }

  private func outputShape(_ index: Int) -> Shape {
    model.output(of: index).map { model.tensors[$0].shape } ?? Shape()
  }

  func writeText(_ text: inout TextWriter, _ path: UnsafePointer<CChar>) {
    text.write(path)
    text.write("\n")
    for index in model.inputs { writeLine("  input   ", index, &text) }
    for index in model.outputs { writeLine("  output  ", index, &text) }
    if let image = model.image {
      text.write("  image   ")
      text.write(image.width)
      text.write(" × ")
      text.write(image.height)
      text.write(", crop ")
      text.write(image.crop.text)
      text.write(", pixels 0 and 255 are ")
      image.range.withUnsafeBytes { text.write($0) }
      text.write("\n")
    }
    text.write("  labels  ")
    text.write(model.labelCount)
    text.write("\n  work    ")
    text.write(model.multiplyAccumulates)
    text.write(" multiply-accumulates\n  arena   ")
    text.write(plan.arenaBytes)
    text.write(" bytes\n  weights ")
    text.write(plan.weightsBytes)
    text.write(" bytes, packed\n")
    for index in model.operators.indices {
      text.write("  ")
      text.write(index)
      text.write(" ")
      text.write(model.operators[index].name.text)
      text.write(" ")
      writeShape(outputShape(index), &text)
      text.write(" ")
      text.write(model.multiplyAccumulates(of: index))
      text.write("\n")
    }
  }

  private func writeLine(_ name: StaticString, _ index: Int, _ text: inout TextWriter) {
    let tensor = model.tensors[index]
    text.write(name)
    text.write(tensor.borderName)
    text.write(" ")
    writeShape(tensor.shape, &text)
    text.write(", scale ")
    text.write(scale: tensor.scale)
    text.write(", zero point ")
    text.write(tensor.borderZeroPoint)
    text.write(tensor.border.isReal ? ", floating point in the source\n" : "\n")
  }
}

extension Tensor {
  /// The type's name at the source model's border.
  fileprivate var borderName: StaticString {
    switch type {
    case .int8: border.isUnsigned ? "uint8" : "int8"
    case .int32: "int32"
    }
  }

  /// The zero point there.
  fileprivate var borderZeroPoint: Int { Int(zeroPoint) + (border.isUnsigned ? 128 : 0) }
}

extension ImageInput.Crop {
  fileprivate var text: StaticString {
    switch self {
    case .center: "center"
    case .stretch: "stretch"
    case .letterbox: "letterbox"
    }
  }
}
