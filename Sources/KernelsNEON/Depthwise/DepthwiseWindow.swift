#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// 3 × 3 and 5 × 5 windows without dilation: eight channels of two to four neighbouring pixels at a time.
  ///
  /// Both sizes are written out, so that pixels which windows share are loaded once. Two 3 × 3 windows leave registers
  /// for their weights, and an out-of-order core sees more than one such pair at a time.
  struct DepthwiseWindow<let size: Int, let stride: Int, Taps: DepthwiseTaps, Outputs: EightOutputs> {
    /// The first pixels of a block under the windows.
    private let row0, row1, row2, row3, row4: UnsafePointer<Int8>
    private let channels: Int
    private let weights: UnsafeRawPointer
    /// Those of a 3 × 3 window; larger ones have too many for the registers.
    private let weight0, weight1, weight2, weight3, weight4, weight5, weight6, weight7, weight8: Taps.Weights
    /// What sums start with, less the offsets that pairs of taps bring.
    private let bias: ChannelSums
    private let outputs: Outputs
    private let output: UnsafeMutablePointer<Int8>

    /// Whether the pair of taps from `tap` on is added without an offset: the first is, as `sabal` would take a copy of
    /// the bias, and another of 3 × 3 windows, where requantization keeps the pipe of `sabal` busy.
    @inline(__always)
    private static func isPlain(_ tap: Int) -> Bool { tap == 0 || (size == 3 && tap == 4) }
    /// Pairs with an offset; the last tap, which is no pair's, has none.
    private static var offsets: Int { size > 3 ? 11 : 2 }

    /// Rows of at least two pixels and eight channels.
    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ blocks: Range<Int>,
      _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      for block in blocks {
        let window = DepthwiseWindow(row, packing, requantization, output, block: block)
        window.convolve(pixels: row.outputWidth)
      }
    }

    @inline(__always)
    private func convolve(pixels: Int) {
      let end = pixels &* channels
      var position = 0
      if size > 3 && pixels > 2 {
        while position &+ 3 &* channels < end {
          compute(position, count: 4)
          position &+= 4 &* channels
        }
        if position &+ 2 &* channels < end {
          compute(position, count: 3)
          position = end
        }
      }
      // The last pixel of a row may take another with it that was computed before.
      while position < end {
        compute(min(position, end &- 2 &* channels), count: 2)
        position &+= 2 &* channels
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
      row3 = size > 3 ? row.rows[3 &* row.rowStep] + channel : row0
      row4 = size > 3 ? row.rows[4 &* row.rowStep] + channel : row0
      channels = row.channels
      weights = packing.weights(row.weights, block: block)
      weight0 = Taps.load(weights)
      weight1 = Taps.load(weights + Taps.tapBytes)
      weight2 = Taps.load(weights + 2 &* Taps.tapBytes)
      weight3 = Taps.load(weights + 3 &* Taps.tapBytes)
      weight4 = Taps.load(weights + 4 &* Taps.tapBytes)
      weight5 = Taps.load(weights + 5 &* Taps.tapBytes)
      weight6 = Taps.load(weights + 6 &* Taps.tapBytes)
      weight7 = Taps.load(weights + 7 &* Taps.tapBytes)
      weight8 = Taps.load(weights + 8 &* Taps.tapBytes)
      bias =
        ChannelSums(bias: requantization.bias + channel)
        &- Int32(truncatingIfNeeded: Self.offsets) &* Taps.offset
      outputs = Outputs(requantization, column: channel)
      self.output = output + channel
    }

    /// `count` output pixels, two to four, from the one at `position` in the output on.
    @inline(__always)
    private func compute(_ position: Int, count: Int) {
      var (a, b, c, d) = (bias, bias, bias, bias)
      @inline(__always)
      func pixel(_ tap: Int, _ index: Int) -> int8x8_t {
        let row =
          switch tap / size {
          case 0: row0
          case 1: row1
          case 2: row2
          case 3: row3
          default: row4
          }
        return loadHalf(row + position &* stride + (tap % size &+ index &* stride) &* channels)
      }
      @inline(__always)
      func add(_ tap: Int, _ index: Int, to sums: inout ChannelSums) {
        let (first, second) = (pixel(tap, index), pixel(tap &+ 1, index))
        if Self.isPlain(tap) {
          Taps.add(first, weight(tap), second, weight(tap &+ 1), to: &sums)
        } else {
          Taps.addWithOffset(first, weight(tap), second, weight(tap &+ 1), to: &sums)
        }
      }
      @inline(__always)
      func add(_ tap: Int) {
        add(tap, 0, to: &a)
        add(tap, 1, to: &b)
        if count > 2 { add(tap, 2, to: &c) }
        if count > 3 { add(tap, 3, to: &d) }
      }
      add(0)
      add(2)
      add(4)
      add(6)
      if size > 3 {
        add(8)
        add(10)
        add(12)
        add(14)
        add(16)
        add(18)
        add(20)
        add(22)
      }
      let last = size &* size &- 1
      Taps.add(pixel(last, 0), weight(last), to: &a)
      Taps.add(pixel(last, 1), weight(last), to: &b)
      if count > 2 { Taps.add(pixel(last, 2), weight(last), to: &c) }
      if count > 3 { Taps.add(pixel(last, 3), weight(last), to: &d) }
      let target = output + position
      store(outputs.bytes(a.low, a.high), target)
      store(outputs.bytes(b.low, b.high), target + channels)
      if count > 2 { store(outputs.bytes(c.low, c.high), target + 2 &* channels) }
      if count > 3 { store(outputs.bytes(d.low, d.high), target + 3 &* channels) }
    }

    @inline(__always)
    private func weight(_ tap: Int) -> Taps.Weights {
      if size > 3 { return Taps.load(weights + tap &* Taps.tapBytes) }
      return switch tap {
      case 0: weight0
      case 1: weight1
      case 2: weight2
      case 3: weight3
      case 4: weight4
      case 5: weight5
      case 6: weight6
      case 7: weight7
      default: weight8
      }
    }
  }
#endif
