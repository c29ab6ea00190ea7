/// The kernels of one instruction set. Whatever a set has no kernel of its own for is the scalar one.
public struct KernelTable {
  public var matrix: MatrixKernel
  public var depthwise: DepthwiseKernel
  public var elementwise: (_ function: Elementwise, _ run: ElementwiseRun) -> Void
  public var lookUp:
    (
      _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>,
      _ output: UnsafeMutablePointer<Int8>, _ count: Int
    ) -> Void
  public var averagePool:
    (
      _ window: PoolWindow, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
      _ output: UnsafeMutablePointer<Int8>
    ) -> Void
  public var maximumPool:
    (_ window: PoolWindow, _ low: Int32, _ high: Int32, _ output: UnsafeMutablePointer<Int8>) -> Void
  public var sumRows:
    (
      _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
      _ sums: UnsafeMutablePointer<Int32>
    ) -> Void
  public var pixels: PixelKernels
  public var training: TrainingKernels

  /// The definitions.
  public static var scalar: KernelTable {
    KernelTable(
      matrix: .scalar, depthwise: .scalar, elementwise: elementwiseScalar, lookUp: lookUpScalar,
      averagePool: averagePoolScalar, maximumPool: maximumPoolScalar, sumRows: sumRowsScalar,
      pixels: .scalar, training: .scalar)
  }
}
