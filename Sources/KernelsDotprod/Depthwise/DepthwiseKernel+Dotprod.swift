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
          return (packing.bytes + packing.blocks * QuadWeights(shape: shape).blockBytes) / 2
        }, pack: packDepthwiseQuads, convolve: convolveDepthwiseQuads)
    }
  }

  /// How a block of eight channels' weights lie for `sdot`, behind all that the baseline's kernels need.
  ///
  /// A *quad* is four taps of one column of the window, from the top: for each channel one byte a tap, so that a vector
  /// holds four channels. A column of three has a weight of 0 in place of the fourth, one of five leaves over the last
  /// row. Weights less their zero point that bytes do not hold are the sum of two *parts*.
  /// - For each part, for each column its quads of channels 0 to 3 and 4 to 7.
  /// - For 5 × 5 windows the last row's taps, in the baseline's form.
  struct QuadWeights {
    let shape: DepthwiseShape

    @inline(__always)
    var hasQuads: Bool {
      shape.height == shape.width && (shape.height == 3 || shape.height == 5)
        && shape.channels >= DepthwisePacking.blockChannels
    }
    @inline(__always)
    var partBytes: Int { shape.width &* 32 }
    /// Room for two parts, however many they are.
    @inline(__always)
    var blockBytes: Int { hasQuads ? 2 &* partBytes &+ (shape.height > 4 ? shape.width &* 16 : 0) : 0 }
  }

  private func packDepthwiseQuads(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    packDepthwise(weights, zeroPoint, shape, packed)
    let packing = DepthwisePacking(shape: shape)
    let layout = QuadWeights(shape: shape)
    guard layout.hasQuads else { return }
    let memory = UnsafeMutableRawPointer(packed)
    let quads = memory + packing.bytes
    quads.initializeMemory(as: UInt8.self, repeating: 0, count: packing.blocks * layout.blockBytes)
    for block in 0..<packing.blocks {
      let place = quads + block * layout.blockBytes
      for row in 0..<min(shape.height, 4) {
        for column in 0..<shape.width {
          let tap =
            weights + (row * shape.width + column) * shape.channels + packing.firstChannel(block: block)
          for channel in 0..<DepthwisePacking.blockChannels {
            let weight = Int32(tap[channel]) &- zeroPoint
            let low = min(max(weight, -128), 127)
            let offset = column * 32 + channel * 4 + row
            place.storeBytes(of: Int8(truncatingIfNeeded: low), toByteOffset: offset, as: Int8.self)
            place.storeBytes(
              of: Int8(truncatingIfNeeded: weight &- low), toByteOffset: offset + layout.partBytes,
              as: Int8.self)
          }
        }
      }
      if shape.height > 4 {
        let isBytes = packing.form(packed, block: block) == .bytes
        let tapBytes = isBytes ? ByteTaps.tapBytes : WordTaps.tapBytes
        let last = packing.weights(packed, block: block) + 4 * shape.width * tapBytes
        (place + 2 * layout.partBytes).copyMemory(from: last, byteCount: shape.width * tapBytes)
      }
    }
  }

  private func convolveDepthwiseQuads(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let shape = DepthwiseShape(height: row.kernelHeight, width: row.kernelWidth, channels: row.channels)
    let packing = DepthwisePacking(shape: shape)
    let hasQuads =
      QuadWeights(shape: shape).hasQuads && requantization.isPlain && row.dilation == 1 && row.stride <= 2
      && row.outputWidth > 1
    var block = 0
    while block < packing.blocks {
      let run = packing.run(row.weights, from: block)
      switch packing.form(row.weights, block: block) {
      case .bytes where hasQuads: convolve(ByteTaps.self, row, packing, run, requantization, output)
      case .sums where hasQuads: convolve(WordTaps.self, row, packing, run, requantization, output)
      default: convolveDepthwise(row, packing, run, requantization, output)
      }
      block = run.upperBound
    }
  }

  @inline(__always)
  private func convolve<Taps: DepthwiseTaps>(
    _ taps: Taps.Type, _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>,
    _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    if requantization.low > -128 || requantization.high < 127 {
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
    switch (row.kernelHeight, row.stride) {
    case (3, 1): DepthwiseQuads<3, 1, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    case (3, _): DepthwiseQuads<3, 2, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    case (_, 1): DepthwiseQuads<5, 1, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    default: DepthwiseQuads<5, 2, Taps, Outputs>.convolve(row, packing, blocks, requantization, output)
    }
  }
#endif
