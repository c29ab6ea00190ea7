/// The source model's operator, kept for reports: TFLite's or, where TFLite has none, ONNX's name.
public enum OperatorName: UInt16, CaseIterable, Sendable {
  case add, averagePool2D, concatenation, conv2D, depthwiseConv2D, depthToSpace, dequantize
  case fullyConnected, l2Normalization, logistic, maxPool2D, mul, relu, reluN1To1, relu6, reshape
  case resizeBilinear, softmax, spaceToDepth, tanh, pad, gather, transpose, mean, sub, squeeze
  case stridedSlice, split, expandDims, prelu, maximum, argMax, minimum, padV2, slice, transposeConv
  case sum, rsqrt, pack, resizeNearestNeighbor, leakyRelu, squaredDifference, mirrorPad, abs, splitV
  case quantize, hardSwish, elu, batchMatMul, shape

  /// The name as reports print it.
  public var text: StaticString {
    switch self {
    case .add: "Add"
    case .averagePool2D: "AveragePool"
    case .concatenation: "Concat"
    case .conv2D: "Conv"
    case .depthwiseConv2D: "DepthwiseConv"
    case .depthToSpace: "DepthToSpace"
    case .dequantize: "DequantizeLinear"
    case .fullyConnected: "FullyConnected"
    case .l2Normalization: "L2Normalization"
    case .logistic: "Sigmoid"
    case .maxPool2D: "MaxPool"
    case .mul: "Mul"
    case .relu: "Relu"
    case .reluN1To1: "ReluN1To1"
    case .relu6: "Relu6"
    case .reshape: "Reshape"
    case .resizeBilinear: "ResizeBilinear"
    case .softmax: "Softmax"
    case .spaceToDepth: "SpaceToDepth"
    case .tanh: "Tanh"
    case .pad: "Pad"
    case .gather: "Gather"
    case .transpose: "Transpose"
    case .mean: "Mean"
    case .sub: "Sub"
    case .squeeze: "Squeeze"
    case .stridedSlice: "StridedSlice"
    case .split: "Split"
    case .expandDims: "ExpandDims"
    case .prelu: "PRelu"
    case .maximum: "Max"
    case .argMax: "ArgMax"
    case .minimum: "Min"
    case .padV2: "PadV2"
    case .slice: "Slice"
    case .transposeConv: "ConvTranspose"
    case .sum: "Sum"
    case .rsqrt: "Rsqrt"
    case .pack: "Pack"
    case .resizeNearestNeighbor: "ResizeNearestNeighbor"
    case .leakyRelu: "LeakyRelu"
    case .squaredDifference: "SquaredDifference"
    case .mirrorPad: "MirrorPad"
    case .abs: "Abs"
    case .splitV: "SplitV"
    case .quantize: "QuantizeLinear"
    case .hardSwish: "HardSwish"
    case .elu: "Elu"
    case .batchMatMul: "BatchMatMul"
    case .shape: "Shape"
    }
  }
}
