#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension TrainingKernels {
    static var avx2: TrainingKernels {
      var kernels = TrainingKernels.scalar
      kernels.multiplyErrors = { $0.add(by: .avx2) }
      kernels.multiplyErrorsBySums = { $0.add(by: .avx2) }
      kernels.multiplyGradient = { $0.add(by: .avx2) }
      kernels.multiplyWideGradient = { $0.add(by: .avx2) }
      kernels.multiplyLogits = { $0.compute($1, by: .avx2) }
      kernels.sumChannelProducts = sumChannelProductsWide
      kernels.sumWideChannelProducts = sumWideChannelProductsWide
      kernels.spreadChannels = spreadChannelsWide
      kernels.sumPatch = sumPatchWide
      kernels.sumWidePatch = { $0.addWide($1, $2, sumRowsWide) }
      kernels.averageTable = { $0.averageTable($1, $2, $3, lookUpBytes, sumRowsWide) }
      kernels.scaleChannels = scaleChannelsWide
      kernels.scaleElements = scaleElementsWide
      kernels.addErrors = addErrorsWide
      kernels.largestMagnitude = findLargest
      kernels.renormalize = renormalizeWide
      kernels.sumOfSquares = addSquares
      kernels.updateNarrow = updateMasters
      kernels.updateWide = updateMasters
      return kernels
    }
  }
#endif
