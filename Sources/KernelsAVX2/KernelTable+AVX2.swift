import Kernels

extension KernelTable {
  /// The AVX2 kernels, or nil where this build has none. To be called only where the processor has AVX2.
  public static var avx2: KernelTable? {
    @export(interface) get {
      #if arch(x86_64) && INSTRUCTION_SET_ENABLED
        var table = KernelTable.scalar
        table.matrix = .avx2
        table.depthwise = .avx2
        table.elementwise = elementwiseRun
        table.lookUp = lookUpBytes
        table.averagePool = averagePoolWindow
        table.maximumPool = maximumPoolWindow
        table.sumRows = sumRowsWide
        table.pixels = .avx2
        table.training = .avx2
        return table
      #else
        return nil
      #endif
    }
  }
}
