#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels

  extension DepthwiseKernel {
    static var neon: DepthwiseKernel {
      DepthwiseKernel(
        packedCount: { shape in DepthwisePacking(shape: shape).bytes / 2 }, pack: packDepthwise,
        convolve: convolveDepthwise)
    }
  }

  private func convolveDepthwise(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let packing = DepthwisePacking(
      shape: DepthwiseShape(height: row.kernelHeight, width: row.kernelWidth, channels: row.channels))
    var block = 0
    while block < packing.blocks {
      let run = packing.run(row.weights, from: block)
      convolveDepthwise(row, packing, run, requantization, output)
      block = run.upperBound
    }
  }

  /// Some blocks of one form.
  @export(interface)
  public func convolveDepthwise(
    _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>, _ requantization: Requantization,
    _ output: UnsafeMutablePointer<Int8>
  ) {
    switch packing.form(row.weights, block: blocks.lowerBound) {
    case .bytes: convolve(ByteTaps.self, row, packing, blocks, requantization, output)
    case .sums, .words: convolve(WordTaps.self, row, packing, blocks, requantization, output)
    }
  }

  @inline(__always)
  private func convolve<Taps: DepthwiseTaps>(
    _ taps: Taps.Type, _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>,
    _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    if !requantization.isPlain {
      DepthwiseAny<Taps, GeneralOutputs>.convolve(row, packing, blocks, requantization, output)
    } else if requantization.low > -128 || requantization.high < 127 {
      convolve(taps, LimitedOutputs.self, row, packing, blocks, requantization, output)
    } else if requantization.zeroPoint > -128 {
      convolve(taps, FullOutputs.self, row, packing, blocks, requantization, output)
    } else {
      convolve(taps, RectifiedOutputs.self, row, packing, blocks, requantization, output)
    }
  }

  @inline(__always)
  private func convolve<Taps: DepthwiseTaps, Outputs: EightOutputs>(
    _ taps: Taps.Type, _ outputs: Outputs.Type, _ row: DepthwiseRow, _ packing: DepthwisePacking,
    _ blocks: Range<Int>, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let hasWindow =
      row.dilation == 1 && row.kernelHeight == row.kernelWidth
      && row.channels >= DepthwisePacking.blockChannels && row.outputWidth > 1
    switch (row.kernelHeight, row.stride) {
    case (3, 1) where hasWindow:
      DepthwiseWindow<3, 1, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    case (3, 2) where hasWindow:
      DepthwiseWindow<3, 2, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    case (5, 1) where hasWindow:
      DepthwiseWindow<5, 1, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    case (5, 2) where hasWindow:
      DepthwiseWindow<5, 2, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    default: DepthwiseAny<Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    }
  }
#endif
