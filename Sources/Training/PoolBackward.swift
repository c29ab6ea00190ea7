import Kernels

/// The backward pass of a mean over the whole map: each pixel gets its part of the error.
public struct PoolBackward {
  public let grid: PatchGrid
  public let channels: Int

  public init(grid: PatchGrid, channels: Int) {
    self.grid = grid
    self.channels = channels
  }

  public func workspaceSize(images: Int) -> WorkspaceSize {
    WorkspaceSize(accumulators: images * channels, mantissas: images * channels, factors: channels)
  }

  /// - Parameter output: Room for the map's errors; may be the memory of `error`.
  public func inputError(
    _ error: ErrorTensor, _ pass: BackwardPass, into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let factors = pass.workspace.factors
    factors.update(repeating: PatchGrid.reciprocal(of: grid.pixels), count: channels)
    let largest = pass.kernels.scaleChannels(
      error.mantissas, error.rows, channels, factors, pass.workspace.accumulators)
    let means = pass.workspace.mantissas
    let exponent = pass.renormalize(
      error.count, largest: largest, exponent: error.exponent &+ 15, salt: Salt.pool, into: means)
    for image in 0..<error.images {
      for patch in 0..<grid.count {
        (output + (image * grid.count + patch) * channels).update(
          from: means + image * channels, count: channels)
      }
    }
    return ErrorTensor(
      mantissas: output, exponent: exponent, images: error.images, patches: grid.count, channels: channels)
  }
}
