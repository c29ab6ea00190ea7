import FirmwareModel

/// A model's operators as a graph, so that parts of it can be written as models of their own.
struct ModelGraph {
  /// An operator with the indices of its tensors in the model.
  struct Node {
    var kind: OperatorKind
    var name: OperatorName
    /// Nil where the operator goes without an input.
    var inputs: [Int?]
    var outputs: [Int]
    var parameters: [Int32]
  }

  let model: FirmwareModel
  let nodes: [Node]
  /// For each tensor the one that an operator writes, or the model is given, and whose bytes it shows: a view, such as
  /// another shape of it, lies at the same place. For constants themselves.
  private let origins: [Int]

  /// - Parameter model: One that an interpreter accepts.
  init(_ model: FirmwareModel) {
    self.model = model
    var nodes: [Node] = []
    for index in 0..<model.operators.count { nodes.append(Node(model, index)) }
    self.nodes = nodes
    origins = ModelGraph.origins(model, nodes)
  }

  private static func origins(_ model: FirmwareModel, _ nodes: [Node]) -> [Int] {
    var origins = Array(0..<model.tensors.count)
    /// What was written last, latest last.
    var written = model.inputs
    func resolve(_ tensor: Int) {
      let view = model.tensors[tensor]
      guard view.storage == .arena else { return }
      for candidate in written.reversed() {
        if candidate == tensor { break }
        let other = model.tensors[candidate]
        if other.storage == .arena && other.offset == view.offset && other.byteCount == view.byteCount {
          origins[tensor] = candidate
          break
        }
      }
    }
    for node in nodes {
      for input in node.inputs { if let input { resolve(input) } }
      written += node.outputs
    }
    for output in model.outputs { resolve(output) }
    return origins
  }

  func origin(_ tensor: Int) -> Int { origins[tensor] }

  func isConstant(_ tensor: Int) -> Bool { model.tensors[tensor].storage == .constant }

  /// The activations that operators from `cut` on, or the model's caller, read of those that are there before them: each
  /// as the tensor that was written.
  func crossing(_ cut: Int) -> [Int] {
    var before = model.inputs
    for node in nodes[..<cut] { before += node.outputs }
    var crossing: [Int] = []
    func use(_ tensor: Int) {
      let origin = origins[tensor]
      if !isConstant(origin) && before.contains(origin) && !crossing.contains(origin) {
        crossing.append(origin)
      }
    }
    for node in nodes[cut...] { for input in node.inputs { if let input { use(input) } } }
    for output in model.outputs { use(output) }
    return crossing
  }

  /// Where the model can be cut in two: the operators that begin a second part which needs a single tensor of the first.
  var cuts: [Int] {
    var cuts: [Int] = []
    for cut in 1..<max(nodes.count, 1) {
      let crossing = crossing(cut)
      if crossing.count == 1 && model.tensors[crossing[0]].storage == .arena { cuts.append(cut) }
    }
    return cuts
  }
}

extension ModelGraph.Node {
  fileprivate init(_ model: FirmwareModel, _ index: Int) {
    kind = model.operators[index].kind
    name = model.operators[index].name
    inputs = model.inputs(of: index)
    outputs = model.outputs(of: index)
    parameters = model.parameters(of: index)
  }

  /// Which input is the table that the operator applies to its output, and how many it takes with it.
  private var tableSlot: Int? {
    switch kind {
    case .convolution, .depthwiseConvolution, .transposeConvolution: 5
    case .fullyConnected: 4
    case .elementwise: 2
    default: nil
    }
  }

  /// The table that the operator applies to its output.
  var table: Int? { tableSlot.flatMap { $0 < inputs.count ? inputs[$0] : nil } }

  /// The same without its table.
  func withoutTable() -> ModelGraph.Node {
    var node = self
    if let tableSlot { node.inputs[tableSlot] = nil }
    return node
  }

  /// The zero point of what an operator with a table hands to it: the third parameter from the last.
  var outputZeroPoint: Int32 { parameters[parameters.count - 3] }
}
