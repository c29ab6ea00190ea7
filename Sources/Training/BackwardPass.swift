import FixedPoint
import Kernels

/// What all layers of a backward pass share.
public struct BackwardPass {
  public var kernels: TrainingKernels
  public var format: ErrorFormat
  public var workspace: Workspace
  /// Steps done before this one.
  public var step: Int

  public init(kernels: TrainingKernels, format: ErrorFormat, workspace: Workspace, step: Int) {
    self.kernels = kernels
    self.format = format
    self.workspace = workspace
    self.step = step
  }

  /// Makes the workspace's first sums mantissas, of which the largest takes all bits: shifted right together, never
  /// left, so that small errors stay exact.
  ///
  /// - Parameters:
  ///   - largest: The largest magnitude among them.
  ///   - exponent: Of the sums.
  ///   - salt: Sets this call's random words apart from those of the step's other calls.
  ///   - bits: Fewer than the format's where sums would not fit.
  /// - Returns: The mantissas' exponent.
  func renormalize(
    _ count: Int, largest: UInt32, exponent: Int32, salt: UInt32, bits: Int32? = nil,
    into output: UnsafeMutablePointer<Int16>
  ) -> Int32 {
    let bits = bits ?? format.mantissaBits
    let shift = max(0, bitLength(UInt64(largest)) &- (bits &- 1))
    kernels.renormalize(
      workspace.accumulators, count,
      Renormalization(
        shift: shift, limit: ErrorFormat.limit(bits: bits), isStochastic: format.isStochastic,
        key: UInt32(truncatingIfNeeded: step) &* 64 &+ salt, firstIndex: 0), output)
    return exponent &- shift
  }

  /// The same of sums whose largest magnitude isn't known yet.
  func renormalize(
    _ count: Int, exponent: Int32, salt: UInt32, into output: UnsafeMutablePointer<Int16>
  ) -> Int32 {
    renormalize(
      count, largest: kernels.largestMagnitude(workspace.accumulators, count), exponent: exponent, salt: salt,
      into: output)
  }

  func clearAccumulators(_ count: Int) { workspace.accumulators.update(repeating: 0, count: count) }
}

/// The salts of layers without parameters; those with parameters take their number.
enum Salt {
  static let activation: UInt32 = 3
  static let gate: UInt32 = 5
  static let pool: UInt32 = 9
  static let residual: UInt32 = 11
  static let head: UInt32 = 13
  static let gateError: UInt32 = 15
  static let gateFunction: UInt32 = 17
  static let gateSlope: UInt32 = 19
  static let gateMean: UInt32 = 21
}
