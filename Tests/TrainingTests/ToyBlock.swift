import FixedPoint
import Kernels

@testable import Training

/// An inverted residual of the toy network: expansion, depthwise convolution, squeeze-and-excite, projection, addition.
final class ToyBlock<Master: MasterWeight> {
  /// What a block of this kind has.
  struct Kind {
    var side: Int
    var stride = 1
    /// Fused clamps, not tables; neither squeeze-and-excite nor residual.
    var isPlain = false
    var isSqueezeExciteInFull = false
  }

  let expand: ToyLayer<Master>
  let expandActivation: ToyActivation
  let depthwise: ToyLayer<Master>
  let depthwiseActivation: ToyActivation
  let squeezeExcite: ToySqueezeExcite?
  let project: ToyLayer<Master>
  private let addition: ToyAddition?

  /// - Parameters:
  ///   - grid: The output's.
  ///   - number: The first parameter's.
  init(_ arrays: ToyArrays, _ prefix: String, _ kind: Kind, grid: PatchGrid, number: UInt32, images: Int) {
    let narrow = arrays["\(prefix)11.p/b"].count
    let wide = arrays["\(prefix)11.e/b"].count
    func convolution(_ name: String, _ shape: ConvolutionShape, _ grid: PatchGrid) -> ToyConvolution {
      ToyConvolution(arrays, "\(prefix)11.\(name)", shape, grid)
    }
    func activation(_ name: String, _ layer: ToyLayer<Master>, _ grid: PatchGrid) -> ToyActivation {
      ToyActivation(
        arrays, "\(prefix)11.\(name)", clamp: kind.isPlain ? layer.convolution : nil, grid: grid,
        channels: wide, images: images)
    }
    var window = ConvolutionShape(inputChannels: wide, outputChannels: wide)
    window.groups = wide
    (window.kernelHeight, window.kernelWidth) = (3, 3)
    (window.inputHeight, window.inputWidth) = (kind.side, kind.side)
    (window.outputHeight, window.outputWidth) = (grid.height, grid.width)
    (window.strideHeight, window.strideWidth) = (kind.stride, kind.stride)
    let padding = max((grid.height - 1) * kind.stride + 3 - kind.side, 0) / 2
    (window.paddingTop, window.paddingLeft) = (padding, padding)
    let inputGrid = ConvolutionBackward.inputGrid(of: window, outputGrid: grid)

    expand = ToyLayer(
      convolution("e", .pointwise(side: kind.side, narrow, wide), inputGrid), number: number, images: images)
    expandActivation = activation("e", expand, inputGrid)
    depthwise = ToyLayer(convolution("d", window, grid), number: number + 2, images: images)
    depthwiseActivation = activation("d", depthwise, grid)
    squeezeExcite =
      kind.isPlain
      ? nil
      : ToySqueezeExcite(
        arrays, "\(prefix)11", grid: grid, channels: wide, images: images,
        isFull: kind.isSqueezeExciteInFull)
    project = ToyLayer(
      convolution("p", .pointwise(side: grid.height, wide, narrow), grid), number: number + 4, images: images)
    addition = kind.isPlain ? nil : ToyAddition(arrays, "\(prefix)11.o")
  }

  var layers: [ToyLayer<Master>] { [expand, depthwise, project] }

  func workspaceSize(images: Int) -> WorkspaceSize {
    var size = WorkspaceSize()
    for layer in layers { size.formUnion(layer.convolution.backward.workspaceSize(images: images)) }
    for activation in [expandActivation, depthwiseActivation] {
      size.formUnion(activation.backward.workspaceSize(images: images))
    }
    if let squeezeExcite { size.formUnion(squeezeExcite.branch.workspaceSize(images: images)) }
    return size
  }

  func forward(_ input: [Int8], isTraining: Bool) -> [Int8] {
    var x = expand.forward(input, isTraining: isTraining)
    x = expandActivation.forward(x, isTraining: isTraining)
    x = depthwise.forward(x, isTraining: isTraining)
    x = depthwiseActivation.forward(x, isTraining: isTraining)
    if let squeezeExcite { x = squeezeExcite.forward(x, isTraining: isTraining) }
    x = project.forward(x, isTraining: isTraining)
    return addition?.forward(x, input) ?? x
  }

  /// - Parameters:
  ///   - scratch: Room for errors twice, beside `output`.
  ///   - output: Room for the errors of the block's inputs; not the memory of `error`.
  func step(
    _ error: ErrorTensor, _ context: StepContext, _ pass: BackwardPass,
    scratch: (UnsafeMutablePointer<Int16>, UnsafeMutablePointer<Int16>),
    into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    let (a, b) = scratch
    var inner = project.step(error, context, pass, into: a)!
    if let squeezeExcite { inner = squeezeExcite.inputError(inner, pass, into: b) }
    inner = depthwiseActivation.inputError(inner, pass)
    inner = depthwise.step(inner, context, pass, into: inner.mantissas == a ? b : a)!
    inner = expandActivation.inputError(inner, pass)
    guard let inner = expand.step(inner, context, pass, into: output) else { return nil }
    return addition == nil ? inner : ResidualBackward.sum(inner, error, pass, into: inner.mantissas)
  }
}

extension ConvolutionShape {
  static func pointwise(side: Int, _ inputs: Int, _ outputs: Int) -> ConvolutionShape {
    var shape = ConvolutionShape(inputChannels: inputs, outputChannels: outputs)
    (shape.inputHeight, shape.inputWidth) = (side, side)
    (shape.outputHeight, shape.outputWidth) = (side, side)
    return shape
  }
}

/// LiteRT's addition of two int8 tensors.
struct ToyAddition {
  private let multipliers: [QuantizedMultiplier]
  private let zeros: [Int32]

  init(_ arrays: ToyArrays, _ name: String) {
    multipliers = ["1", "2", "y"].map { arrays.multiplier(name, "m" + $0, "s" + $0) }
    zeros = ["1", "2", "y"].map { Int32(arrays.value("\(name)/z" + $0)) }
  }

  func forward(_ first: [Int8], _ second: [Int8]) -> [Int8] {
    zip(first, second).map { a, b in
      let sum =
        multipliers[0].multiply((Int32(a) - zeros[0]) << 20)
        + multipliers[1].multiply((Int32(b) - zeros[1]) << 20)
      return Int8(clamp(zeros[2] + multipliers[2].multiply(sum), -128, 127))
    }
  }
}
