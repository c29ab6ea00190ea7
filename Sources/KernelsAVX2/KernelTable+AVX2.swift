import CIntrinsics
import Kernels

extension KernelTable {
  /// The AVX2 kernels, or nil where this build has none or the processor lacks the instructions.
  @export(interface)
  public static var avx2: KernelTable? {
    return nil
  }
}
