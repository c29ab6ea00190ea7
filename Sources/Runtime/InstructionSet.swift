import Kernels
import KernelsAVX2
import Platform

/// The instruction sets there are kernels for.
public enum InstructionSet: Int, CaseIterable, Sendable {
  case scalar, avx2, neon, dotprod

  /// The name that `--kernels` takes.
  public var name: StaticString {
    switch self {
    case .scalar: "scalar"
    case .avx2: "avx2"
    case .neon: "neon"
    case .dotprod: "dotprod"
    }
  }

  /// The kernels of the set, or nil where this build or this processor has none.
  public var kernels: KernelTable? {
    switch self {
    case .scalar: .scalar
    // Asked here, in a baseline module: the one with the kernels may use their instructions anywhere.
    case .avx2: Processor.hasAVX2 ? .avx2 : nil
    case .neon, .dotprod: nil
    }
  }

  /// The fastest set that this build and this processor have.
  public static var best: InstructionSet { InstructionSet.avx2.kernels == nil ? .scalar : .avx2 }
}
