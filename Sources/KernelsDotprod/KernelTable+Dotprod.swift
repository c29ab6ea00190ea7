import Kernels
import KernelsNEON

extension KernelTable {
  /// The kernels for cores with `sdot` (Armv8.2 with the dot product extension: Cortex-A55, A76), or nil where this
  /// build has none. What gains nothing from `sdot` is the baseline's. The caller has asked the processor before:
  /// this module's code, all of it, needs the instructions.
  public static var dotprod: KernelTable? {
    @export(interface) get {
      #if arch(arm64) && INSTRUCTION_SET_ENABLED
        guard var table = KernelTable.neon else { return nil }
        table.matrix = MatrixKernel(DotProducts.self)
        table.depthwise = .dotprod
        // `tbx` takes the A76 longer than `tbl`.
        table.lookUp = { lookUpBytes($0, $1, $2, $3, joins: true) }
        return table
      #else
        return nil
      #endif
    }
  }
}
