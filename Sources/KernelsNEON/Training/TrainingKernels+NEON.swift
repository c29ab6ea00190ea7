#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension TrainingKernels {
    static var neon: TrainingKernels {
      var kernels = TrainingKernels.scalar
      kernels.multiplyErrors = { $0.add(ProductTile.neon) }
      kernels.multiplyErrorsBySums = { $0.add(ProductTile.neon) }
      kernels.multiplyGradient = { $0.add(ProductTile.neon) }
      kernels.multiplyWideGradient = { $0.add(ProductTile.neon) }
      kernels.multiplyLogits = { $0.compute(ProductTile.neon, $1) }
      return kernels
    }
  }
#endif
