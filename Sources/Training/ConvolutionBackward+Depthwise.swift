import Kernels

/// Each channel by itself.
extension ConvolutionBackward {
  /// Errors times the sum of their channel's taps, in the accumulators.
  ///
  /// - Returns: The largest magnitude.
  func multiplyDepthwiseOnGrid(
    _ error: ErrorTensor, _ weights: UnsafePointer<Int8>, _ pass: BackwardPass
  ) -> UInt32 {
    let sums = pass.workspace.weights
    let factors = pass.workspace.factors
    sumTaps(of: weights, into: sums)
    for channel in 0..<shape.outputChannels { factors[channel] = Int32(sums[channel]) }
    return pass.kernels.scaleChannels(
      error.mantissas, error.rows, error.channels, factors, pass.workspace.accumulators)
  }

  /// Adds errors times weights to the accumulators: the transposed convolution.
  func multiplyDepthwise(_ error: ErrorTensor, _ weights: UnsafePointer<Int8>, _ pass: BackwardPass) {
    let channels = shape.inputChannels
    // Tap by tap, so that channels lie side by side.
    let transposed = pass.workspace.weights
    for channel in 0..<channels {
      for tap in 0..<shape.taps {
        transposed[tap * channels + channel] = Int16(weights[channel * shape.taps + tap])
      }
    }
    for image in 0..<error.images {
      let errors = error.mantissas + image * outputGrid.pixels * channels
      let output = pass.workspace.accumulators + image * inputGrid.pixels * channels
      shape.forEachTapRow { tap, outputPixel, inputPixel, count in
        pass.kernels.spreadChannels(
          ChannelSpread(
            errors: errors + outputPixel * channels, errorStride: channels,
            weights: transposed + tap * channels, rowCount: count, channels: channels,
            output: output + inputPixel * channels, outputStride: shape.strideWidth * channels))
      }
    }
  }

  /// The gradient, in the order of the weights.
  func depthwiseGradient(
    _ error: ErrorTensor, _ inputs: PatchSums, _ pass: BackwardPass
  ) -> UnsafePointer<Int32> {
    let channels = shape.outputChannels
    let gradient = pass.workspace.accumulators
    // Made tap by tap; on patches all taps' are one.
    let sums = gradient + shape.weightCount
    sums.update(repeating: 0, count: shape.weightCount)
    switch inputs {
    case .narrow(let values) where isOnGrid:
      pass.kernels.sumChannelProducts(channelSums(error, UnsafePointer(values), sums))
    case .narrow(let values):
      for image in 0..<error.images {
        let errors = error.mantissas + image * outputGrid.pixels * channels
        let values = values + image * inputGrid.pixels * channels
        shape.forEachTapRow { tap, outputPixel, inputPixel, count in
          pass.kernels.sumChannelProducts(
            ChannelProductSums(
              errors: errors + outputPixel * channels, errorStride: channels,
              inputs: values + inputPixel * channels, inputStride: shape.strideWidth * channels,
              rowCount: count, channels: channels, output: sums + tap * channels))
        }
      }
    case .wide(let values):
      pass.kernels.sumWideChannelProducts(channelSums(error, UnsafePointer(values), sums))
    }
    let taps = shape.taps
    for channel in 0..<channels {
      for tap in 0..<taps {
        gradient[channel * taps + tap] = sums[(isOnGrid ? 0 : tap * channels) + channel]
      }
    }
    return UnsafePointer(gradient)
  }

  private func channelSums<Sum>(
    _ error: ErrorTensor, _ inputs: UnsafePointer<Sum>, _ sums: UnsafeMutablePointer<Int32>
  ) -> ChannelProductSums<Sum> {
    ChannelProductSums(
      errors: error.mantissas, errorStride: error.channels, inputs: inputs, inputStride: error.channels,
      rowCount: error.rows, channels: error.channels, output: sums)
  }
}
