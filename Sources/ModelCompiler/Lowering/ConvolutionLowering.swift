import FirmwareModel
import FixedPoint

/// One axis of a sliding window: output size and leading padding.
///
/// Source: TFLite's `ComputeOutSize` and `ComputePadding`.
struct WindowAxis {
  var output: Int
  var padding: Int

  init(input: Int, kernel: Int, stride: Int, dilation: Int, isSame: Bool) throws {
    guard stride > 0, dilation > 0, kernel > 0 else {
      throw Obstacle("its stride, dilation and kernel must be at least 1")
    }
    let reach = (kernel - 1) * dilation + 1
    output = isSame ? (input + stride - 1) / stride : (input + stride - reach) / stride
    guard output > 0 else { throw Obstacle("its window of \(reach) is larger than the input of \(input)") }
    padding = max(0, (output - 1) * stride + reach - input) / 2
  }
}

/// How an operator's window moves over an image: TFLite keeps the padding rule and the strides in the options'
/// first three fields, dilations (if any) in two more.
struct Windows {
  var height: WindowAxis
  var width: WindowAxis
  /// Strides, dilations and paddings, the height's before the width's, as the runtime's parameters.
  let parameters: [Int32]

  init(
    _ node: TFLiteImporter.Node, image: (height: Int, width: Int), kernel: (height: Int, width: Int),
    dilationField: Int? = nil
  ) throws {
    let isSame = try node.byte(0) == 0
    let (strideWidth, strideHeight) = (try node.integer(1), try node.integer(2))
    let dilationWidth = try dilationField.map { try node.integer($0, default: 1) } ?? 1
    let dilationHeight = try dilationField.map { try node.integer($0 + 1, default: 1) } ?? 1
    height = try WindowAxis(
      input: image.height, kernel: kernel.height, stride: strideHeight, dilation: dilationHeight,
      isSame: isSame)
    width = try WindowAxis(
      input: image.width, kernel: kernel.width, stride: strideWidth, dilation: dilationWidth, isSame: isSame)
    parameters = [strideHeight, strideWidth, dilationHeight, dilationWidth, height.padding, width.padding]
      .map(Int32.init)
  }
}

extension TFLiteImporter {
  mutating func lowerConvolution(_ node: Node) throws {
    let input = try image(node, 0)
    let weights = try constantWeights(node, 1, rank: 4)
    let (shape, filter) = (shape(input), shape(weights))
    guard filter[3] > 0, shape[3] % filter[3] == 0, filter[0] % (shape[3] / filter[3]) == 0 else {
      throw Obstacle("its input has \(shape[3]) channels, its filters \(filter[3])")
    }
    guard graph.tensors[weights].isUnsigned || graph.tensors[weights].zeroPoint == 0 else {
      throw Obstacle("its int8 weights have a zero point; requantise them symmetrically")
    }
    let groups = shape[3] / filter[3]
    let windows = try Windows(
      node, image: (shape[1], shape[2]), kernel: (filter[1], filter[2]), dilationField: 4)
    let output = try addOutput(
      node, shape: [shape[0], windows.height.output, windows.width.output, filter[0]])
    let bias = try bias(node, 2, columns: filter[0])
    let (mantissas, exponents) = try convolutionMultipliers(input, weights, output, columns: filter[0])
    let range = Quantization.range(
      try node.activation(3), scale: try scale(output), zeroPoint: graph.tensors[output].zeroPoint)
    addStep(
      .convolution, .conv2D, [input, weights, bias, mantissas, exponents, nil], [output],
      windows.parameters + [Int32(groups)]
        + range,
      multiplyAccumulates: graph.tensors[output].count * filter[1] * filter[2] * filter[3])
  }

  mutating func lowerDepthwiseConvolution(_ node: Node) throws {
    let input = try image(node, 0)
    let weights = try constantWeights(node, 1, rank: 4)
    let (shape, filter) = (shape(input), shape(weights))
    guard filter[0] == 1, filter[3] % shape[3] == 0 else {
      throw Obstacle("its input has \(shape[3]) channels, its filters \(filter[3])")
    }
    // LiteRT's int8 kernel passes over a weight zero point.
    if !graph.tensors[weights].isUnsigned { graph.tensors[weights].zeroPoint = 0 }
    let windows = try Windows(
      node, image: (shape[1], shape[2]), kernel: (filter[1], filter[2]), dilationField: 5)
    let output = try addOutput(
      node, shape: [shape[0], windows.height.output, windows.width.output, filter[3]])
    let bias = try bias(node, 2, columns: filter[3])
    let (mantissas, exponents) = try convolutionMultipliers(input, weights, output, columns: filter[3])
    let range = Quantization.range(
      try node.activation(4), scale: try scale(output), zeroPoint: graph.tensors[output].zeroPoint)
    addStep(
      .depthwiseConvolution, .depthwiseConv2D, [input, weights, bias, mantissas, exponents, nil],
      [output],
      windows.parameters
        + range,
      multiplyAccumulates: graph.tensors[output].count * filter[1] * filter[2])
  }

  mutating func lowerTransposeConvolution(_ node: Node) throws {
    let outputShape = try integers(node, 0)
    let weights = try constantWeights(node, 1, rank: 4)
    let input = try image(node, 2)
    let (shape, filter) = (shape(input), shape(weights))
    guard outputShape.count == 4, outputShape[0] == shape[0], outputShape[3] == filter[0],
      shape[3] == filter[3]
    else { throw Obstacle("its output's shape \(outputShape) does not fit its input and filters") }
    if !graph.tensors[weights].isUnsigned { graph.tensors[weights].zeroPoint = 0 }
    // The padding of the convolution from the output to the input.
    let windows = try Windows(
      node, image: (outputShape[1], outputShape[2]), kernel: (filter[1], filter[2]))
    let output = try addOutput(node, shape: outputShape)
    let bias = try bias(node, 3, columns: filter[0])
    let (mantissas, exponents) = try convolutionMultipliers(input, weights, output, columns: filter[0])
    let range = Quantization.range(
      try node.activation(3), scale: try scale(output), zeroPoint: graph.tensors[output].zeroPoint)
    addStep(
      .transposeConvolution, .transposeConv, [input, weights, bias, mantissas, exponents, nil],
      [output],
      // Without the dilations, which are 1.
      [0, 1, 4, 5].map { windows.parameters[$0] }
        + range,
      multiplyAccumulates: graph.tensors[input].count * filter[0] * filter[1] * filter[2])
  }

  mutating func lowerFullyConnected(_ node: Node) throws {
    let input = try inArena(try input(node, 0))
    let weights = try constantWeights(node, 1, rank: 2)
    guard try node.byte(1) == 0 else { throw Obstacle("its weights are in a shuffled format") }
    let (columns, depth) = (shape(weights)[0], shape(weights)[1])
    let count = graph.tensors[input].count
    let keepsDimensions = try node.boolean(2)
    guard count % depth == 0, !keepsDimensions || shape(input).last == depth else {
      throw Obstacle("its input of \(count) values is no whole number of rows of \(depth)")
    }
    let rows = count / depth
    let outputShape = keepsDimensions ? shape(input).dropLast() + [columns] : [rows, columns]
    let output = try addOutput(node, shape: outputShape)
    let bias = try bias(node, 2, columns: columns)
    let (inputScale, outputScale) = (Double(try scale(input)), Double(try scale(output)))
    let weightScales = try weightScales(weights, columns: columns)
    // All in doubles, per channel or not.
    let factors = try weightScales.map {
      try Quantization.dyadicFactor(inputScale * Double($0) / outputScale)
    }
    let words = factors.flatMap { factor in
      [
        Int32(truncatingIfNeeded: factor.significand), Int32(truncatingIfNeeded: factor.significand >> 32),
        factor.exponent,
      ]
    }
    if weightScales.count > 1 && Set(weightScales).count > 1 { graph.tensors[weights].zeroPoint = 0 }
    let expanded = factors.count == columns ? words : (0..<columns).flatMap { _ in words }
    let range = Quantization.range(
      try node.activation(0), scale: try scale(output), zeroPoint: graph.tensors[output].zeroPoint)
    addStep(
      .fullyConnected, .fullyConnected,
      [input, weights, bias, graph.addConstant(expanded, shape: [columns, 3]), nil], [output],
      range, multiplyAccumulates: rows * columns * depth)
  }

  mutating func lowerBatchMatrixMultiply(_ node: Node) throws {
    let (a, b) = (try input(node, 0), try input(node, 1))
    let (first, second) = (shape(a), shape(b))
    guard first.count >= 2, second.count >= 2 else { throw Obstacle("its operands are not matrices") }
    let (isFirstTransposed, isSecondTransposed) = (try node.boolean(0), try node.boolean(1))
    let (rows, depth) = matrix(first, isTransposed: isFirstTransposed)
    let (otherDepth, columns) = matrix(second, isTransposed: isSecondTransposed)
    guard depth == otherDepth else { throw Obstacle("its operands \(first) and \(second) do not fit") }
    let batches = try broadcast(Array(first.dropLast(2)), Array(second.dropLast(2)))
    let output = try addOutput(node, shape: batches + [rows, columns])
    // The product of scales is a single, the quotient a double.
    let multiplier = try multiplier(
      Double(try scale(a) * scale(b)) / Double(try scale(output)))
    addStep(
      .batchMatrixMultiply, .batchMatMul, [a, b], [output],
      [isFirstTransposed ? 1 : 0, isSecondTransposed ? 1 : 0] + words(multiplier),
      multiplyAccumulates: graph.tensors[output].count * depth)
  }

  private func matrix(_ shape: [Int], isTransposed: Bool) -> (Int, Int) {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    return isTransposed ? (columns, rows) : (rows, columns)
  }

  /// An operator's input of four dimensions, in the arena.
  mutating func image(_ node: Node, _ position: Int) throws -> Int {
    let index = try inArena(try input(node, position))
    guard shape(index).count == 4 else {
      throw Obstacle("its input has \(shape(index).count) dimensions, not 4")
    }
    return index
  }

  /// A tensor that the arena holds: constants are copied there by a step.
  mutating func inArena(_ index: Int) throws -> Int {
    guard graph.tensors[index].constant != nil else { return index }
    var copy = graph.tensors[index]
    copy.constant = nil
    let result = graph.addActivation(copy)
    addStep(
      .copy, .reshape, [index, nil], [result],
      [0, 0, 0, 0, Int32(copy.count), 1, 1])
    return result
  }

  private mutating func constantWeights(_ node: Node, _ position: Int, rank: Int) throws -> Int {
    let index = try input(node, position)
    guard graph.tensors[index].constant != nil else {
      throw Obstacle("its weights are computed at run time; export the model with constant weights")
    }
    guard shape(index).count == rank else {
      throw Obstacle("its weights have \(shape(index).count) dimensions, not \(rank)")
    }
    return index
  }

  /// An operator's bias as int32, or nil where it has none.
  private mutating func bias(_ node: Node, _ position: Int, columns: Int) throws -> Int? {
    guard let index = node.input(position) else { return nil }
    let source = model.tensors[index]
    guard source.type == .int32, let array = try integers(index) else {
      throw Obstacle("its bias is not a constant of int32")
    }
    guard array.values.count == columns else {
      throw Obstacle("its bias has \(array.values.count) values for \(columns) channels")
    }
    return graph.addConstant(
      array.values.map { Int32(truncatingIfNeeded: $0) }, name: source.name)
  }

  private func weightScales(_ weights: Int, columns: Int) throws -> [Float] {
    let tensor = graph.tensors[weights]
    if tensor.channelScales.isEmpty { return [try scale(weights)] }
    guard tensor.channelScales.count == columns else {
      throw Obstacle("its weights have \(tensor.channelScales.count) scales for \(columns) channels")
    }
    return tensor.channelScales
  }

  /// The requantisation of each output channel.
  private mutating func convolutionMultipliers(
    _ input: Int, _ weights: Int, _ output: Int, columns: Int
  ) throws -> (Int, Int) {
    let scales = try weightScales(weights, columns: columns)
    let (inputScale, outputScale) = (try scale(input), try scale(output))
    let multipliers = try scales.map { weightScale in
      // uint8: the product of scales is a single. int8: everything is a double.
      try multiplier(
        graph.tensors[input].isUnsigned
          ? Double(inputScale * weightScale) / Double(outputScale)
          : Double(inputScale) * Double(weightScale) / Double(outputScale))
    }
    let all = multipliers.count == columns ? multipliers : Array(repeating: multipliers[0], count: columns)
    return (graph.addConstant(all.map(\.mantissa)), graph.addConstant(all.map(\.exponent)))
  }

  /// A factor as a multiplier that the runtime accepts.
  func multiplier(_ factor: Double) throws -> QuantizedMultiplier {
    let multiplier = try Quantization.multiplier(factor)
    guard QuantizedMultiplier.exponents.contains(multiplier.exponent) else {
      throw Obstacle("its scales' ratio \(factor) is too large")
    }
    return multiplier
  }

  /// A multiplier as parameters.
  func words(_ multiplier: QuantizedMultiplier) -> [Int32] {
    [multiplier.mantissa, multiplier.exponent]
  }
}
