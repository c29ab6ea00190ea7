import Kernels
import KernelsAVX2
import KernelsAVX512
import KernelsDotprod
import KernelsNEON
import Platform

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
    // Asked here, in a baseline module: those with the kernels may use their instructions anywhere.
    case .avx2: Processor.hasAVX2 ? .avx2 : nil
    case .avx512: Processor.hasAVX512 ? .avx512 : nil
    case .neon: .neon
    case .dotprod: Processor.hasDotProduct ? .dotprod : nil
    }
  }

  /// The fastest set that this build and this processor have.
  public static var best: InstructionSet {
    for set: InstructionSet in [.avx512, .avx2, .dotprod, .neon] where set.kernels != nil { return set }
    return .scalar
  }
}
