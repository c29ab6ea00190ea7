import FirmwareModel
import Kernels

/// Writes the backward pass of a tail down, from its features to its input.
struct TailBuilder {
  private let path: ErrorPath
  private let graph: ModelGraph
  private let patch: Int
  /// How each tensor's map is cut, for those that errors come to.
  private var grids: [PatchGrid?]
  /// Whether something before a tensor learns.
  private var learns: [Bool]
  /// Where each tensor's errors are, once they are complete or in part.
  private var errors: [Int?]
  private var layerNumbers: [Int?]

  private(set) var layers: [TailNetwork.Layer] = []
  private(set) var activations: [TailNetwork.Activation] = []
  private(set) var gates: [TailNetwork.Gate] = []
  private(set) var means: [TailNetwork.Mean] = []
  private(set) var program: [TailNetwork.Instruction] = []
  private(set) var rooms = ErrorRooms()
  private(set) var featureRoom: Int?

  init(_ path: ErrorPath, patch: Int) {
    self.path = path
    self.patch = patch
    graph = path.graph
    grids = Array(repeating: nil, count: graph.model.tensors.count)
    learns = Array(repeating: false, count: graph.model.tensors.count)
    errors = Array(repeating: nil, count: graph.model.tensors.count)
    layerNumbers = Array(repeating: nil, count: graph.nodes.count)
  }

  private func output(_ index: Int) -> Int { graph.origin(graph.nodes[index].outputs[0]) }
  private func channels(_ tensor: Int) -> Int {
    graph.model.tensors[tensor].shape.extent(fromLast: 1)
  }

  /// Finds how maps are cut. False where one would have to be in two ways.
  mutating func findGrids() -> Bool {
    grids[path.features] = PatchGrid(height: 1, width: 1, patch: 1)
    for index in (0..<path.end).reversed() {
      guard let passage = path.passages[index], let grid = grids[output(index)] else { continue }
      var inputGrid = grid
      switch passage {
      case .weights:
        inputGrid = ConvolutionBackward.inputGrid(of: graph.shape(index), outputGrid: grid)
      case .mean:
        let shape = graph.model.tensors[graph.nodes[index].inputs[0]!].shape
        inputGrid = PatchGrid(height: shape[1], width: shape[2], patch: patch)
      default: break
      }
      for input in graph.errorInputs(index, passage) {
        let origin = graph.origin(input)
        if let known = grids[origin], known != inputGrid { return false }
        grids[origin] = inputGrid
      }
    }
    return true
  }

  mutating func build() {
    for index in 0..<path.end {
      guard let passage = path.passages[index] else { continue }
      var isLearning = passage == .weights
      for input in graph.errorInputs(index, passage) where learns[graph.origin(input)] { isLearning = true }
      learns[output(index)] = isLearning
      if passage == .weights {
        layerNumbers[index] = layers.count
        layers.append(
          TailNetwork.Layer(
            index: index, input: graph.nodes[index].inputs[0]!, shape: graph.shape(index),
            outputGrid: grids[output(index)]!))
      }
    }
    guard learns[path.features] else { return }
    featureRoom = takeRoom(path.features)
    errors[path.features] = featureRoom
    for index in (0..<path.end).reversed() {
      if let passage = path.passages[index], let room = errors[output(index)] {
        pass(index, passage, room)
      }
    }
  }

  private mutating func pass(_ index: Int, _ passage: Passage, _ room: Int) {
    let tensor = output(index)
    var room = room
    if let bounds = graph.bounds(index, passage) {
      room = addActivation(.clamp(low: bounds.low, high: bounds.high), values: tensor, tensor, room)
    }
    let node = graph.nodes[index]
    switch passage {
    case .weights:
      let input = graph.origin(node.inputs[0]!)
      let target = learns[input] ? takeRoom(input) : nil
      program.append(.layer(layerNumbers[index]!, from: room, to: target))
      rooms.release(room)
      if let target { add(target, to: input) }
    case .table:
      let input = node.inputs[0]!
      let tensors = graph.model.tensors
      let function = TailNetwork.Activation.Function.table(
        node.inputs[1]!, input: tensors[input].scale, output: tensors[tensor].scale)
      add(addActivation(function, values: input, tensor, room), to: graph.origin(input))
    case .sum: passSum(node, room)
    case .product(let map, let gate):
      let target = roomAfter(room, tensor)
      gates.append(
        TailNetwork.Gate(gate: node.inputs[gate]!, grid: grids[tensor]!, channels: channels(tensor)))
      program.append(.gate(gates.count - 1, from: room, to: target))
      add(target, to: graph.origin(node.inputs[map]!))
    case .mean:
      let input = graph.origin(node.inputs[0]!)
      let target = takeRoom(input)
      means.append(TailNetwork.Mean(grid: grids[input]!, channels: channels(input)))
      program.append(.mean(means.count - 1, from: room, to: target))
      rooms.release(room)
      add(target, to: input)
    case .same: add(room, to: graph.origin(node.inputs[0]!))
    }
  }

  /// Both terms get the same errors, those that something learns from.
  private mutating func passSum(_ node: ModelGraph.Node, _ room: Int) {
    let terms = [graph.origin(node.inputs[0]!), graph.origin(node.inputs[1]!)]
    for term in terms where learns[term] { rooms.share(room) }
    rooms.release(room)
    for term in terms where learns[term] { add(room, to: term) }
  }

  private mutating func addActivation(
    _ function: TailNetwork.Activation.Function, values: Int, _ tensor: Int, _ room: Int
  ) -> Int {
    let target = roomAfter(room, tensor)
    activations.append(
      TailNetwork.Activation(
        function: function, values: values, grid: grids[tensor]!, channels: channels(tensor)))
    program.append(.activation(activations.count - 1, from: room, to: target))
    return target
  }

  private mutating func takeRoom(_ tensor: Int) -> Int {
    rooms.take(grids[tensor]!.count * channels(tensor))
  }

  /// Where errors of a tensor go that replace those of a room: to the same, unless others need what is there.
  private mutating func roomAfter(_ room: Int, _ tensor: Int) -> Int {
    guard rooms.isShared(room) else { return room }
    let target = takeRoom(tensor)
    rooms.release(room)
    return target
  }

  /// Hands the errors of a room to a tensor, which may have others already.
  private mutating func add(_ room: Int, to tensor: Int) {
    guard let known = errors[tensor] else {
      errors[tensor] = room
      return
    }
    let target = rooms.isShared(known) ? (rooms.isShared(room) ? takeRoom(tensor) : room) : known
    program.append(.sum(known, room, to: target))
    if target != known { rooms.release(known) }
    if target != room { rooms.release(room) }
    errors[tensor] = target
  }
}

extension ModelGraph {
  /// The geometry of a layer with weights.
  func shape(_ index: Int) -> ConvolutionShape {
    let node = nodes[index]
    let input = model.tensors[node.inputs[0]!].shape
    let output = model.tensors[node.outputs[0]].shape
    let weights = model.tensors[node.inputs[1]!].shape
    var shape = ConvolutionShape(inputChannels: input[3], outputChannels: output[3])
    (shape.inputHeight, shape.inputWidth) = (input[1], input[2])
    (shape.outputHeight, shape.outputWidth) = (output[1], output[2])
    (shape.kernelHeight, shape.kernelWidth) = (weights[1], weights[2])
    let numbers = node.parameters
    (shape.strideHeight, shape.strideWidth) = (Int(numbers[0]), Int(numbers[1]))
    (shape.dilationHeight, shape.dilationWidth) = (Int(numbers[2]), Int(numbers[3]))
    (shape.paddingTop, shape.paddingLeft) = (Int(numbers[4]), Int(numbers[5]))
    shape.groups = node.kind == .depthwiseConvolution ? input[3] : Int(numbers[6])
    return shape
  }

  /// The bounds of an output that a function is fused into; nil where it ends only where int8 does.
  ///
  /// A zero point of −128 is a bound too: what lies below is not negative but 0.
  func bounds(_ index: Int, _ passage: Passage) -> (low: Int8, high: Int8)? {
    guard passage == .weights || passage == .sum else { return nil }
    let numbers = nodes[index].parameters
    let (zero, low, high) = (
      numbers[numbers.count - 3], numbers[numbers.count - 2], numbers[numbers.count - 1]
    )
    guard low > -128 || high < 127 || zero == -128 else { return nil }
    return (Int8(truncatingIfNeeded: low), Int8(truncatingIfNeeded: high))
  }
}
