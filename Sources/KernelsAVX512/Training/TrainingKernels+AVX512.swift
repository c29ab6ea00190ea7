#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension TrainingKernels {
    /// Products by wider tiles; what gains nothing from wider vectors is AVX2's.
    static func avx512(_ narrower: TrainingKernels) -> TrainingKernels {
      var kernels = narrower
      kernels.multiplyErrors = { $0.add(by: .avx512) }
      kernels.multiplyErrorsBySums = { $0.add(by: .avx512) }
      kernels.multiplyGradient = { $0.add(by: .avx512) }
      kernels.multiplyWideGradient = { $0.add(by: .avx512) }
      kernels.multiplyLogits = { $0.compute($1, by: .avx512) }
      return kernels
    }
  }
#endif
