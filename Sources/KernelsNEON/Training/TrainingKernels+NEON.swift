#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension TrainingKernels {
    static var neon: TrainingKernels {
      var kernels = TrainingKernels.scalar
      kernels.multiplyErrors = { $0.add(by: .neon) }
      kernels.multiplyErrorsBySums = { $0.add(by: .neon) }
      kernels.multiplyGradient = { $0.add(by: .neon) }
      kernels.multiplyWideGradient = { $0.add(by: .neon) }
      kernels.multiplyLogits = { $0.compute($1, by: .neon) }
      kernels.sumChannelProducts = sumChannelProductsWide
      kernels.sumWideChannelProducts = sumWideChannelProductsWide
      kernels.spreadChannels = spreadChannelsWide
      kernels.sumPatch = sumPatchWide
      kernels.sumWidePatch = { $0.addWide($1, $2, addRows) }
      kernels.averageTable = { $0.averageTable($1, $2, $3, { lookUpBytes($0, $1, $2, $3) }, addRows) }
      kernels.scaleChannels = scaleChannelsWide
      kernels.scaleElements = scaleElementsWide
      kernels.addErrors = addErrorsWide
      kernels.largestMagnitude = findLargest
      kernels.renormalize = renormalizeWide
      kernels.sumOfSquares = addSquares
      kernels.updateNarrow = updateNarrowMasters
      kernels.updateWide = updateWideMasters
      return kernels
    }
  }
#endif
