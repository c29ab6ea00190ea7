import Kernels

/// On pixels, with a kernel or a stride: for each row of outputs and each tap a product of matrices.
extension ConvolutionBackward {
  /// Adds errors times weights to the accumulators: the transposed convolution.
  func multiplyExactly(_ error: ErrorTensor, _ weights: UnsafePointer<Int8>, _ pass: BackwardPass) {
    for image in 0..<error.images {
      let errors = error.mantissas + image * outputGrid.pixels * shape.outputChannels
      let output = pass.workspace.accumulators + image * inputGrid.pixels * shape.inputChannels
      shape.forEachTapRow { tap, outputPixel, inputPixel, count in
        for group in 0..<shape.groups {
          pass.kernels.multiplyErrors(
            ErrorProduct(
              rows: errors + (outputPixel * shape.outputChannels + group * shape.groupOutputs),
              rowStride: shape.outputChannels, rowCount: count, depth: shape.groupOutputs,
              weights: weights
                + (group * shape.groupOutputs * shape.rowLength + tap * shape.groupInputs),
              weightStride: shape.rowLength, columns: shape.groupInputs,
              output: output + (inputPixel * shape.inputChannels + group * shape.groupInputs),
              outputStride: shape.strideWidth * shape.inputChannels))
        }
      }
    }
  }

  /// Adds errors times inputs to the accumulators, which then hold the gradient.
  func accumulateGradientExactly(_ error: ErrorTensor, _ inputs: PatchSums, _ pass: BackwardPass) {
    // A pixel's sum is narrow.
    guard case .narrow(let inputs) = inputs else { return }
    for image in 0..<error.images {
      let errors = error.mantissas + image * outputGrid.pixels * shape.outputChannels
      let values = inputs + image * inputGrid.pixels * shape.inputChannels
      shape.forEachTapRow { tap, outputPixel, inputPixel, count in
        for group in 0..<shape.groups {
          pass.kernels.multiplyGradient(
            GradientProduct(
              errors: errors + (outputPixel * shape.outputChannels + group * shape.groupOutputs),
              errorStride: shape.outputChannels, errorColumns: shape.groupOutputs,
              inputs: values + (inputPixel * shape.inputChannels + group * shape.groupInputs),
              inputStride: shape.strideWidth * shape.inputChannels, inputColumns: shape.groupInputs,
              rowCount: count,
              output: pass.workspace.accumulators
                + (group * shape.groupOutputs * shape.rowLength + tap * shape.groupInputs),
              outputStride: shape.rowLength))
        }
      }
    }
  }
}
