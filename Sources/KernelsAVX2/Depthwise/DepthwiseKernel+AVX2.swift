#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension DepthwiseKernel {
    static var avx2: DepthwiseKernel {
      DepthwiseKernel(
        packedCount: { shape in packedDepthwiseCount(shape.height * shape.width, shape.channels) },
        pack: { weights, zeroPoint, shape, packed in
          packDepthwise(weights, zeroPoint, shape.height * shape.width, shape.channels, packed)
        }, convolve: convolveRow)
    }
  }

  private func convolveRow(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let blocks = DepthwiseBlocks(taps: row.kernelHeight &* row.kernelWidth, channels: row.channels)
    for index in 0..<blocks.count {
      let block = blocks[index]
      if requantization.isPlain {
        if row.kernelHeight == 3 && row.kernelWidth == 3 {
          BlockKernel<Window3, PlainMultipliers>.convolve(row, block, requantization, output)
        } else if row.kernelHeight == 5 && row.kernelWidth == 5 {
          BlockKernel<Window5, PlainMultipliers>.convolve(row, block, requantization, output)
        } else {
          BlockKernel<WindowOfAnySize, PlainMultipliers>.convolve(row, block, requantization, output)
        }
      } else {
        BlockKernel<WindowOfAnySize, GeneralMultipliers>.convolve(row, block, requantization, output)
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
      if block.width == 16 {
        convolve(16, row, block, requantization, output)
      } else {
        convolve(8, row, block, requantization, output)
      }
    }

    @inline(__always)
    private static func convolve(
      _ width: Int, _ row: DepthwiseRow, _ block: DepthwiseBlocks.Block,
      _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
    ) {
      let window = Window(
        row, block.firstChannel, UnsafeRawPointer(row.weights + block.offset))
      let low = ColumnStage<Multipliers>(requantization, block.firstChannel)
      let high = width == 16 ? ColumnStage<Multipliers>(requantization, block.firstChannel &+ 8) : low
      let range = OutputRange(requantization)
      let step = row.stride &* row.channels
      let count = min(row.channels &- block.firstChannel, width)
      var offset = 0
      var target = UnsafeMutableRawPointer(output + block.firstChannel)
      var rest = row.outputWidth
      while rest > 0 {
        // A row's last pixel may be without a second: then it is computed twice.
        let sums = window.sums(width, offset, rest > 1 ? step : 0)
        let bytes = range.bytes(
          Multipliers.offset(low.multiply(sums.a0), high.multiply(sums.a8), range),
          Multipliers.offset(low.multiply(sums.b0), high.multiply(sums.b8), range))
        store(_mm256_castsi256_si128(bytes), width, count, target)
        if rest > 1 { store(ocellus_upper_half(bytes), width, count, target + row.channels) }
        offset &+= 2 &* step
        target += 2 &* row.channels
        rest &-= 2
      }
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

  /// Bias and multipliers of eight channels.
  private struct ColumnStage<Multipliers: ColumnMultipliers> {
    private let bias: Vector
    private let multipliers: Multipliers

    @inline(__always)
    init(_ requantization: Requantization, _ column: Int) {
      bias = load(requantization.bias + column)
      multipliers = Multipliers(requantization, column)
    }

    @inline(__always)
    func multiply(_ accumulators: Vector) -> Vector {
      let sums = _mm256_add_epi32(accumulators, bias)
      return multipliers.multiply(Multipliers.takesDoubled ? _mm256_add_epi32(sums, sums) : sums)
    }
  }
#endif
