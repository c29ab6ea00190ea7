import FirmwareModel

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
  static func second(_ graph: ModelGraph, cut: Int) -> [UInt8]? {
    var part = ModelPart(graph, separate: true)
    for tensor in graph.crossing(cut) { part.writer.inputs.append(part.add(tensor)) }
    for node in graph.nodes[cut...] {
      if let table = node.table { part.add(node, table: table) } else { part.add(node) }
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

  private mutating func add(_ node: ModelGraph.Node) {
    var inputs: [Int?] = []
    for input in node.inputs { inputs.append(input.map { add($0) }) }
    var outputs: [Int] = []
    for output in node.outputs { outputs.append(add(output)) }
    writer.add(node.kind, name: node.name, inputs: inputs, outputs: outputs, parameters: node.parameters)
  }

  /// An operator and then its table.
  private mutating func add(_ node: ModelGraph.Node, table: Int) {
    let output = node.outputs[0]
    let plain = node.withoutTable()
    var inputs: [Int?] = []
    for input in plain.inputs { inputs.append(input.map { add($0) }) }
    var between = graph.model.tensors[output]
    between.storage = .arena
    between.offset = place(between.byteCount)
    between.zeroPoint = node.outputZeroPoint
    // Its scale is not kept in the file; the operator's multipliers imply it.
    between.scale = .none
    let tensor = writer.add(between)
    writer.add(node.kind, name: node.name, inputs: inputs, outputs: [tensor], parameters: plain.parameters)
    writer.add(.table, name: node.name, inputs: [tensor, add(table)], outputs: [add(output)], parameters: [])
  }
}
