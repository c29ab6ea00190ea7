import FirmwareModel
import FixedPoint

/// A convolution, depthwise or not, or a fully connected layer, as the file has it, and how it is written to be trained.
struct WeightedLayer {
  private let graph: ModelGraph
  private let node: ModelGraph.Node
  private let weights: Tensor
  private let weightsIndex: Int

  /// - Parameter node: A layer with weights.
  init(_ graph: ModelGraph, _ node: ModelGraph.Node) {
    weightsIndex = node.inputs[1]!
    weights = graph.model.tensors[weightsIndex]
    self.graph = graph
    self.node = node
  }

  /// What it becomes: a fully connected layer is a convolution of one pixel.
  var kind: OperatorKind { node.kind == .fullyConnected ? .convolution : node.kind }

  /// The shape of the weights then.
  var shape: Shape {
    node.kind == .fullyConnected ? Shape([weights.shape[0], 1, 1, weights.shape[1]]) : weights.shape
  }

  private var isDepthwise: Bool { node.kind == .depthwiseConvolution }
  /// Output channels. A depthwise layer's are the innermost dimension, others' the outermost.
  private var rows: Int { isDepthwise ? weights.shape[3] : weights.shape[0] }

  func parameters(_ node: ModelGraph.Node) -> [Int32] {
    if node.kind != .fullyConnected { return node.parameters }
    // Stride, dilation, padding, groups; then the output's zero point and limits.
    return [1, 1, 1, 1, 0, 0, 1] + node.parameters
  }

  /// Whether the weights can be trained as they are: without zero point, within ±127.
  var isSymmetric: Bool {
    if weights.zeroPoint != 0 { return false }
    for index in 0..<weights.shape.count where values[index] == Int8.min { return false }
    return true
  }

  private var values: UnsafePointer<Int8> {
    graph.model.constant(weightsIndex).assumingMemoryBound(to: Int8.self)
  }

  /// The weights, with what goes with each row.
  func symmetric() -> SymmetricWeights {
    let length = weights.shape.count / rows
    let isSymmetric = isSymmetric
    var result = SymmetricWeights()
    result.reserve(rows: rows, length: length)
    var differences = [Int](repeating: 0, count: length)
    for row in 0..<rows {
      for index in 0..<length {
        differences[index] = Int(values[place(row, index, length)]) - Int(weights.zeroPoint)
      }
      let bias = node.inputs[2].map { word($0, row) } ?? 0
      result.addRow(
        differences, bias: bias, multiplier(row), scale(row),
        span: isSymmetric ? SymmetricWeights.greatest : nil)
    }
    return result
  }

  /// Rows of weights in the layout of the file.
  func bytes(_ rowsOfWeights: [Int8]) -> [UInt8] {
    let length = rowsOfWeights.count / rows
    var bytes = [UInt8](repeating: 0, count: rowsOfWeights.count)
    for row in 0..<rows {
      for index in 0..<length {
        bytes[place(row, index, length)] = UInt8(bitPattern: rowsOfWeights[row * length + index])
      }
    }
    return bytes
  }

  private func place(_ row: Int, _ index: Int, _ length: Int) -> Int {
    isDepthwise ? index * rows + row : row * length + index
  }

  private func word(_ tensor: Int, _ index: Int) -> Int32 {
    graph.model.constant(tensor).assumingMemoryBound(to: Int32.self)[index]
  }

  private func multiplier(_ row: Int) -> QuantizedMultiplier {
    guard node.kind == .fullyConnected else {
      return QuantizedMultiplier(mantissa: word(node.inputs[3]!, row), exponent: word(node.inputs[4]!, row))
    }
    // A significand of 53 bits in two words, and an exponent: the upper 31 bits, rounded.
    let factors = node.inputs[3]!
    let low = Int64(UInt32(bitPattern: word(factors, 3 * row)))
    let significand = Int64(word(factors, 3 * row + 1)) << 32 | low
    var exponent = word(factors, 3 * row + 2) + 53
    var mantissa = (significand + (1 << 21)) >> 22
    if mantissa == 1 << 31 {
      mantissa >>= 1
      exponent += 1
    }
    return QuantizedMultiplier(mantissa: Int32(mantissa), exponent: exponent)
  }

  /// The scale of what the layer gives before a table is applied to it, as its multipliers imply it: the input's times
  /// a row's, divided by the row's multiplier.
  func outputScale() -> Scale {
    let input = graph.model.tensors[node.inputs[0]!].scale
    for row in 0..<rows {
      let (multiplier, scale) = (multiplier(row), scale(row))
      if multiplier.mantissa > 0 && scale.mantissa > 0 {
        return (input * scale) / Scale(multiplier)
      }
    }
    return .none
  }

  private func scale(_ row: Int) -> Scale {
    guard let scales = weights.channelScales else { return weights.scale }
    return Scale(mantissa: word(scales, 2 * row), exponent: word(scales, 2 * row + 1))
  }
}
