import Kernels
import TestSupport
import Testing

@testable import Training

/// Every pixel belongs to one patch, the one that division gives it.
@Test func patchesCoverTheMap() {
  for height in 1...9 {
    for width in [1, 4, 7] {
      for patch in 1...10 {
        let grid = PatchGrid(height: height, width: width, patch: patch)
        var pixels = 0
        for row in 0..<grid.rows {
          for column in 0..<grid.columns {
            pixels += grid.pixelCount(row: row, column: column)
            for y in grid.pixelRows(of: row) {
              for x in grid.pixelColumns(of: column) {
                #expect(plainPatch(grid, y, x) == row * grid.columns + column)
              }
            }
          }
        }
        #expect(pixels == height * width)
        #expect(grid.isExact == (patch == 1))
      }
    }
  }
}

/// In front of a convolution there are as many patches as behind it, whatever its padding.
@Test(arguments: ConvolutionCase.all, [2, 3, 7]) func gridsHaveAsManyPatches(
  convolution: ConvolutionCase, patch: Int
) {
  let shape = convolution.shape
  let grid = PatchGrid(height: shape.outputHeight, width: shape.outputWidth, patch: patch)
  let input = ConvolutionBackward.inputGrid(of: shape, outputGrid: grid)
  #expect(input.rows == grid.rows && input.columns == grid.columns)
  let pixels = (0..<input.rows).flatMap { row in
    (0..<input.columns).map { input.pixelCount(row: row, column: $0) }
  }
  #expect(pixels.reduce(0, +) == shape.inputHeight * shape.inputWidth)
}

/// A patch that has more than 128 pixels keeps its sums in 32 bits; 16 hold all others'.
@Test func sumsOfPatchesFit() {
  #expect(!PatchGrid(height: 11, width: 11, patch: 11).hasWideSums && 255 * 121 < 1 << 15)
  #expect(PatchGrid(height: 14, width: 14, patch: 14).hasWideSums)
  #expect(!PatchGrid(height: 14, width: 8, patch: 14).hasWideSums)
  #expect(!PatchGrid(height: 56, width: 56, patch: 1).hasWideSums)
}

/// Means of derivatives, and the errors that they scale, against plain loops.
@Test(arguments: [1, 2, 3, 7, 9]) func activationsAgainstPlainLoops(patch: Int) {
  var random = Generator(seed: 41)
  let (images, height, width, channels) = (2, 7, 5, 6)
  let grid = PatchGrid(height: height, width: width, patch: patch)
  let table = (0..<256).map { _ in Int8.random(in: -32...96, using: &random) }
  let input = (0..<images * height * width * channels).map { _ in
    Int8.random(in: .min ... .max, using: &random)
  }
  table.withUnsafeBufferPointer { table in
    let backward = ActivationBackward(derivatives: table.baseAddress!, grid: grid, channels: channels)
    var means = [Int8](repeating: 0, count: images * grid.count * channels)
    for image in 0..<images {
      input.withUnsafeBufferPointer {
        backward.save(
          $0.baseAddress! + image * height * width * channels, image: image, kernels: .scalar, into: &means)
      }
    }
    var sums = [Int](repeating: 0, count: means.count)
    var counts = sums
    for (index, value) in input.enumerated() {
      let (image, pixel) = (index / channels / (height * width), index / channels % (height * width))
      let place = image * grid.count + plainPatch(grid, pixel / width, pixel % width)
      sums[place * channels + index % channels] += Int(table[Int(value) + 128])
      counts[place * channels + index % channels] += 1
    }
    let expected = zip(sums, counts).map { sum, count in
      Int(nearest(Int128(sum * ((32768 + count / 2) / count)), byPower: 15))
    }
    #expect(means.map { Int($0) } == expected)

    let errors = TestErrors(
      images: images, patches: grid.count, channels: channels, exponent: 9, random: &random)
    let products = plainRenormalized(zip(errors.values, expected).map { $0 * $1 }, bits: 12)
    let workspace = TestWorkspace(backward.workspaceSize(images: images))
    let result = backward.inputError(
      errors.tensor, means: means, workspace.pass(), into: errors.tensor.mantissas)
    #expect(errors.values == products.mantissas && result.exponent == 15 - products.shift)
  }
}

/// A fused clamp passes errors strictly between its bounds; 127 is where int8 ends, not where ReLU does.
@Test func derivativesOfClamps() {
  var derivatives = [Int8](repeating: 1, count: 256)
  ActivationBackward.setClamp(low: -128, high: 127, &derivatives)
  #expect(derivatives == (-128...127).map { $0 > -128 ? 64 : 0 })
  ActivationBackward.setClamp(low: -5, high: 90, &derivatives)
  #expect(derivatives == (-128...127).map { $0 > -5 && $0 < 90 ? 64 : 0 })
}

/// The error of a mean, its part for each pixel, at every patch.
@Test(arguments: [1, 3]) func meansAgainstPlainLoops(patch: Int) {
  var random = Generator(seed: 42)
  let grid = PatchGrid(height: 7, width: 6, patch: patch)
  let backward = PoolBackward(grid: grid, channels: 5)
  let errors = TestErrors(images: 3, patches: 1, channels: 5, exponent: 4, random: &random)
  let output = TestErrors(images: 3, patches: grid.count, channels: 5)
  let workspace = TestWorkspace(backward.workspaceSize(images: 3))
  let result = backward.inputError(errors.tensor, workspace.pass(), into: output.tensor.mantissas)
  let parts = plainRenormalized(errors.values.map { $0 * ((32768 + 21) / 42) }, bits: 12)
  #expect(result.exponent == 19 - parts.shift)
  let size = grid.count * 5
  for (index, value) in output.values.enumerated() {
    #expect(value == parts.mantissas[index / size * 5 + index % 5])
  }
}

/// Sums of errors of exponents that are the same, near, and so far apart that one loses bits or vanishes.
@Test(arguments: [0, 3, -3, 16, -16, 19, -19, 40, -60] as [Int32]) func residualsAgainstTheSum(
  difference: Int32
) {
  var random = Generator(seed: 43)
  let first = TestErrors(images: 2, patches: 3, channels: 4, exponent: 20, random: &random)
  let second = TestErrors(
    images: 2, patches: 3, channels: 4, exponent: 20 + difference, random: &random)
  let exponent = 20 + min(max(difference, 0), min(difference, 0) + 16)
  let sums = zip(first.values, second.values).map {
    Int(
      nearest(Int128($0), byPower: 20 - exponent) + nearest(Int128($1), byPower: 20 + difference - exponent))
  }
  let expected = plainRenormalized(sums, bits: 12)
  let workspace = TestWorkspace(ResidualBackward.workspaceSize(first.tensor))
  let result = ResidualBackward.sum(
    first.tensor, second.tensor, workspace.pass(), into: second.tensor.mantissas)
  #expect(second.values == expected.mantissas && result.exponent == exponent - expected.shift)
}

/// Where the coarser errors are all 0, the finer ones still lose what 16 bits do not bridge.
@Test func residualsOfNothing() {
  var random = Generator(seed: 44)
  let first = TestErrors(images: 1, patches: 2, channels: 9, exponent: 25, random: &random)
  let second = TestErrors(images: 1, patches: 2, channels: 9, exponent: 5)
  second.tensor.mantissas.update(repeating: 0, count: 18)
  let expected = first.values.map { Int(nearest(Int128($0), byPower: 4)) }
  let workspace = TestWorkspace(ResidualBackward.workspaceSize(first.tensor))
  let result = ResidualBackward.sum(
    first.tensor, second.tensor, workspace.pass(), into: first.tensor.mantissas)
  #expect(first.values == expected && result.exponent == 21)
}

/// Factors of scales: the largest has 15 bits, each is right to half a bit.
@Test func factorsOfScales() {
  let memory = TestMemory(WeightScales.byteCount(count: 4))
  var scales = WeightScales(memory: memory.address, count: 4)
  let values: [(mantissa: Int32, exponent: Int32)] = [
    (1 << 30, -6), (.max, -5), (1_500_000_000, -9), (1_234_567_891, -14),
  ]
  scales.set { .init(mantissa: values[$0].mantissa, exponent: values[$0].exponent) }
  for (index, value) in values.enumerated() {
    // factor · 2^−exponent against mantissa · 2^(e − 31), times 2^60
    let factor = Int128(scales.factors[index]) << Int128(60 - scales.exponent)
    let exact = Int128(value.mantissa) << Int128(29 + value.exponent)
    #expect(abs(factor - exact) <= Int128(1) << Int128(59 - scales.exponent))
  }
  #expect(scales.factors[1] == 1 << 15)
}
