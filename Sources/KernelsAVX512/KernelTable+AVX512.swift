import Kernels
import KernelsAVX2

extension KernelTable {
  /// The AVX-512 kernels (F, BW, CD, DQ, VL, VNNI and VBMI: Ice Lake, Zen 4 and later), or nil where this build
  /// has none. The caller has asked the processor before: this module's code, all of it, needs the instructions.
  public static var avx512: KernelTable? {
    @export(interface) get {
      #if arch(x86_64) && INSTRUCTION_SET_ENABLED
        var table = KernelTable.scalar
        table.matrix = matrixKernel
        table.depthwise = depthwiseKernel
        table.elementwise = elementwiseRun
        table.lookUp = lookUpBytes
        table.averagePool = poolAverage
        table.maximumPool = poolMaximum
        table.sumRows = addRows
        // Frames gain little from wider vectors. A processor with AVX-512 has AVX2.
        if let narrower = KernelTable.avx2 {
          table.pixels = narrower.pixels
          table.training = .avx512(narrower.training)
        }
        return table
      #else
        return nil
      #endif
    }
  }
}
