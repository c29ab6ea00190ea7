import FirmwareModel
import Platform
import Runtime
import Training

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
    InspectReport(model, plan, instructionSet, threads: threads).writeJSON(&text)
  } else {
    InspectReport(model, plan, instructionSet, threads: threads).writeText(&text, path)
  }
  text.flush()
}

/// A model's facts, for people or for programs.
private struct InspectReport {
  let model: FirmwareModel
  let plan: MemoryPlan
  /// Of fine-tuning as it would be done for `exampleClasses`; nil where the model can't learn.
  let learning: LearningPlan?

  static let exampleClasses = 10

  init(_ model: FirmwareModel, _ plan: MemoryPlan, _ instructionSet: InstructionSet, threads: Int) {
    self.model = model
    self.plan = plan
    learning = InspectReport.learningPlan(model, instructionSet, threads: threads)
  }

  private static func learningPlan(
    _ model: FirmwareModel, _ instructionSet: InstructionSet, threads: Int
  ) -> LearningPlan? {
    guard model.image != nil else { return nil }
    do throws(TrainingError) {
      let trainable = try TrainableModel(model)
      let blocks = trainable.mostBlocks.map { min($0, FinetunePlan.usualBlocks) }
      do throws(InterpreterError) {
        return try trainable.plan(
          blocks: blocks, classes: exampleClasses, options: TrainingOptions(), instructionSet,
          threads: threads)
      } catch { return nil }
    } catch { return nil }
  }

  /// What learning takes.
  private func writeJSON(_ learning: LearningPlan, _ text: inout TextWriter) {
    text.write("{\"classes\":")
    text.write(InspectReport.exampleClasses)
    text.write(",\"blocks\":")
    text.write(learning.blocks ?? -1)
    text.write(",\"patch\":")
    text.write(learning.options.patch)
    text.write(",\"batch\":")
    text.write(learning.options.batch)
    text.write(",\"weights\":")
    text.write(learning.weights)
    text.write(",\"peak_bytes\":")
    text.write(learning.peakBytes)
    text.write(",\"view_bytes\":")
    text.write(learning.entryBytes)
    text.write(",\"forward_macs\":")
    text.write(learning.forwardWork)
    text.write(",\"backward_macs\":")
    text.write(learning.backwardWork)
    text.write("}")
  }

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
    text.write(",\"training\":")
    if let learning { writeJSON(learning, &text) } else { text.write("{}") }
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
    if let learning {
      text.write("  teach   ")
      text.write(learning.peakBytes)
      text.write(" bytes for ")
      text.write(InspectReport.exampleClasses)
      text.write(" classes, ")
      text.write(learning.blocks ?? 0)
      text.write(" blocks, and ")
      text.write(learning.entryBytes)
      text.write(" for each view of a photograph\n")
    }
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
