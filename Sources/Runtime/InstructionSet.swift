import CIntrinsics
import Kernels
import KernelsAVX2
import KernelsAVX512

/// The instruction sets there are kernels for.
public enum InstructionSet: Int, CaseIterable, Sendable {
  case scalar, avx2, avx512, neon, dotprod

  /// The name that `--kernels` takes.
  public var name: StaticString {
    switch self {
    case .scalar: "scalar"
    case .avx2: "avx2"
    case .avx512: "avx512"
    case .neon: "neon"
    case .dotprod: "dotprod"
    }
  }

  /// The kernels of the set, or nil where this build or this processor has none.
  public var kernels: KernelTable? {
    switch self {
    case .scalar: .scalar
    case .avx2: .avx2
    // Asked here, in a module for any processor: nothing of the kernels' module runs before.
    case .avx512: ocellus_processor_has_avx512() != 0 ? .avx512 : nil
    case .neon, .dotprod: nil
    }
  }

  /// The fastest set that this build and this processor have.
  public static var best: InstructionSet {
    if InstructionSet.avx512.kernels != nil { return .avx512 }
    return InstructionSet.avx2.kernels == nil ? .scalar : .avx2
  }
}
