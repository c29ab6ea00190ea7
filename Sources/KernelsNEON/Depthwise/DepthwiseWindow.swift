#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// 3 × 3 and 5 × 5 windows without dilation: eight channels of four or two neighbouring pixels at a time.
  ///
  /// Both sizes are written out, so that pixels which windows share are loaded once.
  struct DepthwiseWindow<let size: Int, let stride: Int, Taps: DepthwiseTaps, Outputs: EightOutputs> {
    /// The first pixels of a block under the windows.
    private let row0, row1, row2, row3, row4: UnsafePointer<Int8>
    private let channels: Int
    private let weights: UnsafeRawPointer
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
        let window = DepthwiseWindow(row, packing, requantization, output, block: block)
        // The last pixels of a row may be computed twice.
        var x = 0
        if row.outputWidth >= 4 {
          while x &+ 2 < row.outputWidth {
            window.compute(min(x, row.outputWidth &- 4), isFour: true)
            x &+= 4
          }
        }
        while x < row.outputWidth {
          window.compute(min(x, row.outputWidth &- 2), isFour: false)
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
      row3 = size > 3 ? row.rows[3 &* row.rowStep] + channel : row0
      row4 = size > 3 ? row.rows[4 &* row.rowStep] + channel : row0
      channels = row.channels
      weights = packing.weights(row.weights, block: block)
      bias = ChannelSums(bias: requantization.bias + channel)
      outputs = Outputs(requantization, column: channel)
      self.output = output + channel
    }

    /// Output pixels `x`, `x + 1` and perhaps the next two.
    @inline(__always)
    private func compute(_ x: Int, isFour: Bool) {
      let offset = x &* stride &* channels
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
        return loadHalf(row + offset + (tap % size &+ index &* stride) &* channels)
      }
      var (a, b, c, d) = (bias, bias, bias, bias)
      @inline(__always)
      func add(_ tap: Int, _ next: Int) {
        let first = Taps.load(weights + tap &* Taps.tapBytes)
        let second = Taps.load(weights + next &* Taps.tapBytes)
        Taps.add(pixel(tap, 0), first, pixel(next, 0), second, to: &a)
        Taps.add(pixel(tap, 1), first, pixel(next, 1), second, to: &b)
        if isFour {
          Taps.add(pixel(tap, 2), first, pixel(next, 2), second, to: &c)
          Taps.add(pixel(tap, 3), first, pixel(next, 3), second, to: &d)
        }
      }
      add(0, 1)
      add(2, 3)
      add(4, 5)
      add(6, 7)
      if size > 3 {
        add(8, 9)
        add(10, 11)
        add(12, 13)
        add(14, 15)
        add(16, 17)
        add(18, 19)
        add(20, 21)
        add(22, 23)
      }
      let last = size &* size &- 1
      let weight = Taps.load(weights + last &* Taps.tapBytes)
      Taps.add(pixel(last, 0), weight, to: &a)
      Taps.add(pixel(last, 1), weight, to: &b)
      if isFour {
        Taps.add(pixel(last, 2), weight, to: &c)
        Taps.add(pixel(last, 3), weight, to: &d)
      }
      let target = output + x &* channels
      store(outputs.bytes(a.low, a.high), target)
      store(outputs.bytes(b.low, b.high), target + channels)
      if isFour {
        store(outputs.bytes(c.low, c.high), target + 2 &* channels)
        store(outputs.bytes(d.low, d.high), target + 3 &* channels)
      }
    }
  }
#endif
