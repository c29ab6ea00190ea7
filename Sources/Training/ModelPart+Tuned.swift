import FirmwareModel
import FixedPoint

/// What classes are told apart by: a layer on the features.
struct ClassLayer {
  let classes: Int
  /// [classes, features]
  let weights: UnsafePointer<Int8>
  let biases: UnsafePointer<Int32>
  /// A logit is its accumulator times 2^−logitExponent.
  let logitExponent: Int32
  /// And its int8 output times 2^−outputExponent.
  let outputExponent: Int32

  /// The last bit of an int8 output that can just show all logits.
  ///
  /// - Parameter largest: The largest magnitude of an accumulator.
  static func outputExponent(largest: UInt32, logitExponent: Int32) -> Int32 {
    // largest · 2^(k − a) ≤ 127
    let bits = bitLength(UInt64(largest))
    var exponent = logitExponent &+ 7 &- max(bits, 1)
    if shiftRightHalvesUp(Int64(largest), by: logitExponent &- exponent) > 127 { exponent &-= 1 }
    return exponent
  }
}

extension ModelPart {
  /// The whole model, with what a tail has learned, and its classes.
  ///
  /// Memory is shared as it was, and tables are applied where they were: the model is as large and as fast as before.
  ///
  /// - Parameters:
  ///   - tail: The model of the tail from `cut` on, with the weights of now; nil where nothing has changed but classes.
  ///   - labels: Each ended by a line feed.
  static func tuned(
    _ path: ErrorPath, cut: Int, tail: FirmwareModel?, classLayer: ClassLayer, labels: [UInt8],
    provenance: [UInt8], classMeans: ClassMeans?
  ) -> [UInt8]? {
    var part = ModelPart(path.graph, separate: false)
    let model = path.graph.model
    part.writer.image = model.image
    part.writer.labels = labels
    part.writer.provenance = provenance
    for input in model.inputs { part.writer.inputs.append(part.add(input)) }
    var tailIndex = 0
    for index in 0..<path.end {
      let node = path.graph.nodes[index]
      if let tail, index >= cut, path.passages[index] == .weights {
        part.addLearned(node, tail, tailIndex)
      } else {
        part.add(node)
      }
      if index >= cut { tailIndex += node.table == nil ? 1 : 2 }
    }
    part.addClasses(classLayer, features: path.features)
    if var classMeans {
      classMeans.features = part.add(path.features)
      part.writer.classMeans = classMeans
    }
    part.writer.multiplyAccumulates = UInt64(classLayer.classes * model.tensors[path.features].shape.count)
    for index in 0..<path.end {
      part.writer.multiplyAccumulates += model.multiplyAccumulates(of: index)
    }
    return part.writer.file()
  }

  /// A layer with what it has learned.
  private mutating func addLearned(_ node: ModelGraph.Node, _ tail: FirmwareModel, _ index: Int) {
    let inputs = tail.inputs(of: index)
    var tensor = tail.tensors[inputs[1]!]
    tensor.channelScales = tensor.channelScales.map { copy($0, of: tail) }
    var constants: [Int?] = [copy(tensor, inputs[1]!, of: tail)]
    for position in 2...4 { constants.append(copy(inputs[position]!, of: tail)) }
    constants.append(node.table.map { add($0) })
    let layer = WeightedLayer(graph, node.withoutTable())
    var (input, output) = (add(node.inputs[0]!), add(node.outputs[0]))
    if node.kind == .fullyConnected {
      input = addPixels(input, channels: layer.shape[3])
      output = addPixels(output, channels: layer.shape[0])
    }
    writer.add(
      layer.kind, name: node.name, inputs: [input] + constants, outputs: [output],
      parameters: layer.parameters(node))
  }

  private mutating func copy(_ index: Int, of other: FirmwareModel) -> Int {
    copy(other.tensors[index], index, of: other)
  }

  /// Adds a constant of another model.
  private mutating func copy(_ tensor: Tensor, _ index: Int, of other: FirmwareModel) -> Int {
    let bytes = UnsafeRawBufferPointer(start: other.constant(index), count: tensor.byteCount)
    return writer.addConstant(tensor, bytes: Array(bytes))
  }

  /// The layer that makes logits, the model's output.
  private mutating func addClasses(_ layer: ClassLayer, features: Int) {
    let input = addPixels(add(features), channels: graph.model.tensors[features].shape.count)
    let count = graph.model.tensors[features].shape.count
    // A weight is 2^−a of its accumulator's, whatever the scale of the features.
    let scale =
      Scale(mantissa: 1 << 30, exponent: -30 - layer.logitExponent) / writer.tensors[input].scale
    let weights = writer.addConstant(
      Tensor(
        type: .int8, storage: .constant, shape: Shape([layer.classes, 1, 1, count]), scale: scale),
      bytes: Array(UnsafeRawBufferPointer(start: layer.weights, count: layer.classes * count)))
    let biases = writer.addConstant(Array(UnsafeBufferPointer(start: layer.biases, count: layer.classes)))
    // 2^(k − a) is 2^30 · 2^(k − a + 1 − 31).
    let exponent = layer.outputExponent - layer.logitExponent + 1
    let mantissas = writer.addConstant([Int32](repeating: 1 << 30, count: layer.classes))
    let exponents = writer.addConstant([Int32](repeating: exponent, count: layer.classes))
    let offset = offsetBeside(input, bytes: layer.classes)
    var output = Tensor(
      type: .int8, storage: .arena, shape: Shape([1, 1, 1, layer.classes]), offset: offset,
      scale: Scale(mantissa: 1, exponent: -layer.outputExponent))
    let pixels = writer.add(output)
    writer.add(
      .convolution, name: .fullyConnected,
      inputs: [input, weights, biases, mantissas, exponents, nil], outputs: [pixels],
      parameters: [1, 1, 1, 1, 0, 0, 1, 0, -128, 127])
    output.shape = Shape([1, layer.classes])
    writer.outputs = [writer.add(output)]
  }

  /// A place in the arena that does not touch a tensor's; the arena becomes larger where it has none.
  private mutating func offsetBeside(_ tensor: Int, bytes: Int) -> Int {
    let (tensor, bytes) = (writer.tensors[tensor], Layout.aligned(bytes))
    let offset = tensor.offset >= bytes ? 0 : Layout.aligned(tensor.offset + tensor.byteCount)
    writer.arenaBytes = max(graph.model.arenaBytes, offset + bytes)
    return offset
  }
}
