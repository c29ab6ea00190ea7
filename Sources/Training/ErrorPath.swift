import FirmwareModel
import Kernels

/// How errors go back through an operator.
enum Passage: Equatable {
  /// A layer with weights, which learns.
  case weights
  /// A function of one variable.
  case table
  /// A sum of two maps: both get the error.
  case sum
  /// A map times a gate for each channel: the inputs' positions. The gate counts as a constant.
  case product(map: Int, gate: Int)
  /// A mean over the whole map.
  case mean
  /// Values as they are.
  case same
}

/// The operators that errors pass on their way back from a network's features: what can learn.
///
/// Features are what the classes are told apart by: what goes into the last fully connected layer of a classifier, or
/// what a network without one gives.
struct ErrorPath {
  let graph: ModelGraph
  /// The tensor of the features, as it was written.
  let features: Int
  /// Operators from here on make classes of the features.
  let end: Int
  /// For each operator before `end` how errors pass it; nil where none come.
  private(set) var passages: [Passage?]
  /// No operator before this one can learn: errors would have to pass one that they can't.
  private(set) var start = 0
  /// The layer that makes classes of the features; nil where the network has none.
  let classifier: Int?

  /// Nil where the model's first output is nothing that classes could be made of: a single row of int8.
  init?(_ graph: ModelGraph) {
    var tensor = graph.origin(graph.model.outputs[0])
    guard graph.model.tensors[tensor].type == .int8 else { return nil }
    // Probabilities and reshapes at the end.
    while let node = graph.producer(of: tensor), graph.isMonotonic(node) {
      tensor = graph.origin(graph.nodes[node].inputs[0]!)
    }
    var classifier: Int?
    if let node = graph.producer(of: tensor), graph.isClassifier(node) {
      classifier = node
      tensor = graph.origin(graph.nodes[node].inputs[0]!)
    }
    self.init(graph, features: tensor, classifier: classifier)
  }

  /// The path from a tensor that is known to hold features.
  init?(_ graph: ModelGraph, features: Int, classifier: Int? = nil) {
    let tensor = graph.origin(features)
    guard graph.model.tensors[tensor].type == .int8, graph.pixels(tensor) == 1 else { return nil }
    self.graph = graph
    self.classifier = classifier
    self.features = tensor
    end = graph.producer(of: tensor).map { $0 + 1 } ?? 0
    passages = Array(repeating: nil, count: end)
    findPassages()
  }

  private mutating func findPassages() {
    var wanted = [Bool](repeating: false, count: graph.model.tensors.count)
    wanted[features] = true
    for index in (0..<end).reversed() where wanted[graph.nodes[index].outputs[0]] {
      guard let passage = graph.passage(index) else {
        start = index + 1
        return
      }
      passages[index] = passage
      for input in graph.errorInputs(index, passage) {
        let origin = graph.origin(input)
        guard graph.keepsChannels(from: origin, to: input) else {
          passages[index] = nil
          start = index + 1
          return
        }
        wanted[origin] = true
      }
    }
  }

  /// The first operators of the tails that have 0, 1, 2… blocks and what comes after them; without any, only the classes
  /// can be learned.
  ///
  /// A block is what lies around a convolution that mixes pixels. Between two of those, the network is cut where the
  /// fewest bytes cross, which photographs will be kept as; where equally few cross, as late as possible. Two in one
  /// residual unit, where no single tensor crosses, are one block.
  func cuts() -> [Int] {
    var mixers: [Int] = []
    var last = end
    for index in start..<end {
      if passages[index] == .mean { last = index }
      if passages[index] == .weights && graph.mixesPixels(index) { mixers.append(index) }
    }
    let all = graph.cuts.filter { $0 >= start && $0 < end }
    var cuts: [Int] = []
    for mixer in mixers.reversed() + [start - 1] {
      var best: (cut: Int, bytes: Int)?
      for cut in all where cut > mixer && cut <= last && passages[cut..<end].contains(.weights) {
        let bytes = graph.model.tensors[graph.crossing(cut)[0]].byteCount
        if best == nil || bytes <= best!.bytes { best = (cut, bytes) }
      }
      last = mixer
      if let best { cuts.append(best.cut) }
    }
    return cuts
  }
}

extension ModelGraph {
  /// The operator that writes a tensor; nil for the model's inputs.
  func producer(of tensor: Int) -> Int? {
    for index in nodes.indices where nodes[index].outputs.contains(tensor) { return index }
    return nil
  }

  /// A tensor's elements for each channel: pixels of all images.
  func pixels(_ tensor: Int) -> Int {
    let shape = model.tensors[tensor].shape
    return shape.rank == 0 ? 1 : shape.count / shape[shape.rank - 1]
  }

  /// Whether a view has its tensor's channels, so that errors of the one are errors of the other.
  fileprivate func keepsChannels(from origin: Int, to view: Int) -> Bool { pixels(origin) == pixels(view) }

  /// Whether an operator changes nothing about which output is the largest.
  fileprivate func isMonotonic(_ index: Int) -> Bool {
    let node = nodes[index]
    if node.kind == .softmax { return true }
    return node.kind == .table && node.name == .logistic
  }

  /// Whether an operator makes classes of features: a layer on one pixel, whose output is not bounded.
  fileprivate func isClassifier(_ index: Int) -> Bool {
    let node = nodes[index]
    guard node.kind == .fullyConnected || node.kind == .convolution, node.table == nil,
      let input = node.inputs[0], pixels(input) == 1, pixels(node.outputs[0]) == 1
    else { return false }
    return node.kind == .fullyConnected || node.parameters[6] == 1
  }

  /// How errors pass an operator; nil where they can't.
  fileprivate func passage(_ index: Int) -> Passage? {
    let node = nodes[index]
    let output = model.tensors[node.outputs[0]].shape
    switch node.kind {
    case .convolution:
      return output.rank == 4 && output[0] == 1 ? .weights : nil
    case .depthwiseConvolution:
      guard output.rank == 4, output[0] == 1, let input = node.inputs[0] else { return nil }
      return model.tensors[input].shape[3] == output[3] ? .weights : nil
    case .fullyConnected: return .weights
    case .table: return .table
    case .elementwise: return elementwisePassage(node, output)
    case .pool: return poolPassage(node, output)
    case .reduce: return reducePassage(node)
    default: return nil
    }
  }

  private func elementwisePassage(_ node: Node, _ output: Shape) -> Passage? {
    guard let first = node.inputs[0], let second = node.inputs[1], !isConstant(first), !isConstant(second)
    else { return nil }
    let (a, b) = (model.tensors[first].shape, model.tensors[second].shape)
    switch Elementwise.Function(rawValue: Int(node.parameters[0])) {
    case .add: return a == output && b == output ? .sum : nil
    case .multiply:
      let channels = output.rank == 0 ? 1 : output[output.rank - 1]
      func isGate(_ shape: Shape) -> Bool {
        shape.count == channels && shape.rank > 0 && shape[shape.rank - 1] == channels
      }
      if a == output && isGate(b) { return .product(map: 0, gate: 1) }
      return b == output && isGate(a) ? .product(map: 1, gate: 0) : nil
    default: return nil
    }
  }

  private func poolPassage(_ node: Node, _ output: Shape) -> Passage? {
    guard node.parameters[0] != 1, let input = node.inputs[0], output[0] == 1 else { return nil }
    let shape = model.tensors[input].shape
    if output[1] == 1 && output[2] == 1 && node.parameters[1] == Int32(shape[1])
      && node.parameters[2] == Int32(shape[2])
    {
      return shape[1] * shape[2] == 1 ? .same : .mean
    }
    return node.parameters[1] == 1 && node.parameters[2] == 1 && shape == output ? .same : nil
  }

  private func reducePassage(_ node: Node) -> Passage? {
    guard let input = node.inputs[0] else { return nil }
    let shape = model.tensors[input].shape
    guard shape.rank == 4, shape[0] == 1, node.parameters[0] == 0, node.parameters[1] == 1,
      node.parameters[2] == 1, node.parameters[3] == 0
    else { return nil }
    // A sum has the same errors but for a factor, which does not cancel everywhere.
    return node.name == .mean ? (shape[1] * shape[2] == 1 ? .same : .mean) : nil
  }

  /// The inputs that an operator's errors go to.
  func errorInputs(_ index: Int, _ passage: Passage) -> [Int] {
    let inputs = nodes[index].inputs
    switch passage {
    case .sum: return [inputs[0]!, inputs[1]!]
    case .product(let map, _): return [inputs[map]!]
    default: return [inputs[0]!]
    }
  }

  /// Whether an operator's outputs depend on more than the pixel at their own place.
  fileprivate func mixesPixels(_ index: Int) -> Bool {
    let node = nodes[index]
    guard node.kind == .convolution || node.kind == .depthwiseConvolution else { return false }
    let shape = model.tensors[node.inputs[1]!].shape
    return shape[1] * shape[2] > 1 || node.parameters[0] > 1 || node.parameters[1] > 1
  }
}
