import FirmwareModel
import Glibc

/// The file's tensor, which `Graph.Tensor` hides here.
private typealias FileTensor = Tensor

extension Graph {
  /// Writes the graph as a firmware model.
  func emit(image: ImageInput?, labels: [UInt8], provenance: String) throws(CompilerError) -> [UInt8] {
    let plan = MemoryPlan(self)
    var writer = FirmwareModelWriter()
    writer.arenaBytes = plan.arenaBytes
    writer.image = image
    writer.labels = labels
    writer.provenance = Array(provenance.utf8)
    var indices: [Int: Int] = [:]
    func emitted(_ index: Int) -> Int {
      if let known = indices[index] { return known }
      let source = tensors[index]
      var tensor = FileTensor(source, offset: plan.offsets[source.buffer] ?? 0)
      if !source.channelScales.isEmpty {
        let words = source.channelScales.flatMap { [Scale($0).mantissa, Scale($0).exponent] }
        tensor.channelScales = writer.addConstant(words, shape: Shape([words.count / 2, 2]))
      }
      let added = source.constant.map { writer.addConstant(tensor, bytes: $0) } ?? writer.add(tensor)
      indices[index] = added
      return added
    }
    writer.inputs = inputs.map(emitted)
    for step in steps {
      writer.add(
        step.kind, name: step.name, inputs: step.inputs.map { $0.map(emitted) },
        outputs: step.outputs.map(emitted), parameters: step.parameters)
      writer.multiplyAccumulates += step.multiplyAccumulates
    }
    writer.outputs = outputs.map(emitted)
    guard plan.arenaBytes <= Layout.maximumBytes, let file = writer.file() else {
      throw .option("the model needs more than 2 GiB")
    }
    return file
  }
}

extension FileTensor {
  fileprivate init(_ source: Graph.Tensor, offset: Int) {
    self.init(
      type: source.type, storage: source.constant != nil ? .constant : source.isStrip ? .strip : .arena,
      border: source.border,
      shape: Shape(source.shape), offset: offset, zeroPoint: source.zeroPoint,
      scale: source.channelScales.isEmpty ? source.scale.map { Scale($0) } ?? .none : .none)
  }
}

extension Scale {
  /// A single, exactly.
  init(_ value: Float) {
    guard value != 0, value.isFinite else {
      self = .none
      return
    }
    let (fraction, exponent) = frexp(Double(value))
    self.init(mantissa: Int32(fraction * 16_777_216), exponent: Int32(exponent - 24))
  }
}
