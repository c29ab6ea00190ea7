import TestSupport

@testable import Training

/// Mantissas of sums, in plain words: as many bits off as it takes, to the nearest, halves up.
func plainRenormalized(_ values: [Int], bits: Int32) -> (mantissas: [Int], shift: Int32) {
  let limit = 1 << Int(bits - 1) - 1
  let largest = values.map { abs($0) }.max() ?? 0
  var shift: Int32 = 0
  while largest >> Int(shift) > limit { shift += 1 }
  return (values.map { min(max(Int(nearest(Int128($0), byPower: shift)), -limit), limit) }, shift)
}

/// Where a pixel's patch is: by division, but what lies beyond the last patch belongs to it.
func plainPatch(_ grid: PatchGrid, _ row: Int, _ column: Int) -> Int {
  min(row / grid.patchHeight, grid.rows - 1) * grid.columns + min(column / grid.patchWidth, grid.columns - 1)
}

/// A convolution's backward pass in plain loops: every output, every tap, every input.
struct PlainConvolution {
  let shape: ConvolutionShape
  let outputGrid: PatchGrid
  let inputGrid: PatchGrid
  let weights: [Int8]
  let factors: [Int32]
  let images: Int

  /// Whether errors stand for patches, not pixels.
  var isFiltered: Bool { outputGrid.patchHeight > 1 || outputGrid.patchWidth > 1 }

  func weight(_ output: Int, _ tap: Int, _ index: Int) -> Int {
    Int(weights[(output * shape.taps + tap) * shape.groupInputs + index])
  }

  /// The input under a tap; nil where it is padding.
  private func inputPixel(_ row: Int, _ column: Int, _ tap: Int) -> Int? {
    let y = row * shape.strideHeight + tap / shape.kernelWidth * shape.dilationHeight - shape.paddingTop
    let x = column * shape.strideWidth + tap % shape.kernelWidth * shape.dilationWidth - shape.paddingLeft
    return 0..<shape.inputHeight ~= y && 0..<shape.inputWidth ~= x ? y * shape.inputWidth + x : nil
  }

  /// Calls `body` with each output of each image, each of its taps that is not padding, and the input there.
  private func forEachTap(_ body: (_ image: Int, _ pixel: Int, _ tap: Int, _ input: Int) -> Void) {
    for image in 0..<images {
      for row in 0..<shape.outputHeight {
        for column in 0..<shape.outputWidth {
          for tap in 0..<shape.taps {
            if let input = inputPixel(row, column, tap) {
              body(image, row * shape.outputWidth + column, tap, input)
            }
          }
        }
      }
    }
  }

  /// Errors of the inputs and their exponent.
  func inputError(_ errors: [Int], exponent: Int32, scaleExponent: Int32, bits: Int32) -> ([Int], Int32) {
    let (places, inputs) = (images * outputGrid.count, images * inputGrid.count * shape.inputChannels)
    // 1 / (s · s): a right shift as far as that is a power of two, else a shift and a factor.
    var scaled = factors.map { Int($0) }
    var strideExponent: Int32 = 0
    if isFiltered {
      let area = shape.strideHeight * shape.strideWidth
      while 1 << Int(strideExponent) < area { strideExponent += 1 }
      if 1 << Int(strideExponent) != area {
        scaled = scaled.map { ($0 << Int(strideExponent) + area / 2) / area }
      }
    }
    let folded = plainRenormalized(
      (0..<places * shape.outputChannels).map { errors[$0] * scaled[$0 % shape.outputChannels] }, bits: bits)
    var sums = [Int](repeating: 0, count: inputs)
    func add(_ place: Int, _ inputPlace: Int, _ tap: Int) {
      for output in 0..<shape.outputChannels {
        let group = output / shape.groupOutputs
        for index in 0..<shape.groupInputs {
          sums[inputPlace * shape.inputChannels + group * shape.groupInputs + index] +=
            folded.mantissas[place * shape.outputChannels + output] * weight(output, tap, index)
        }
      }
    }
    if isFiltered {
      for place in 0..<places { for tap in 0..<shape.taps { add(place, place, tap) } }
    } else {
      forEachTap { image, pixel, tap, input in
        add(image * outputGrid.count + pixel, image * inputGrid.count + input, tap)
      }
    }
    let result = plainRenormalized(sums, bits: bits)
    return (
      result.mantissas, exponent + scaleExponent + strideExponent - folded.shift - result.shift
    )
  }

  /// The gradient of the weights.
  func weightGradient(_ errors: [Int], _ input: [Int8], zeroPoint: Int) -> [Int] {
    var gradient = [Int](repeating: 0, count: shape.weightCount)
    func add(_ place: Int, _ tap: Int, _ value: (_ channel: Int) -> Int) {
      for output in 0..<shape.outputChannels {
        let group = output / shape.groupOutputs
        for index in 0..<shape.groupInputs {
          gradient[(output * shape.taps + tap) * shape.groupInputs + index] +=
            errors[place * shape.outputChannels + output] * value(group * shape.groupInputs + index)
        }
      }
    }
    let pixels = shape.inputHeight * shape.inputWidth
    if isFiltered {
      // Every input of the patch, under every tap.
      for image in 0..<images {
        for pixel in 0..<pixels {
          let patch = plainPatch(inputGrid, pixel / shape.inputWidth, pixel % shape.inputWidth)
          for tap in 0..<shape.taps {
            add(image * outputGrid.count + patch, tap) {
              Int(input[(image * pixels + pixel) * shape.inputChannels + $0]) - zeroPoint
            }
          }
        }
      }
    } else {
      forEachTap { image, pixel, tap, place in
        add(image * outputGrid.count + pixel, tap) {
          Int(input[(image * pixels + place) * shape.inputChannels + $0]) - zeroPoint
        }
      }
    }
    return gradient
  }

  /// The gradient of the biases: the error of each output's pixel, or of its patch.
  func biasGradient(_ errors: [Int]) -> [Int] {
    var gradient = [Int](repeating: 0, count: shape.outputChannels)
    for image in 0..<images {
      for row in 0..<shape.outputHeight {
        for column in 0..<shape.outputWidth {
          let place = image * outputGrid.count + plainPatch(outputGrid, row, column)
          for output in 0..<shape.outputChannels {
            gradient[output] += errors[place * shape.outputChannels + output]
          }
        }
      }
    }
    return gradient
  }
}
