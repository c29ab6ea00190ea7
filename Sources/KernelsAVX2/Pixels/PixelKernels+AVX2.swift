#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension PixelKernels {
    static var avx2: PixelKernels {
      var kernels = PixelKernels.scalar
      kernels.weighRows = weighRowsWide
      kernels.toColumns = toColumnsWide
      kernels.weighColumns = weighColumnsWide
      kernels.expand = expandWide
      kernels.colors = colorsWide
      kernels.gray = grayWide
      kernels.toRows = toRowsWide
      kernels.fineRows = fineRowsWide
      kernels.fineColumns = fineColumnsWide
      return kernels
    }
  }
#endif
