#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Any window, stride and dilation, and fewer than eight channels: eight channels of one pixel at a time.
  struct DepthwiseAny<Taps: DepthwiseTaps, Outputs: EightOutputs> {
    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>,
      _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      let step = row.dilation &* row.channels
      for block in blocks {
        let channel = packing.firstChannel(block: block)
        let outputs = Outputs(requantization, column: channel)
        for x in 0..<row.outputWidth {
          let offset = x &* row.stride &* row.channels &+ channel
          var weights = packing.weights(row.weights, block: block)
          var sums = ChannelSums(bias: requantization.bias + channel)
          for i in 0..<row.kernelHeight {
            var pixel = row.rows[i &* row.rowStep] + offset
            var rest = row.kernelWidth
            while rest > 1 {
              Taps.add(
                loadHalf(pixel), Taps.load(weights), loadHalf(pixel + step),
                Taps.load(weights + Taps.tapBytes), to: &sums)
              pixel += 2 &* step
              weights += 2 &* Taps.tapBytes
              rest &-= 2
            }
            if rest > 0 {
              Taps.add(loadHalf(pixel), Taps.load(weights), to: &sums)
              weights += Taps.tapBytes
            }
          }
          let bytes = outputs.bytes(sums.low, sums.high)
          store(bytes, output + (x &* row.channels &+ channel), count: row.channels)
        }
      }
    }
  }
#endif
