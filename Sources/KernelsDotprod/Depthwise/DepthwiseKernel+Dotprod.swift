#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels
  import KernelsNEON

  extension DepthwiseKernel {
    /// 3 × 3 and 5 × 5 windows without dilation by `sdot`, any other as the baseline has it.
    static var dotprod: DepthwiseKernel {
      DepthwiseKernel(
        packedCount: { shape in
          let packing = DepthwisePacking(shape: shape)
          return (packing.bytes + packing.blocks * QuadWeights.bytes(shape)) / 2
        }, pack: packDepthwiseQuads, convolve: convolveDepthwiseQuads)
    }
  }

  /// How a block of eight channels' weights lie for `sdot`, behind all that the baseline's kernels need.
  ///
  /// A *quad* is four taps of one column of the window, from the top: for each channel one byte a tap, so that a vector
  /// holds four channels. A column of three has a weight of 0 in place of the fourth, one of five leaves over the last
  /// row.
  /// - For each column its quads of channels 0 to 3 and 4 to 7.
  /// - For 5 × 5 windows the last row's taps, eight bytes each.
  enum QuadWeights {
    /// Bytes of a block; 0 where there are no quads.
    @inline(__always)
    static func bytes(_ shape: DepthwiseShape) -> Int {
      switch (shape.height, shape.width) {
      case (3, 3): 3 * 32
      case (5, 5): 5 * 32 + 5 * 8
      default: 0
      }
    }
  }

  private func packDepthwiseQuads(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    packDepthwise(weights, zeroPoint, shape, packed)
    let packing = DepthwisePacking(shape: shape)
    let blockBytes = QuadWeights.bytes(shape)
    guard blockBytes > 0 else { return }
    let quads = UnsafeMutableRawPointer(packed) + packing.bytes
    quads.initializeMemory(as: UInt8.self, repeating: 0, count: packing.blocks * blockBytes)
    guard packing.form(packed) == .bytes else { return }
    for block in 0..<packing.blocks {
      let first = packing.firstChannel(block: block)
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let tap = weights + (row * shape.width + column) * shape.channels + first
          let place = quads + block * blockBytes
          for channel in 0..<min(shape.channels, DepthwisePacking.blockChannels) {
            let weight = Int8(truncatingIfNeeded: Int32(tap[channel]) &- zeroPoint)
            let offset = row < 4 ? column * 32 + channel * 4 + row : shape.width * 32 + column * 8 + channel
            place.storeBytes(of: weight, toByteOffset: offset, as: Int8.self)
          }
        }
      }
    }
  }

  private func convolveDepthwiseQuads(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let packing = DepthwisePacking(
      shape: DepthwiseShape(height: row.kernelHeight, width: row.kernelWidth, channels: row.channels))
    let hasQuads =
      requantization.isPlain && row.dilation == 1 && row.stride <= 2 && row.outputWidth > 1
      && row.channels >= DepthwisePacking.blockChannels && row.kernelHeight == row.kernelWidth
      && (row.kernelHeight == 3 || row.kernelHeight == 5) && packing.form(row.weights) == .bytes
    if !hasQuads {
      convolveDepthwise(row, requantization, output)
    } else if requantization.low > -128 || requantization.high < 127 {
      convolve(LimitedOutputs.self, row, packing, requantization, output)
    } else if requantization.zeroPoint > -128 {
      convolve(FullOutputs.self, row, packing, requantization, output)
    } else {
      convolve(RectifiedOutputs.self, row, packing, requantization, output)
    }
  }

  @inline(__always)
  private func convolve<Outputs: EightOutputs>(
    _ outputs: Outputs.Type, _ row: DepthwiseRow, _ packing: DepthwisePacking,
    _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    switch (row.kernelHeight, row.stride) {
    case (3, 1): DepthwiseQuads<3, 1, Outputs>.convolve(row, packing, requantization, output)
    case (3, _): DepthwiseQuads<3, 2, Outputs>.convolve(row, packing, requantization, output)
    case (_, 1): DepthwiseQuads<5, 1, Outputs>.convolve(row, packing, requantization, output)
    default: DepthwiseQuads<5, 2, Outputs>.convolve(row, packing, requantization, output)
    }
  }
#endif
