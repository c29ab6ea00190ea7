#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension DepthwiseKernel {
    static var avx2: DepthwiseKernel {
      DepthwiseKernel(
        packedCount: { shape in DepthwiseBlocks(shape).packedCount }, pack: packDepthwise,
        convolve: convolveRow)
    }
  }

  private func convolveRow(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let blocks = DepthwiseBlocks(
      DepthwiseShape(height: row.kernelHeight, width: row.kernelWidth, channels: row.channels))
    let isColumns = row.stride == 1 && row.dilation == 1 && row.outputWidth > 1
    for index in 0..<blocks.count {
      let block = blocks[index]
      if !requantization.isPlain {
        BlockKernel<WindowOfAnySize, GeneralMultipliers>.convolve(row, block, requantization, output)
        continue
      }
      switch (row.kernelHeight, row.kernelWidth) {
      case (3, 3):
        if isColumns {
          BlockKernel<ColumnWindow3, PlainMultipliers>.convolve(row, block, requantization, output)
        } else {
          BlockKernel<Window3, PlainMultipliers>.convolve(row, block, requantization, output)
        }
      case (5, 5):
        if isColumns {
          BlockKernel<ColumnWindow5, PlainMultipliers>.convolve(row, block, requantization, output)
        } else {
          BlockKernel<Window5, PlainMultipliers>.convolve(row, block, requantization, output)
        }
      default:
        BlockKernel<WindowOfAnySize, PlainMultipliers>.convolve(row, block, requantization, output)
      }
    }
  }

  /// One block of channels of an output row, for one kind of window and of multipliers.
  private enum BlockKernel<Window: DepthwiseWindow, Multipliers: ColumnMultipliers> {
    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ block: DepthwiseBlocks.Block, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      var multiplierMemory = MultiplierMemory()
      withUnsafeMutableBytes(of: &multiplierMemory) { memory in
        if block.width == 16 {
          convolve(16, row, block, requantization, output, memory.baseAddress!)
        } else {
          convolve(8, row, block, requantization, output, memory.baseAddress!)
        }
      }
    }

    @inline(__always)
    private static func convolve(
      _ width: Int, _ row: DepthwiseRow, _ block: DepthwiseBlocks.Block,
      _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>,
      _ multiplierMemory: UnsafeMutableRawPointer
    ) {
      let first = block.firstChannel
      let window = Window(width, row, first, UnsafeRawPointer(row.weights + block.offset))
      let low = Multipliers(requantization, first, multiplierMemory)
      let high =
        width == 16
        ? Multipliers(requantization, first &+ 8, multiplierMemory + multiplierBytes) : low
      let lowBias = load(requantization.bias + first)
      let highBias = width == 16 ? load(requantization.bias + (first &+ 8)) : lowBias
      let range = OutputRange(requantization)
      let count = min(row.channels &- first, width)
      // The only pixel of a row is its own neighbour.
      let hasPairs = row.outputWidth > 1
      let step = row.stride &* row.channels
      let secondStep = hasPairs ? step : 0
      let lastPair = row.outputWidth &- 2
      let bias = PixelPair(low: lowBias, high: highBias)
      var sums = bias
      window.add(width, 0, secondStep, to: &sums)
      var x = 0
      while true {
        // An odd last pixel is computed together with the one before, again.
        let next = min(x &+ 2, lastPair)
        // The next pixels' sums are begun before these are finished: neither waits for the other.
        var nextSums = bias
        if next > x { window.add(width, next &* step, secondStep, to: &nextSums) }
        let bytes = range.bytes(
          Multipliers.offset(multiply(low, sums.a0), multiply(high, sums.a8), range),
          Multipliers.offset(multiply(low, sums.b0), multiply(high, sums.b8), range))
        let target = UnsafeMutableRawPointer(output + (x &* row.channels &+ first))
        store(_mm256_castsi256_si128(bytes), width, count, target)
        if hasPairs { store(ocellus_upper_half(bytes), width, count, target + row.channels) }
        if next <= x { break }
        sums = nextSums
        x = next
      }
    }

    @inline(__always)
    private static func multiply(_ multipliers: Multipliers, _ sums: Vector) -> Vector {
      multipliers.multiply(Multipliers.takesDoubled ? _mm256_add_epi32(sums, sums) : sums)
    }

    @inline(__always)
    private static func store(
      _ bytes: __m128i, _ width: Int, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
      if width == 16 {
        ocellus_store_128(target, bytes)
      } else if count == 8 {
        ocellus_store_64(target, bytes)
      } else {
        KernelsAVX2.store(bytes, count: count, to: target)
      }
    }
  }
#endif
