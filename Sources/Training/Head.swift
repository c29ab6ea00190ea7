import FixedPoint
import Kernels

/// The classes: a fully connected layer on int8 features, whose outputs are logits.
///
/// All logits have one scale, a power of two: a logit is its accumulator times 2^−logitExponent, whatever the scale of
/// the features. Rows of the weights are classes.
public struct Head<Master: MasterWeight>: ~Copyable {
  public let features: Int
  public let classes: Int
  public let zeroPoint: Int32
  public var parameter: TrainableParameter<Master>
  public var bias: TrainableBias
  public internal(set) var logitExponent: Int32 = 0

  public static func byteCount(features: Int, classes: Int) -> Int {
    TrainableParameter<Master>.byteCount(rowCount: classes, columns: features)
      + TrainableBias.byteCount(count: classes)
  }

  /// - Parameters:
  ///   - memory: `byteCount` bytes, aligned to 64.
  ///   - zeroPoint: Of the features.
  public init(memory: UnsafeMutableRawPointer, features: Int, classes: Int, zeroPoint: Int32) {
    self.features = features
    self.classes = classes
    self.zeroPoint = zeroPoint
    parameter = TrainableParameter(memory: memory, rowCount: classes, columns: features, number: 1)
    bias = TrainableBias(
      memory: memory + TrainableParameter<Master>.byteCount(rowCount: classes, columns: features),
      count: classes, number: 2, fractionBits: 0)
  }

  public static func workspaceSize(features: Int, classes: Int, images: Int) -> WorkspaceSize {
    WorkspaceSize(
      accumulators: max(images * features, classes * features), mantissas: images * features,
      weights: images * classes)
  }

  /// The most images of a mini-batch for which every sum is proved to fit in 32 bits.
  public static var largestBatch: Int { Int(Int32.max) / (255 << 15) }

  /// Logits of images' features.
  public func logits(
    of values: UnsafePointer<Int8>, images: Int, _ pass: BackwardPass,
    into logits: UnsafeMutablePointer<Int32>
  ) {
    center(values, images: images, pass)
    pass.kernels.multiplyLogits(
      LogitProduct(
        rows: pass.workspace.mantissas, rowCount: images, depth: features, weights: parameter.weights,
        columns: classes), logits)
    for image in 0..<images {
      for index in 0..<classes { logits[image * classes + index] &+= bias.values[index] }
    }
  }

  /// Features without their zero point, as mantissas of the workspace.
  private func center(_ values: UnsafePointer<Int8>, images: Int, _ pass: BackwardPass) {
    let centered = pass.workspace.mantissas
    for index in 0..<images * features {
      centered[index] = Int16(truncatingIfNeeded: Int32(values[index]) &- zeroPoint)
    }
  }

  /// One step against the loss of a mini-batch.
  ///
  /// - Parameters:
  ///   - logits: Those of the features; the gradient by them takes their place.
  ///   - labels: For each image its class.
  ///   - output: Room for the errors of the features; nil where nobody asks for them.
  /// - Returns: The errors of the features, by the weights before the step.
  @discardableResult
  public mutating func step(
    logits: UnsafeMutablePointer<Int32>, features values: UnsafePointer<Int8>, labels: UnsafePointer<Int32>,
    images: Int, _ context: StepContext, _ pass: BackwardPass, into output: UnsafeMutablePointer<Int16>?
  ) -> ErrorTensor? {
    for image in 0..<images {
      SoftmaxGradient.replace(
        logits + image * classes, classes: classes, label: Int(labels[image]), logitExponent: logitExponent)
    }
    // 16 bits hold all of the gradient but 1, for a class that takes all of an image of another.
    let errors = pass.workspace.weights
    for index in 0..<images * classes { errors[index] = Int16(truncatingIfNeeded: min(logits[index], 32767)) }

    var result: ErrorTensor?
    if let output { result = inputError(logits, images: images, pass, into: output) }
    parameterStep(logits, values, images: images, context, pass)
    return result
  }

  /// Calls `body` with each image and class whose gradient is 1.
  @inline(__always)
  private func forEachWhole(
    _ gradient: UnsafePointer<Int32>, images: Int, _ body: (_ image: Int, _ label: Int) -> Void
  ) {
    for image in 0..<images {
      for index in 0..<classes where gradient[image * classes + index] == SoftmaxGradient.one {
        body(image, index)
      }
    }
  }

  private func inputError(
    _ gradient: UnsafePointer<Int32>, images: Int, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let sums = pass.workspace.accumulators
    let count = images * features
    pass.clearAccumulators(count)
    pass.kernels.multiplyErrors(
      ErrorProduct(
        rows: pass.workspace.weights, rowStride: classes, rowCount: images, depth: classes,
        weights: parameter.weights, weightStride: features, columns: features, output: sums,
        outputStride: features))
    forEachWhole(gradient, images: images) { image, label in
      for index in 0..<features {
        sums[image * features + index] &+= Int32(parameter.weights[label * features + index])
      }
    }
    return ErrorTensor(
      mantissas: output,
      exponent: pass.renormalize(
        count, exponent: SoftmaxGradient.exponent &+ logitExponent, salt: Salt.head, into: output),
      images: images, patches: 1, channels: features)
  }

  private mutating func parameterStep(
    _ gradient: UnsafePointer<Int32>, _ values: UnsafePointer<Int8>, images: Int, _ context: StepContext,
    _ pass: BackwardPass
  ) {
    let sums = pass.workspace.accumulators
    center(values, images: images, pass)
    pass.clearAccumulators(classes * features)
    pass.kernels.multiplyGradient(
      GradientProduct(
        errors: pass.workspace.weights, errorStride: classes, errorColumns: classes,
        inputs: UnsafePointer(pass.workspace.mantissas), inputStride: features, inputColumns: features,
        rowCount: images, output: sums, outputStride: features))
    forEachWhole(gradient, images: images) { image, label in
      for index in 0..<features {
        sums[label * features + index] &+= Int32(pass.workspace.mantissas[image * features + index])
      }
    }
    let largest = parameter.update(Gradient(values: sums, exponent: SoftmaxGradient.exponent), context)

    pass.clearAccumulators(classes)
    for image in 0..<images {
      for index in 0..<classes { sums[index] &+= gradient[image * classes + index] }
    }
    bias.update(
      Gradient(values: sums, exponent: SoftmaxGradient.exponent), isStochastic: Master.isStochastic, context)
    if largest >= 127 &<< UInt32(Master.fractionBits) { grow() }
  }

  /// Goes on with masters, momenta and biases that are in its memory already.
  mutating func resume(logitExponent: Int32, scale: RunningScale, biasScale: RunningScale) {
    self.logitExponent = logitExponent
    parameter.scale = scale
    bias.scale = biasScale
    parameter.roundMasters()
  }

  /// Doubles what all weights stand for, and halves them: the only place where a scale changes while training.
  private mutating func grow() {
    parameter.halve()
    bias.halve()
    logitExponent &-= 1
  }
}
