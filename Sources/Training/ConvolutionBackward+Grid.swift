import Kernels

/// On patches, or for a convolution that sees nothing but its own place: products of matrices.
extension ConvolutionBackward {
  /// Adds errors times weights, or the sums of their taps, to the accumulators.
  func multiplyOnGrid(_ error: ErrorTensor, _ weights: UnsafePointer<Int8>, _ pass: BackwardPass) {
    if hasKernelSums {
      sumTaps(of: weights, into: pass.workspace.weights)
      forEachGroup { group in
        pass.kernels.multiplyErrorsBySums(
          product(error, UnsafePointer(pass.workspace.weights), group, pass))
      }
    } else {
      forEachGroup { group in pass.kernels.multiplyErrors(product(error, weights, group, pass)) }
    }
  }

  @inline(__always)
  private func forEachGroup(_ body: (Int) -> Void) {
    for group in 0..<shape.groups { body(group) }
  }

  /// A group's errors times its weights, of which there is one for each output and input.
  private func product<Weight>(
    _ error: ErrorTensor, _ weights: UnsafePointer<Weight>, _ group: Int, _ pass: BackwardPass
  ) -> ErrorProduct<Weight> {
    ErrorProduct(
      rows: error.mantissas + group * shape.groupOutputs, rowStride: shape.outputChannels,
      rowCount: error.rows, depth: shape.groupOutputs,
      weights: weights + group * shape.groupOutputs * shape.groupInputs, weightStride: shape.groupInputs,
      columns: shape.groupInputs, output: pass.workspace.accumulators + group * shape.groupInputs,
      outputStride: shape.inputChannels)
  }

  /// `sums[o, i] = Σ_t weights[o, t, i]`.
  func sumTaps(of weights: UnsafePointer<Int8>, into sums: UnsafeMutablePointer<Int16>) {
    let inputs = shape.groupInputs
    for output in 0..<shape.outputChannels {
      let sums = sums + output * inputs
      for input in 0..<inputs {
        var sum: Int16 = 0
        for tap in 0..<shape.taps {
          sum = sum &+ Int16(weights[output * shape.rowLength + tap * inputs + input])
        }
        sums[input] = sum
      }
    }
  }

  /// Adds errors times sums of patches to the accumulators, which then hold the gradient: the same for all taps.
  func accumulateGradientOnGrid(_ error: ErrorTensor, _ inputs: PatchSums, _ pass: BackwardPass) {
    switch inputs {
    case .narrow(let sums):
      forEachGroup { group in
        pass.kernels.multiplyGradient(gradientProduct(error, UnsafePointer(sums), group, pass))
      }
    case .wide(let sums):
      forEachGroup { group in
        pass.kernels.multiplyWideGradient(gradientProduct(error, UnsafePointer(sums), group, pass))
      }
    }
    for output in 0..<shape.outputChannels {
      let row = pass.workspace.accumulators + output * shape.rowLength
      for tap in 1..<max(shape.taps, 1) {
        (row + tap * shape.groupInputs).update(from: row, count: shape.groupInputs)
      }
    }
  }

  private func gradientProduct<Sum>(
    _ error: ErrorTensor, _ sums: UnsafePointer<Sum>, _ group: Int, _ pass: BackwardPass
  ) -> GradientProduct<Sum> {
    GradientProduct(
      errors: error.mantissas + group * shape.groupOutputs, errorStride: shape.outputChannels,
      errorColumns: shape.groupOutputs, inputs: sums + group * shape.groupInputs,
      inputStride: shape.inputChannels, inputColumns: shape.groupInputs, rowCount: error.rows,
      output: pass.workspace.accumulators + group * shape.groupOutputs * shape.rowLength,
      outputStride: shape.rowLength)
  }
}
