import FixedPoint
import Kernels

/// The backward pass of the branch that makes a squeeze-and-excite's gates: mean, fully connected layer with ReLU,
/// fully connected layer, hard sigmoid. Its weights stay as they are.
public struct SqueezeExciteBranch {
  public let gate: SqueezeExciteBackward
  /// Towards the hidden layer, and towards the gates; on maps of one pixel.
  public let squeeze: ConvolutionBackward
  public let squeezeWeights: UnsafePointer<Int8>
  public let excite: ConvolutionBackward
  public let exciteWeights: UnsafePointer<Int8>
  /// The hidden layer's zero point, which is where its ReLU cuts.
  public let hiddenZeroPoint: Int8
  /// For each int8 value of the second layer's output, from −128 on, whether the hard sigmoid's slope there is 1/6 (1)
  /// or none (0).
  public let slopes: UnsafePointer<Int8>
  /// The scale of the map: `inputFactor · 2^−inputExponent`, the factor in 2^14...2^15.
  public let inputFactor: Int32
  public let inputExponent: Int32

  public init(
    gate: SqueezeExciteBackward, squeeze: ConvolutionBackward, squeezeWeights: UnsafePointer<Int8>,
    excite: ConvolutionBackward, exciteWeights: UnsafePointer<Int8>, hiddenZeroPoint: Int8,
    slopes: UnsafePointer<Int8>, inputFactor: Int32, inputExponent: Int32
  ) {
    self.gate = gate
    self.squeeze = squeeze
    self.squeezeWeights = squeezeWeights
    self.excite = excite
    self.exciteWeights = exciteWeights
    self.hiddenZeroPoint = hiddenZeroPoint
    self.slopes = slopes
    self.inputFactor = inputFactor
    self.inputExponent = inputExponent
  }

  /// What a forward pass has to keep of a mini-batch.
  public struct Saved {
    /// For each image and channel 256 times the gate.
    public var gates: UnsafePointer<UInt8>
    /// Sums of the map.
    public var inputs: PatchSums
    /// The hidden layer's outputs.
    public var hidden: UnsafePointer<Int8>
    /// The second layer's outputs, before the hard sigmoid.
    public var excited: UnsafePointer<Int8>

    public init(
      gates: UnsafePointer<UInt8>, inputs: PatchSums, hidden: UnsafePointer<Int8>,
      excited: UnsafePointer<Int8>
    ) {
      self.gates = gates
      self.inputs = inputs
      self.hidden = hidden
      self.excited = excited
    }
  }

  /// Errors of the branch, one for each image and channel; two of them are there at a time.
  private func branchCount(images: Int) -> Int { images * max(gate.channels, squeeze.shape.outputChannels) }

  public func workspaceSize(images: Int) -> WorkspaceSize {
    var size = gate.workspaceSize(images: images)
    size.formUnion(squeeze.workspaceSize(images: images))
    size.formUnion(excite.workspaceSize(images: images))
    size.mantissas += 2 * branchCount(images: images)
    return size
  }

  /// Errors of the map: through the product, and through the branch.
  ///
  /// The derivative by a gate is Σ E · s_x (q − z) over its channel's pixels. It goes through the hard sigmoid, whose
  /// slope is 1/6, both layers, and the mean, which hands 1/(H · W) to each pixel.
  ///
  /// - Parameter output: Not the memory of `error`.
  public func inputError(
    _ error: ErrorTensor, saved: Saved, _ pass: BackwardPass, into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let direct = gate.inputError(error, gates: saved.gates, pass, into: output)
    // The layers' own errors come after the branch's.
    let room = branchCount(images: error.images)
    let first = pass.workspace.mantissas
    let second = first + room
    var inner = pass
    inner.workspace = pass.workspace.skippingMantissas(2 * room)

    var branch = gateError(error, saved.inputs, inner, into: first)
    branch = scale(branch, by: inputExponent, Salt.gateFunction, inner) {
      slopes[Int(saved.excited[$0]) + 128] == 0 ? 0 : inputFactor
    }
    // 1/6 as 21845 · 2^−17
    branch = scale(branch, by: 17, Salt.gateSlope, inner) { _ in 21845 }
    branch = excite.inputError(branch, weights: exciteWeights, salt: 0, inner, into: second)
    for index in 0..<branch.count where saved.hidden[index] <= hiddenZeroPoint {
      branch.mantissas[index] = 0
    }
    branch = squeeze.inputError(branch, weights: squeezeWeights, salt: 0, inner, into: first)
    let reciprocal = PatchGrid.reciprocal(of: gate.grid.pixels)
    branch = scale(branch, by: 15, Salt.gateMean, inner) { _ in reciprocal }
    return add(direct, branch, pass)
  }

  /// Σ E · (q − z) over the patches of each image and channel.
  private func gateError(
    _ error: ErrorTensor, _ inputs: PatchSums, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let channels = gate.channels
    let count = error.images * channels
    pass.clearAccumulators(count)
    for image in 0..<error.images {
      let first = image * error.patches * channels
      let sums = pass.workspace.accumulators + image * channels
      switch inputs {
      case .narrow(let values):
        pass.kernels.sumChannelProducts(
          ChannelProductSums(
            errors: error.mantissas + first, errorStride: channels, inputs: values + first,
            inputStride: channels, rowCount: error.patches, channels: channels, output: sums))
      case .wide(let values):
        pass.kernels.sumWideChannelProducts(
          ChannelProductSums(
            errors: error.mantissas + first, errorStride: channels, inputs: values + first,
            inputStride: channels, rowCount: error.patches, channels: channels, output: sums))
      }
    }
    return ErrorTensor(
      mantissas: output,
      exponent: pass.renormalize(count, exponent: error.exponent, salt: Salt.gateError, into: output),
      images: error.images, patches: 1, channels: channels)
  }

  /// Errors times a factor each, of `bits` fraction bits; in place.
  private func scale(
    _ error: ErrorTensor, by bits: Int32, _ salt: UInt32, _ pass: BackwardPass, _ factor: (Int) -> Int32
  ) -> ErrorTensor {
    for index in 0..<error.count {
      pass.workspace.accumulators[index] = Int32(error.mantissas[index]) &* factor(index)
    }
    var result = error
    result.exponent = pass.renormalize(
      error.count, exponent: error.exponent &+ bits, salt: salt, into: error.mantissas)
    return result
  }

  /// Adds the branch's errors to those of every patch; in place.
  private func add(_ direct: ErrorTensor, _ branch: ErrorTensor, _ pass: BackwardPass) -> ErrorTensor {
    let exponent = ResidualBackward.exponent(direct.exponent, branch.exponent)
    var largest: UInt32 = 0
    for row in 0..<direct.rows {
      let image = row / direct.patches
      largest = max(
        largest,
        pass.kernels.addErrors(
          ErrorSum(
            first: direct.mantissas + row * direct.channels,
            firstShift: min(direct.exponent &- exponent, 31),
            second: branch.mantissas + image * direct.channels,
            secondShift: min(branch.exponent &- exponent, 31), count: direct.channels),
          pass.workspace.accumulators + row * direct.channels))
    }
    var result = direct
    result.exponent = pass.renormalize(
      direct.count, largest: largest, exponent: exponent, salt: Salt.residual, into: direct.mantissas)
    return result
  }
}
