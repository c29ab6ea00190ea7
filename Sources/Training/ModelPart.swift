import FirmwareModel
import FixedPoint
import Kernels

/// A part of a model, written as a model of its own.
///
/// The first part, which stays as it is, runs once for each photograph; what crosses the cut is kept. The second part is
/// what learns. There each tensor has memory of its own, so that all are there when the errors come back, and a table
/// that an operator applies to its output is an operator itself: its derivative is looked up with what goes into it.
struct ModelPart {
  let graph: ModelGraph
  var writer = FirmwareModelWriter()
  /// The part's tensors by the model's.
  private var added: [Int?]
  /// The next tensor's place, where each has its own; nil where they lie as in the model.
  private var nextOffset: Int?

  init(_ graph: ModelGraph, separate: Bool) {
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

  /// The operators from a cut on, computing what they compute in the model.
  static func second(_ graph: ModelGraph, cut: Int) -> [UInt8]? {
    var part = ModelPart(graph, separate: true)
    for tensor in graph.crossing(cut) { part.writer.inputs.append(part.add(tensor)) }
    for node in graph.nodes[cut...] { part.addWithTable(node, isTrained: false) }
    for output in graph.model.outputs { part.writer.outputs.append(part.add(output)) }
    part.writer.arenaBytes = part.nextOffset!
    return part.writer.file()
  }

  /// The operators from a cut up to the features, as they are trained: layers that learn have weights without zero point
  /// (see `SymmetricWeights`) and biases, all in constants of their own, and fully connected ones are convolutions of one
  /// pixel.
  ///
  /// - Parameter isSymmetric: False leaves all as it is.
  static func tail(_ path: ErrorPath, cut: Int, isSymmetric: Bool = true) -> [UInt8]? {
    var part = ModelPart(path.graph, separate: true)
    for tensor in path.graph.crossing(cut) { part.writer.inputs.append(part.add(tensor)) }
    for index in cut..<path.end {
      part.addWithTable(path.graph.nodes[index], isTrained: isSymmetric && path.passages[index] == .weights)
    }
    part.writer.outputs = [part.add(path.features)]
    part.writer.arenaBytes = part.nextOffset!
    return part.writer.file()
  }

  /// The part's tensor for one of the model's, added if it is not there yet.
  mutating func add(_ index: Int) -> Int {
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

  mutating func add(_ node: ModelGraph.Node) { add(node, add(node.outputs[0])) }

  /// An operator, with what it writes first.
  private mutating func add(_ node: ModelGraph.Node, _ output: Int) {
    var inputs: [Int?] = []
    for input in node.inputs { inputs.append(input.map { add($0) }) }
    var outputs = [output]
    for output in node.outputs.dropFirst() { outputs.append(add(output)) }
    writer.add(node.kind, name: node.name, inputs: inputs, outputs: outputs, parameters: node.parameters)
  }

  /// An operator, and as another one the table that it applies to its output.
  private mutating func addWithTable(_ node: ModelGraph.Node, isTrained: Bool) {
    let output = node.table == nil ? add(node.outputs[0]) : addInner(node)
    let plain = node.withoutTable()
    if isTrained {
      add(plain, WeightedLayer(graph, plain), output)
    } else {
      add(plain, output)
    }
    if let table = node.table {
      writer.add(
        .table, name: node.name, inputs: [output, add(table)], outputs: [add(node.outputs[0])], parameters: []
      )
    }
  }

  /// What an operator with a table hands to it.
  private mutating func addInner(_ node: ModelGraph.Node) -> Int {
    var tensor = graph.model.tensors[node.outputs[0]]
    tensor.storage = .arena
    tensor.border = .stored
    tensor.offset = place(tensor.byteCount)
    tensor.zeroPoint = node.outputZeroPoint
    tensor.scale = graph.innerScale(node)
    return writer.add(tensor)
  }

  /// A layer that learns.
  private mutating func add(_ node: ModelGraph.Node, _ layer: WeightedLayer, _ output: Int) {
    let constants = LayerConstants(layer, in: &writer)
    var input = add(node.inputs[0]!)
    var output = output
    if node.kind == .fullyConnected {
      input = addPixels(input, channels: layer.shape[3])
      output = addPixels(output, channels: layer.shape[0])
    }
    writer.add(
      layer.kind, name: node.name, inputs: [input] + constants.inputs + [nil], outputs: [output],
      parameters: layer.parameters(node))
  }

  /// A tensor's rows as an image of one column each: a view.
  mutating func addPixels(_ index: Int, channels: Int) -> Int {
    var view = writer.tensors[index]
    view.shape = Shape([1, view.shape.count / channels, 1, channels])
    view.border = .stored
    return writer.add(view)
  }
}

/// A layer's weights, biases and multipliers as constants of their own.
struct LayerConstants {
  /// In the order of a convolution's inputs.
  let inputs: [Int?]

  init(_ layer: WeightedLayer, in writer: inout FirmwareModelWriter) {
    let symmetric = layer.symmetric()
    var words: [Int32] = []
    for scale in symmetric.scales { words += [scale.mantissa, scale.exponent] }
    let scales = writer.addConstant(words, shape: Shape([symmetric.scales.count, 2]))
    let weights = writer.addConstant(
      Tensor(type: .int8, storage: .constant, shape: layer.shape, channelScales: scales),
      bytes: layer.bytes(symmetric.weights), isShared: false)
    var (mantissas, exponents): ([Int32], [Int32]) = ([], [])
    for multiplier in symmetric.multipliers {
      mantissas.append(multiplier.mantissa)
      exponents.append(multiplier.exponent)
    }
    inputs = [
      weights, writer.addConstant(symmetric.biases, isShared: false), writer.addConstant(mantissas),
      writer.addConstant(exponents),
    ]
  }
}

extension ModelGraph {
  /// The scale of what an operator with a table hands to it. It is not kept in the file; the operator's multipliers imply
  /// it.
  fileprivate func innerScale(_ node: Node) -> Scale {
    if node.kind == .transposeConvolution { return .none }
    guard node.kind == .elementwise else { return WeightedLayer(self, node.withoutTable()).outputScale() }
    let first = model.tensors[node.inputs[0]!].scale
    let second = model.tensors[node.inputs[1]!].scale
    func multiplier(_ position: Int) -> Scale {
      Scale(
        QuantizedMultiplier(
          mantissa: node.parameters[1 + 2 * position], exponent: node.parameters[2 + 2 * position]))
    }
    switch Elementwise.Function(rawValue: Int(node.parameters[0])) {
    case .multiply: return first * second / multiplier(2)
    // The first operand's scale is its multiplier times a common one, of which the sum has 20 fraction bits.
    case .add, .subtract:
      return first / multiplier(0) / multiplier(2) * Scale(mantissa: 1, exponent: -20)
    default: return .none
    }
  }
}
