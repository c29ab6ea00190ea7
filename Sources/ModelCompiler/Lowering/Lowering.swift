import FirmwareModel

extension TFLiteImporter {
  /// Lowers one operator to steps of the graph.
  mutating func lower(_ node: inout Node) throws {
    switch node.code {
    case .conv2D: try lowerConvolution(node)
    case .depthwiseConv2D: try lowerDepthwiseConvolution(node)
    case .transposeConv: try lowerTransposeConvolution(node)
    case .fullyConnected: try lowerFullyConnected(node)
    case .batchMatMul: try lowerBatchMatrixMultiply(node)
    case .add: try lowerSum(node, .add, activation: 0)
    case .sub: try lowerSum(node, .sub, activation: 0)
    case .mul: try lowerProduct(node)
    case .squaredDifference: try lowerSquaredDifference(node)
    case .minimum: try lowerExtremum(node, .minimum)
    case .maximum: try lowerExtremum(node, .maximum)
    case .prelu: try lowerPRelu(node)
    case .averagePool2D, .maxPool2D: try lowerPool(node)
    case .mean, .sum: try lowerReduction(node)
    case .relu: try lowerRelu(node, .relu, low: 0, high: nil)
    case .relu6: try lowerRelu(node, .relu6, low: 0, high: 6)
    case .reluN1To1: try lowerRelu(node, .reluN1To1, low: -1, high: 1)
    case .leakyRelu: try lowerLeakyRelu(node)
    case .logistic: try lowerLogistic(node)
    case .tanh: try lowerTanh(node)
    case .elu: try lowerElu(node)
    case .hardSwish: try lowerHardSwish(node)
    case .abs: try lowerAbsolute(node)
    case .rsqrt: try lowerInverseSquareRoot(node)
    case .quantize: try lowerQuantize(node)
    case .dequantize: try lowerDequantize(node)
    case .softmax: try lowerSoftmax(node)
    case .l2Normalization: try lowerL2Normalization(node)
    case .argMax: try lowerArgumentMaximum(node)
    case .reshape: try lowerReshape(node)
    case .squeeze: try lowerSqueeze(node)
    case .expandDims: try lowerExpandDims(node)
    case .transpose: try lowerTranspose(node)
    case .slice: try lowerSlice(node)
    case .stridedSlice: try lowerStridedSlice(node)
    case .split, .splitV: try lowerSplit(node)
    case .concatenation: try lowerConcatenation(node)
    case .pack: try lowerPack(node)
    case .pad, .padV2: try lowerPad(node)
    case .mirrorPad: try lowerMirrorPad(node)
    case .gather: try lowerGather(node)
    case .depthToSpace: try lowerDepthToSpace(node)
    case .spaceToDepth: try lowerSpaceToDepth(node)
    case .resizeNearestNeighbor: try lowerResizeNearest(node)
    case .resizeBilinear: try lowerResizeBilinear(node)
    case .shape, .cast, .reduceProd:
      throw Obstacle("it computes with integers that are not known when compiling; export with fixed shapes")
    }
  }

  /// Adds a step.
  mutating func addStep(
    _ kind: OperatorKind, _ name: OperatorName, _ inputs: [Int?], _ outputs: [Int],
    _ parameters: [Int32] = [], multiplyAccumulates: Int = 0
  ) {
    graph.steps.append(
      Graph.Step(
        kind: kind, name: name, inputs: inputs, outputs: outputs, parameters: parameters,
        multiplyAccumulates: UInt64(multiplyAccumulates)))
  }
}
