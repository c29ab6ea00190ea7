import Kernels

/// The backward pass of a function of one int8 variable.
///
/// The error is the same all over a patch, so the mean of error times derivative is the error times the mean of the
/// derivative: that mean is all that the forward pass leaves, one byte for each patch and channel.
public struct ActivationBackward {
  /// The derivative for each int8 value from −128 on, with 6 fraction bits. The variable is whichever the forward pass
  /// has: a table's input, or the output of a fused clamp.
  public let derivatives: UnsafePointer<Int8>
  public let grid: PatchGrid
  public let channels: Int

  public init(derivatives: UnsafePointer<Int8>, grid: PatchGrid, channels: Int) {
    self.derivatives = derivatives
    self.grid = grid
    self.channels = channels
  }

  /// Bytes of what the forward pass saves.
  public func savedByteCount(images: Int) -> Int {
    alignedBytes(images * grid.count * channels, of: Int8.self)
  }

  public func workspaceSize(images: Int) -> WorkspaceSize {
    WorkspaceSize(accumulators: images * grid.count * channels)
  }

  /// Keeps the means of an image's derivatives, rounded to the nearest by a Q15 reciprocal of the patch's pixels.
  public func save(
    _ values: UnsafePointer<Int8>, image: Int, kernels: TrainingKernels,
    into means: UnsafeMutablePointer<Int8>
  ) {
    let means = means + image * grid.count * channels
    grid.forEachPatch(of: values, channels: channels) { patch, index, pixels in
      kernels.averageTable(
        patch, derivatives, PatchGrid.reciprocal(of: pixels), means + index * channels)
    }
  }

  /// - Parameter output: May be the memory of `error`.
  public func inputError(
    _ error: ErrorTensor, means: UnsafePointer<Int8>, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let largest = pass.kernels.scaleElements(
      error.mantissas, means, error.count, pass.workspace.accumulators)
    var result = error
    result.exponent = pass.renormalize(
      error.count, largest: largest, exponent: error.exponent &+ 6, salt: Salt.activation, into: output)
    result.mantissas = output
    return result
  }

  /// The derivatives of a clamp that is fused into a layer, by its outputs: 1 strictly between the bounds, else 0. At
  /// 127 int8 ends, not the function: that bound counts as inside.
  public static func setClamp(low: Int8, high: Int8, _ derivatives: UnsafeMutablePointer<Int8>) {
    for value in Int(Int8.min)...Int(Int8.max) {
      let isInside = value > Int(low) && (value < Int(high) || high == Int8.max)
      derivatives[value + 128] = isInside ? 64 : 0
    }
  }
}
