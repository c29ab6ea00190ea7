import Kernels

/// A convolution whose weights and biases are trained.
public struct TrainableConvolution<Master: MasterWeight>: ~Copyable {
  public let backward: ConvolutionBackward
  public var parameter: TrainableParameter<Master>
  public var bias: TrainableBias

  /// - Parameter ownsWeights: False where the weights in use lie elsewhere.
  public static func byteCount(_ shape: ConvolutionShape, ownsWeights: Bool = true) -> Int {
    TrainableBias.byteCount(count: shape.outputChannels)
      + TrainableParameter<Master>.byteCount(
        rowCount: shape.outputChannels, columns: shape.rowLength, ownsWeights: ownsWeights)
  }

  /// - Parameters:
  ///   - memory: `byteCount` bytes, aligned to 64.
  ///   - number: The parameter's; the biases' is the next.
  ///   - weights: The weights in use, where they lie elsewhere.
  public init(
    _ backward: ConvolutionBackward, memory: UnsafeMutableRawPointer, number: UInt32,
    weights: UnsafeMutablePointer<Int8>? = nil
  ) {
    let shape = backward.shape
    self.backward = backward
    bias = TrainableBias(
      memory: memory, count: shape.outputChannels, number: number &+ 1, fractionBits: 4)
    parameter = TrainableParameter(
      memory: memory + TrainableBias.byteCount(count: shape.outputChannels),
      rowCount: shape.outputChannels, columns: shape.rowLength, number: number, weights: weights)
  }

  /// One step, against the errors of the outputs.
  ///
  /// - Parameters:
  ///   - output: Room for the errors of the inputs; nil where nobody asks for them.
  ///   - weightStep, biasStep: How far weights and biases go.
  /// - Returns: The errors of the inputs, by the weights before the step.
  @discardableResult
  public mutating func step(
    _ error: ErrorTensor, inputs: PatchSums, weightStep: StepContext, biasStep: StepContext,
    _ pass: BackwardPass, into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    var result: ErrorTensor?
    if let output {
      result = backward.inputError(
        error, weights: parameter.weights, salt: parameter.number, pass, into: output)
    }
    if backward.rowsAtATime < parameter.rowCount {
      updateInPieces(error, inputs, weightStep, pass)
    } else {
      parameter.update(backward.weightGradient(error, inputs: inputs, pass), weightStep)
    }
    bias.update(backward.biasGradient(error, pass), isStochastic: Master.isStochastic, biasStep)
    return result
  }

  /// The weights' step, against a gradient that is never there as a whole: what it is measured by comes first.
  private mutating func updateInPieces(
    _ error: ErrorTensor, _ inputs: PatchSums, _ context: StepContext, _ pass: BackwardPass
  ) {
    var largest: UInt32 = 0
    forEachPiece { rows, count in
      let gradient = backward.weightGradient(rows: rows, error, inputs: inputs, pass)
      largest = max(largest, context.kernels.largestMagnitude(gradient.values, count))
    }
    let shift = RunningScale.shift(largest: largest)
    var sum: UInt64 = 0
    forEachPiece { rows, count in
      let gradient = backward.weightGradient(rows: rows, error, inputs: inputs, pass)
      sum &+= context.kernels.sumOfSquares(gradient.values, count, shift)
    }
    let normalization = parameter.scale.normalization(
      sum: sum, shift: shift, exponent: error.exponent, count: parameter.count)
    guard let normalization else { return }
    forEachPiece { rows, _ in
      let gradient = backward.weightGradient(rows: rows, error, inputs: inputs, pass)
      _ = parameter.update(rows: rows, gradient, normalization, context)
    }
  }

  /// Calls `body` with the rows of each piece of the gradient, and how many weights they have.
  private func forEachPiece(_ body: (_ rows: Range<Int>, _ count: Int) -> Void) {
    var first = 0
    while first < parameter.rowCount {
      let rows = first..<min(first + backward.rowsAtATime, parameter.rowCount)
      body(rows, rows.count * parameter.columns)
      first = rows.upperBound
    }
  }
}
