import FirmwareModel
import FixedPoint

/// A part of a model, written as a model of its own.
///
/// The first part, which stays as it is, runs once for each photograph; what crosses the cut is kept. The second part is
/// what learns. There each tensor has memory of its own, so that all are there when the errors come back, and a table
/// that an operator applies to its output is an operator itself: its derivative is looked up with what goes into it.
struct ModelPart {
  private let graph: ModelGraph
  private var writer = FirmwareModelWriter()
  /// The part's tensors by the model's.
  private var added: [Int?]
  /// The next tensor's place, where each has its own; nil where they lie as in the model.
  private var nextOffset: Int?

  private init(_ graph: ModelGraph, separate: Bool) {
    self.graph = graph
    added = Array(repeating: nil, count: graph.model.tensors.count)
    nextOffset = separate ? 0 : nil
  }

  /// The operators before a cut: the file's bytes, or nil where they would be too many.
  static func first(_ graph: ModelGraph, cut: Int) -> [UInt8]? {
    var part = ModelPart(graph, separate: false)
    part.writer.image = graph.model.image
    for input in graph.model.inputs { part.writer.inputs.append(part.add(input)) }
    for node in graph.nodes[..<cut] { part.add(node) }
    for tensor in graph.crossing(cut) { part.writer.outputs.append(part.add(tensor)) }
    part.writer.arenaBytes = graph.model.arenaBytes
    return part.writer.file()
  }

  /// The operators from a cut on.
  ///
  /// - Parameter isSymmetric: Weights that have a zero point are rewritten without (see `SymmetricWeights`), and fully
  ///   connected layers as convolutions of one pixel: that is what can be trained.
  static func second(_ graph: ModelGraph, cut: Int, isSymmetric: Bool) -> [UInt8]? {
    var part = ModelPart(graph, separate: true)
    for tensor in graph.crossing(cut) { part.writer.inputs.append(part.add(tensor)) }
    for node in graph.nodes[cut...] {
      let plain = node.withoutTable()
      let output = node.table == nil ? part.add(node.outputs[0]) : part.addInner(node)
      if isSymmetric, let layer = WeightedLayer(graph, plain) {
        part.add(plain, layer, output)
      } else {
        part.add(plain, output)
      }
      if let table = node.table {
        part.writer.add(
          .table, name: node.name, inputs: [output, part.add(table)], outputs: [part.add(node.outputs[0])],
          parameters: [])
      }
    }
    for output in graph.model.outputs { part.writer.outputs.append(part.add(output)) }
    part.writer.arenaBytes = part.nextOffset!
    return part.writer.file()
  }

  /// The part's tensor for one of the model's, added if it is not there yet.
  private mutating func add(_ index: Int) -> Int {
    if let known = added[index] { return known }
    var tensor = graph.model.tensors[index]
    if let scales = tensor.channelScales { tensor.channelScales = add(scales) }
    let result: Int
    if tensor.storage == .constant {
      let bytes = UnsafeRawBufferPointer(start: graph.model.constant(index), count: tensor.byteCount)
      result = writer.addConstant(tensor, bytes: Array(bytes))
    } else {
      let origin = graph.origin(index)
      if nextOffset != nil {
        tensor.storage = .arena
        tensor.offset = origin == index ? place(tensor.byteCount) : writer.tensors[add(origin)].offset
      }
      result = writer.add(tensor)
    }
    added[index] = result
    return result
  }

  /// Memory of its own for a tensor.
  private mutating func place(_ bytes: Int) -> Int {
    let offset = nextOffset!
    nextOffset = offset + Layout.aligned(bytes)
    return offset
  }

  private mutating func add(_ node: ModelGraph.Node) { add(node, add(node.outputs[0])) }

  /// An operator, with what it writes first.
  private mutating func add(_ node: ModelGraph.Node, _ output: Int) {
    var inputs: [Int?] = []
    for input in node.inputs { inputs.append(input.map { add($0) }) }
    var outputs = [output]
    for output in node.outputs.dropFirst() { outputs.append(add(output)) }
    writer.add(node.kind, name: node.name, inputs: inputs, outputs: outputs, parameters: node.parameters)
  }

  /// What an operator with a table hands to it.
  private mutating func addInner(_ node: ModelGraph.Node) -> Int {
    var tensor = graph.model.tensors[node.outputs[0]]
    tensor.storage = .arena
    tensor.border = .stored
    tensor.offset = place(tensor.byteCount)
    tensor.zeroPoint = node.outputZeroPoint
    // Its scale is not kept in the file; the operator's multipliers imply it.
    tensor.scale = .none
    return writer.add(tensor)
  }

  /// A layer with symmetric weights.
  private mutating func add(_ node: ModelGraph.Node, _ layer: WeightedLayer, _ output: Int) {
    let symmetric = layer.symmetric()
    var words: [Int32] = []
    for scale in symmetric.scales { words += [scale.mantissa, scale.exponent] }
    let scales = writer.addConstant(words, shape: Shape([symmetric.scales.count, 2]))
    let weights = writer.addConstant(
      Tensor(type: .int8, storage: .constant, shape: layer.shape, channelScales: scales),
      bytes: layer.bytes(symmetric.weights))
    var (mantissas, exponents): ([Int32], [Int32]) = ([], [])
    for multiplier in symmetric.multipliers {
      mantissas.append(multiplier.mantissa)
      exponents.append(multiplier.exponent)
    }
    var input = add(node.inputs[0]!)
    var output = output
    if node.kind == .fullyConnected {
      input = addPixels(input, channels: layer.shape[3])
      output = addPixels(output, channels: layer.shape[0])
    }
    writer.add(
      layer.kind, name: node.name,
      inputs: [
        input, weights, writer.addConstant(symmetric.biases), writer.addConstant(mantissas),
        writer.addConstant(exponents), nil,
      ], outputs: [output], parameters: layer.parameters(node))
  }

  /// A tensor's rows as an image of one column each: a view.
  private mutating func addPixels(_ index: Int, channels: Int) -> Int {
    var view = writer.tensors[index]
    view.shape = Shape([1, view.shape.count / channels, 1, channels])
    view.border = .stored
    return writer.add(view)
  }
}
