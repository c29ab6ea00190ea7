/// One comparison of every instruction set of this machine with the definition, over many shapes.
public struct KernelCheck: Sendable {
  public let name: StaticString
  private let body: @Sendable () -> Void

  init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }

  /// Runs it, no other at the same time, and tells the first few failures.
  public func run() -> [String] {
    failures = []
    body()
    return failures
  }

  public static let all = [
    KernelCheck("matrix multiply") { MatrixTests().multiply() },
    KernelCheck("matrix accumulate") { MatrixTests().accumulate() },
    KernelCheck("packing of rotated pairs") { PackingTests().rotatedPairsMeetTheirDepths() },
    KernelCheck("pairs of extreme weights") { PackingTests().extremePairsAreFound() },
    KernelCheck("requantization, plain") { RequantizationTests().sweep(isPlain: true) },
    KernelCheck("requantization, any") { RequantizationTests().sweep(isPlain: false) },
    KernelCheck("depthwise") { DepthwiseTests().convolve() },
    KernelCheck("elementwise") { ElementwiseTests().compute() },
    KernelCheck("table") { ElementwiseTests().lookUp() },
    KernelCheck("average pool") { PoolingTests().average() },
    KernelCheck("average pool of every sum") { PoolingTests().averageOfEverySum() },
    KernelCheck("maximum pool") { PoolingTests().maximum() },
    KernelCheck("sum of rows") { PoolingTests().sumRows() },
    KernelCheck("weighted rows") { PixelTests().weighRows() },
    KernelCheck("weighted columns") { PixelTests().weighColumns() },
    KernelCheck("finely weighted rows") { PixelTests().fineRows() },
    KernelCheck("finely weighted columns") { PixelTests().fineColumns() },
    KernelCheck("strip to columns") { PixelTests().toColumns() },
    KernelCheck("columns to rows") { PixelTests().toRows() },
    KernelCheck("colours") { PixelTests().colors() },
    KernelCheck("errors times weights") { TrainingProductTests().errors() },
    KernelCheck("errors times sums of weights") { TrainingProductTests().errorsBySums() },
    KernelCheck("gradient") { TrainingProductTests().gradient() },
    KernelCheck("wide gradient") { TrainingProductTests().wideGradient() },
    KernelCheck("logits") { TrainingProductTests().logits() },
    KernelCheck("products of the least numbers") { TrainingProductTests().leastNumbers() },
    KernelCheck("channel products") { TrainingChannelTests().sumProducts() },
    KernelCheck("wide channel products") { TrainingChannelTests().sumWideProducts() },
    KernelCheck("errors spread by channel") { TrainingChannelTests().spread() },
    KernelCheck("factors of channels") { TrainingChannelTests().scale() },
    KernelCheck("factors of elements") { TrainingChannelTests().scaleElements() },
    KernelCheck("sum of a patch") { TrainingChannelTests().sumPatch() },
    KernelCheck("wide sum of a patch") { TrainingChannelTests().sumWidePatch() },
    KernelCheck("mean of a table over a patch") { TrainingChannelTests().averageTable() },
    KernelCheck("largest magnitude") { TrainingStepTests().largestMagnitude() },
    KernelCheck("sum of squares") { TrainingStepTests().sumOfSquares() },
    KernelCheck("mantissas") { TrainingStepTests().renormalize() },
    KernelCheck("sum of errors") { TrainingStepTests().addErrors() },
    KernelCheck("step of narrow masters") { TrainingStepTests().updateNarrow() },
    KernelCheck("step of wide masters") { TrainingStepTests().updateWide() },
  ]
}

/// What went wrong in the check that runs.
nonisolated(unsafe) private var failures: [String] = []

func record(_ failure: String) {
  if failures.count < 20 { failures.append(failure) }
}

func check(_ condition: Bool, _ failure: @autoclosure () -> String) {
  if !condition { record(failure()) }
}
