/// The inner loops of training: everything that is done for each weight, each error or each saved input.
///
/// Errors are int16 mantissas with one exponent for a tensor and mini-batch, weights int8, sums int32. What a loop's
/// sums are bounded by, its caller has seen to: no kernel saturates, and the order of additions does not matter.
public struct TrainingKernels {
  public var multiplyErrors: (_ product: ErrorProduct<Int8>) -> Void
  /// By sums of a kernel's weights, which take 16 bits.
  public var multiplyErrorsBySums: (_ product: ErrorProduct<Int16>) -> Void
  public var multiplyGradient: (_ product: GradientProduct<Int16>) -> Void
  /// With sums of patches so large that they take 32 bits.
  public var multiplyWideGradient: (_ product: GradientProduct<Int32>) -> Void
  public var sumChannelProducts: (_ run: ChannelProductSums<Int16>) -> Void
  public var sumWideChannelProducts: (_ run: ChannelProductSums<Int32>) -> Void
  public var spreadChannels: (_ run: ChannelSpread) -> Void
  public var sumPatch: (_ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int16>) -> Void
  public var sumWidePatch: (_ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int32>) -> Void
  public var averageTable:
    (
      _ patch: Patch, _ table: UnsafePointer<Int8>, _ reciprocal: Int32,
      _ output: UnsafeMutablePointer<Int8>
    ) -> Void
  public var scaleChannels:
    (
      _ errors: UnsafePointer<Int16>, _ rows: Int, _ channels: Int, _ factors: UnsafePointer<Int32>,
      _ output: UnsafeMutablePointer<Int32>
    ) -> UInt32
  public var scaleElements:
    (
      _ errors: UnsafePointer<Int16>, _ factors: UnsafePointer<Int8>, _ count: Int,
      _ output: UnsafeMutablePointer<Int32>
    ) -> UInt32
  public var addErrors: (_ sum: ErrorSum, _ output: UnsafeMutablePointer<Int32>) -> UInt32
  public var multiplyLogits: (_ product: LogitProduct, _ output: UnsafeMutablePointer<Int32>) -> Void
  public var largestMagnitude: (_ values: UnsafePointer<Int32>, _ count: Int) -> UInt32
  public var renormalize:
    (
      _ values: UnsafePointer<Int32>, _ count: Int, _ renormalization: Renormalization,
      _ output: UnsafeMutablePointer<Int16>
    ) -> Void
  public var sumOfSquares: (_ gradient: UnsafePointer<Int32>, _ count: Int, _ shift: Int32) -> UInt64
  public var updateNarrow: (_ update: ParameterUpdate<Int16>) -> UInt32
  public var updateWide: (_ update: ParameterUpdate<Int32>) -> UInt32

  /// The definitions.
  public static var scalar: TrainingKernels {
    TrainingKernels(
      multiplyErrors: { multiplyErrorsScalar($0) }, multiplyErrorsBySums: { multiplyErrorsScalar($0) },
      multiplyGradient: { multiplyGradientScalar($0) },
      multiplyWideGradient: { multiplyGradientScalar($0) },
      sumChannelProducts: { sumChannelProductsScalar($0) },
      sumWideChannelProducts: { sumChannelProductsScalar($0) }, spreadChannels: spreadChannelsScalar,
      sumPatch: { sumPatchScalar($0, $1, $2) }, sumWidePatch: { sumPatchScalar($0, $1, $2) },
      averageTable: averageTableScalar, scaleChannels: scaleChannelsScalar,
      scaleElements: scaleElementsScalar, addErrors: addErrorsScalar, multiplyLogits: multiplyLogitsScalar,
      largestMagnitude: largestMagnitudeScalar,
      renormalize: renormalizeScalar, sumOfSquares: sumOfSquaresScalar,
      updateNarrow: { updateParameterScalar($0) }, updateWide: { updateParameterScalar($0) })
  }
}
