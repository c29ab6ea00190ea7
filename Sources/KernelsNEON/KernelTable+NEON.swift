import Kernels

extension KernelTable {
  /// The kernels for 64-bit Arm's baseline (Armv8.0: Cortex-A53, A72), or nil where this build has none.
  public static var neon: KernelTable? {
    @export(interface) get {
      #if arch(arm64) && INSTRUCTION_SET_ENABLED
        var table = KernelTable.scalar
        table.matrix = MatrixKernel(JoinedProducts.self)
        table.depthwise = .neon
        table.elementwise = elementwiseRun
        table.lookUp = lookUpBytes
        table.averagePool = poolAverage
        table.maximumPool = poolMaximum
        table.sumRows = addRows
        table.pixels = .neon
        table.training = .neon
        return table
      #else
        return nil
      #endif
    }
  }
}
