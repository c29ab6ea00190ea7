#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension TrainingKernels {
    static var avx2: TrainingKernels {
      var kernels = TrainingKernels.scalar
      kernels.multiplyErrors = { $0.add(ProductTile.avx2) }
      kernels.multiplyErrorsBySums = { $0.add(ProductTile.avx2) }
      kernels.multiplyGradient = { $0.add(ProductTile.avx2) }
      kernels.multiplyWideGradient = { $0.add(ProductTile.avx2) }
      kernels.multiplyLogits = { $0.compute(ProductTile.avx2, $1) }
      return kernels
    }
  }
#endif
