#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels
  import KernelsNEON

  /// 3 × 3 and 5 × 5 windows by `sdot`: eight channels of two to four neighbouring pixels at a time.
  ///
  /// The pixels' columns are made one after the other, each for all the windows it lies in.
  ///
  /// - Parameter Taps: The baseline's form of the weights: bytes are one part, words two.
  struct DepthwiseQuads<let size: Int, let stride: Int, Taps: DepthwiseTaps, Outputs: EightOutputs> {
    /// The first pixels of a block under the windows; of 3 × 3 windows the last two are the third.
    private let row0, row1, row2, row3, row4: UnsafePointer<Int8>
    private let channels: Int
    private let weights: UnsafePointer<Int8>
    private let bias: ChannelSums
    private let outputs: Outputs
    private let output: UnsafeMutablePointer<Int8>

    /// Rows of at least two pixels and eight channels.
    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>,
      _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      for block in blocks {
        let window = DepthwiseQuads(row, packing, requantization, output, block: block)
        // The last pixels of a row may be computed twice.
        var x = 0
        if row.outputWidth >= 4 {
          // Large windows have code for three.
          while x &+ (size > 3 ? 3 : 2) < row.outputWidth {
            window.compute(min(x, row.outputWidth &- 4), count: 4)
            x &+= 4
          }
        }
        if size > 3 && x &+ 3 == row.outputWidth {
          window.compute(x, count: 3)
          x &+= 3
        }
        while x < row.outputWidth {
          window.compute(min(x, row.outputWidth &- 2), count: 2)
          x &+= 2
        }
      }
    }

    @inline(__always)
    private init(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, block: Int
    ) {
      let channel = packing.firstChannel(block: block)
      row0 = row.rows[0] + channel
      row1 = row.rows[row.rowStep] + channel
      row2 = row.rows[2 &* row.rowStep] + channel
      row3 = size > 3 ? row.rows[3 &* row.rowStep] + channel : row2
      row4 = size > 3 ? row.rows[4 &* row.rowStep] + channel : row2
      channels = row.channels
      let layout = QuadWeights(
        shape: DepthwiseShape(height: size, width: size, channels: row.channels))
      let quads = UnsafeRawPointer(row.weights) + packing.bytes + block &* layout.blockBytes
      weights = quads.assumingMemoryBound(to: Int8.self)
      bias = ChannelSums(bias: requantization.bias + channel)
      outputs = Outputs(requantization, column: channel)
      self.output = output + channel
    }

    /// `count` output pixels, two to four, from `x` on.
    @inline(__always)
    private func compute(_ x: Int, count: Int) {
      let offset = x &* stride &* channels
      var (a, b, c, d) = (bias, bias, bias, bias)
      @inline(__always)
      func pixel(_ row: UnsafePointer<Int8>, _ column: Int) -> int8x16_t {
        let pixels = loadHalf(row + offset + column &* channels)
        return vcombine_s8(pixels, pixels)
      }
      @inline(__always)
      func add(_ low: int8x16_t, _ high: int8x16_t, _ column: Int, _ sums: inout ChannelSums) {
        guard column >= 0 && column < size else { return }
        let first = weights + 32 &* column
        sums.low = vdotq_s32(sums.low, low, load(first))
        sums.high = vdotq_s32(sums.high, high, load(first + 16))
        if Taps.tapBytes > 8 {
          let second = first + 32 &* size
          sums.low = vdotq_s32(sums.low, low, load(second))
          sums.high = vdotq_s32(sums.high, high, load(second + 16))
        }
      }
      @inline(__always)
      func addColumn(_ column: Int) {
        guard column < (count &- 1) &* stride &+ size else { return }
        let upper = vzip1q_s8(pixel(row0, column), pixel(row1, column))
        let third = pixel(row2, column)
        let lower = vzip1q_s8(third, size > 3 ? pixel(row3, column) : third)
        let (first, second) = (vreinterpretq_s16_s8(upper), vreinterpretq_s16_s8(lower))
        let low = vreinterpretq_s8_s16(vzip1q_s16(first, second))
        let high = vreinterpretq_s8_s16(vzip2q_s16(first, second))
        add(low, high, column, &a)
        add(low, high, column &- stride, &b)
        if count > 2 { add(low, high, column &- 2 &* stride, &c) }
        if count > 3 { add(low, high, column &- 3 &* stride, &d) }
      }
      addColumn(0)
      addColumn(1)
      addColumn(2)
      addColumn(3)
      addColumn(4)
      addColumn(5)
      addColumn(6)
      addColumn(7)
      addColumn(8)
      addColumn(9)
      addColumn(10)
      if size > 3 {
        addLastRow(offset, &a)
        addLastRow(offset &+ stride &* channels, &b)
        if count > 2 { addLastRow(offset &+ 2 &* stride &* channels, &c) }
        if count > 3 { addLastRow(offset &+ 3 &* stride &* channels, &d) }
      }
      let target = output + x &* channels
      store(outputs.bytes(a.low, a.high), target)
      store(outputs.bytes(b.low, b.high), target + channels)
      if count > 2 { store(outputs.bytes(c.low, c.high), target + 2 &* channels) }
      if count > 3 { store(outputs.bytes(d.low, d.high), target + 3 &* channels) }
    }

    /// The fifth taps of a window's columns.
    @inline(__always)
    private func addLastRow(_ offset: Int, _ sums: inout ChannelSums) {
      @inline(__always)
      func pixel(_ column: Int) -> int8x8_t { loadHalf(row4 + offset + column &* channels) }
      @inline(__always)
      func weight(_ column: Int) -> Taps.Weights {
        Taps.load(UnsafeRawPointer(weights) + (64 &* size &+ column &* Taps.tapBytes))
      }
      Taps.add(pixel(0), weight(0), pixel(1), weight(1), to: &sums)
      Taps.add(pixel(2), weight(2), pixel(3), weight(3), to: &sums)
      Taps.add(pixel(4), weight(4), to: &sums)
    }
  }
#endif
