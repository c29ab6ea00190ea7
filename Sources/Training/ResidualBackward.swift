import Kernels

/// Where a map was used twice its errors add up. (An addition itself hands its error to both of its inputs as it is:
/// errors are by real values, whatever the scales.)
public enum ResidualBackward {
  public static func workspaceSize(_ error: ErrorTensor) -> WorkspaceSize {
    WorkspaceSize(accumulators: error.count)
  }

  /// The common exponent of a sum: the finer one, unless the coarser would have to be shifted left by more than 16 bits,
  /// which 12 bits and a sign leave room for.
  static func exponent(_ first: Int32, _ second: Int32) -> Int32 {
    min(max(first, second), min(first, second) &+ 16)
  }

  /// - Parameter output: May be the memory of either.
  public static func sum(
    _ first: ErrorTensor, _ second: ErrorTensor, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let exponent = exponent(first.exponent, second.exponent)
    let largest = pass.kernels.addErrors(
      ErrorSum(
        first: first.mantissas, firstShift: min(first.exponent &- exponent, 31), second: second.mantissas,
        secondShift: min(second.exponent &- exponent, 31), count: first.count),
      pass.workspace.accumulators)
    var result = first
    result.exponent = pass.renormalize(
      first.count, largest: largest, exponent: exponent, salt: Salt.residual, into: output)
    result.mantissas = output
    return result
  }
}
