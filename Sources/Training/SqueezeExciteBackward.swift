import Kernels

/// The backward pass of a map times a gate for each image and channel, y = x · g with g in 0...255/256.
///
/// The gate counts as a constant: what flows back through the branch that makes it is left out, or added by
/// `SqueezeExciteBranch`.
public struct SqueezeExciteBackward {
  public let grid: PatchGrid
  public let channels: Int

  public init(grid: PatchGrid, channels: Int) {
    self.grid = grid
    self.channels = channels
  }

  public func workspaceSize(images: Int) -> WorkspaceSize {
    WorkspaceSize(accumulators: images * grid.count * channels, factors: channels)
  }

  /// - Parameters:
  ///   - gates: For each image and channel 256 times the gate.
  ///   - output: May be the memory of `error`.
  public func inputError(
    _ error: ErrorTensor, gates: UnsafePointer<UInt8>, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let factors = pass.workspace.factors
    let imageCount = error.patches * channels
    var largest: UInt32 = 0
    for image in 0..<error.images {
      for channel in 0..<channels { factors[channel] = Int32(gates[image * channels + channel]) }
      largest = max(
        largest,
        pass.kernels.scaleChannels(
          error.mantissas + image * imageCount, error.patches, channels, factors,
          pass.workspace.accumulators + image * imageCount))
    }
    var result = error
    result.exponent = pass.renormalize(
      error.count, largest: largest, exponent: error.exponent &+ 8, salt: Salt.gate, into: output)
    result.mantissas = output
    return result
  }
}
