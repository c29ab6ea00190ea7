import Kernels
import TestSupport
import Testing

@testable import Training

/// A convolution's geometry by what TFLite names it.
struct ConvolutionCase: CustomTestStringConvertible {
  var name: String
  var shape: ConvolutionShape
  var images = 2

  var testDescription: String { name }

  /// - Parameter isSame: Padding as TFLite's SAME, else none.
  init(
    _ name: String, side: (Int, Int), inputs: Int, outputs: Int, kernel: (Int, Int) = (1, 1),
    stride: (Int, Int) = (1, 1), dilation: (Int, Int) = (1, 1), groups: Int = 1, isSame: Bool = true
  ) {
    self.name = name
    shape = ConvolutionShape(inputChannels: inputs, outputChannels: outputs)
    (shape.inputHeight, shape.inputWidth) = side
    (shape.kernelHeight, shape.kernelWidth) = kernel
    (shape.strideHeight, shape.strideWidth) = stride
    (shape.dilationHeight, shape.dilationWidth) = dilation
    shape.groups = groups
    func size(_ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> (output: Int, padding: Int) {
      let reach = (kernel - 1) * dilation + 1
      if !isSame { return ((input - reach) / stride + 1, 0) }
      let output = (input + stride - 1) / stride
      return (output, max((output - 1) * stride + reach - input, 0) / 2)
    }
    (shape.outputHeight, shape.paddingTop) = size(side.0, kernel.0, stride.0, dilation.0)
    (shape.outputWidth, shape.paddingLeft) = size(side.1, kernel.1, stride.1, dilation.1)
  }

  static let all = [
    ConvolutionCase("pointwise", side: (7, 5), inputs: 9, outputs: 6),
    ConvolutionCase("pointwise, large", side: (14, 14), inputs: 3, outputs: 2),
    ConvolutionCase("fully connected", side: (1, 1), inputs: 33, outputs: 17),
    ConvolutionCase("pointwise, stride 2", side: (7, 6), inputs: 5, outputs: 4, stride: (2, 2)),
    ConvolutionCase("dense 3x3", side: (7, 7), inputs: 5, outputs: 6, kernel: (3, 3)),
    ConvolutionCase(
      "dense 3x3, stride 2", side: (7, 9), inputs: 4, outputs: 3, kernel: (3, 3), stride: (2, 2)),
    ConvolutionCase(
      "dense 2x3, stride 3 and 1, dilation 1 and 2, no padding", side: (11, 9), inputs: 3, outputs: 4,
      kernel: (2, 3), stride: (3, 1), dilation: (1, 2), isSame: false),
    ConvolutionCase("grouped 1x1", side: (5, 5), inputs: 12, outputs: 8, groups: 4),
    ConvolutionCase("grouped 3x3", side: (6, 7), inputs: 6, outputs: 9, kernel: (3, 3), groups: 3),
    ConvolutionCase(
      "grouped 5x3, stride 2", side: (9, 8), inputs: 4, outputs: 6, kernel: (5, 3), stride: (2, 2), groups: 2),
    ConvolutionCase("depthwise 3x3", side: (7, 7), inputs: 10, outputs: 10, kernel: (3, 3), groups: 10),
    ConvolutionCase(
      "depthwise 3x3, stride 2", side: (8, 8), inputs: 5, outputs: 5, kernel: (3, 3), stride: (2, 2),
      groups: 5),
    ConvolutionCase(
      "depthwise 5x5, stride 2, odd", side: (9, 7), inputs: 6, outputs: 6, kernel: (5, 5), stride: (2, 2),
      groups: 6),
    ConvolutionCase(
      "depthwise 3x3, stride 3", side: (10, 11), inputs: 4, outputs: 4, kernel: (3, 3), stride: (3, 3),
      groups: 4),
    ConvolutionCase(
      "depthwise 3x3, no padding", side: (7, 8), inputs: 4, outputs: 4, kernel: (3, 3), groups: 4,
      isSame: false),
    ConvolutionCase(
      "depthwise 3x3, multiplier 2", side: (6, 6), inputs: 3, outputs: 6, kernel: (3, 3), groups: 3),
    ConvolutionCase("depthwise 7x7", side: (14, 14), inputs: 3, outputs: 3, kernel: (7, 7), groups: 3),
  ]
}

/// Derivatives by inputs, weights and biases against plain loops, on pixels, on patches that fit, on ragged ones, and
/// on patches so large that their sums take 32 bits.
@Test(arguments: ConvolutionCase.all, [1, 2, 3, 4, 7, 13])
func convolutionAgainstPlainLoops(convolution: ConvolutionCase, patch: Int) {
  var random = Generator(seed: UInt64(patch))
  let (shape, images) = (convolution.shape, convolution.images)
  let grid = PatchGrid(height: shape.outputHeight, width: shape.outputWidth, patch: patch)
  let memory = TestMemory(WeightScales.byteCount(count: shape.outputChannels))
  var scales = WeightScales(memory: memory.address, count: shape.outputChannels)
  scales.exponent = 21
  let factors = (0..<shape.outputChannels).map { _ in Int32.random(in: 1 << 10...1 << 15, using: &random) }
  scales.factors.update(from: factors, count: factors.count)
  let weights = (0..<shape.weightCount).map { _ in Int8.random(in: -127...127, using: &random) }
  let backward = ConvolutionBackward(shape: shape, scales: scales, outputGrid: grid)
  let plain = PlainConvolution(
    shape: shape, outputGrid: grid, inputGrid: backward.inputGrid, weights: weights, factors: factors,
    images: images)
  #expect(backward.inputGrid.count == grid.count || patch == 1)

  // Inputs at the ends of their range, so that sums are as large as they get.
  let inputCount = shape.inputHeight * shape.inputWidth * shape.inputChannels
  let input = (0..<images * inputCount).map { _ in Int8.random(in: 100...127, using: &random) }
  let zeroPoint = -128
  let savedMemory = TestMemory(
    PatchSums.byteCount(images: images, grid: backward.inputGrid, channels: shape.inputChannels))
  let saved = PatchSums(
    memory: savedMemory.address, images: images, grid: backward.inputGrid, channels: shape.inputChannels)
  save(input, into: saved, backward, zeroPoint: Int32(zeroPoint))

  let errors = TestErrors(
    images: images, patches: grid.count, channels: shape.outputChannels, exponent: 13, random: &random)
  let workspace = TestWorkspace(backward.workspaceSize(images: images))
  let pass = workspace.pass()
  let output = TestErrors(images: images, patches: backward.inputGrid.count, channels: shape.inputChannels)
  let result = backward.inputError(
    errors.tensor, weights: weights, salt: 5, pass, into: output.tensor.mantissas)
  let (mantissas, exponent) = plain.inputError(
    errors.values, exponent: 13, scaleExponent: 21, bits: 12)
  #expect(output.values == mantissas && result.exponent == exponent)
  #expect(result.count == mantissas.count)

  let gradient = backward.weightGradient(errors.tensor, inputs: saved, pass)
  let expected = plain.weightGradient(errors.values, input, zeroPoint: zeroPoint)
  #expect((0..<shape.weightCount).map { Int(gradient.values[$0]) } == expected)
  #expect(gradient.exponent == 13 + (plain.isFiltered || shape.isPointwise ? backward.strideExponent : 0))
  let biasGradient = backward.biasGradient(errors.tensor, pass)
  #expect(
    (0..<shape.outputChannels).map { Int(biasGradient.values[$0]) } == plain.biasGradient(errors.values))
}

/// Where errors are the same everywhere, filtering leaves nothing out: the exact errors of a patch's inputs, away from
/// the border, add up to what filtering gives each of them.
@Test(arguments: [1, 2]) func filteringIsExactForEvenErrors(stride: Int) {
  var random = Generator(seed: 31)
  let convolution = ConvolutionCase(
    "", side: (16, 16), inputs: 4, outputs: 4, kernel: (3, 3), stride: (stride, stride), groups: 4)
  let shape = convolution.shape
  let weights = (0..<shape.weightCount).map { _ in Int8.random(in: -127...127, using: &random) }
  let memory = TestMemory(WeightScales.byteCount(count: 4))
  let scales = WeightScales(memory: memory.address, count: 4)
  scales.factors.update(repeating: 1 << 15, count: 4)
  func sums(patch: Int) -> (values: [Int], grid: PatchGrid) {
    let grid = PatchGrid(height: shape.outputHeight, width: shape.outputWidth, patch: patch)
    let backward = ConvolutionBackward(shape: shape, scales: scales, outputGrid: grid)
    let errors = TestErrors(images: 1, patches: grid.count, channels: 4)
    for index in 0..<errors.tensor.count { errors.tensor.mantissas[index] = [700, -2000, 33, 1][index % 4] }
    let workspace = TestWorkspace(backward.workspaceSize(images: 1))
    let output = TestErrors(images: 1, patches: backward.inputGrid.count, channels: 4)
    _ = backward.inputError(
      errors.tensor, weights: weights, salt: 0, workspace.pass(), into: output.tensor.mantissas)
    // The sums, before they were rounded.
    return (
      (0..<output.tensor.count).map { Int(workspace.workspace.accumulators[$0]) }, backward.inputGrid
    )
  }
  let (exact, filtered) = (sums(patch: 1), sums(patch: 2))
  for channel in 0..<4 {
    var sum = 0
    for row in filtered.grid.pixelRows(of: 1) {
      for column in filtered.grid.pixelColumns(of: 1) {
        sum += exact.values[(row * 16 + column) * 4 + channel]
      }
    }
    // Of 2 · 2 · s · s pixels each has 1 / (s · s).
    #expect(sum == 4 * filtered.values[(filtered.grid.columns + 1) * 4 + channel])
  }
}

/// Errors keep fewer bits where so many are added up that 32 would not do.
@Test func deepSumsTakeShorterErrors() {
  let format = ErrorFormat()
  #expect([1, 4096, 8192, 8193, 16385].map { format.mantissaBits(forSumsOf: $0) } == [12, 12, 12, 11, 10])
  #expect(2047 * 127 * 8192 < 1 << 31 && 2047 * 255 * format.largestPixelCount < 1 << 31)
}
