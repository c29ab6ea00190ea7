import Kernels

/// A convolution whose weights and biases are trained.
public struct TrainableConvolution<Master: MasterWeight>: ~Copyable {
  public let backward: ConvolutionBackward
  public var parameter: TrainableParameter<Master>
  public var bias: TrainableBias

  public static func byteCount(_ shape: ConvolutionShape) -> Int {
    TrainableParameter<Master>.byteCount(rowCount: shape.outputChannels, columns: shape.rowLength)
      + TrainableBias.byteCount(count: shape.outputChannels)
  }

  /// - Parameters:
  ///   - memory: `byteCount` bytes, aligned to 64.
  ///   - number: The parameter's; the biases' is the next.
  public init(_ backward: ConvolutionBackward, memory: UnsafeMutableRawPointer, number: UInt32) {
    let shape = backward.shape
    self.backward = backward
    parameter = TrainableParameter(
      memory: memory, rowCount: shape.outputChannels, columns: shape.rowLength, number: number)
    bias = TrainableBias(
      memory: memory
        + TrainableParameter<Master>.byteCount(rowCount: shape.outputChannels, columns: shape.rowLength),
      count: shape.outputChannels, number: number &+ 1, fractionBits: 4)
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
    parameter.update(backward.weightGradient(error, inputs: inputs, pass), weightStep)
    bias.update(backward.biasGradient(error, pass), isStochastic: Master.isStochastic, biasStep)
    return result
  }
}
