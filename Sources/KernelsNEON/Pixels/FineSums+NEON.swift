#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// A weight's two parts, repeated.
  private struct RepeatedWeight {
    var high: uint8x16_t
    var low: uint16x8_t

    @inline(__always)
    init(_ weights: FineWeights, _ index: Int) {
      high = vdupq_n_u8(weights.high[index])
      low = vdupq_n_u16(weights.low[index])
    }
  }

  /// The sums of sixteen finely weighted bytes: in 16 bits with the weights' high parts, in 32 bits with the low ones.
  /// So eight products take three multiplications of one cycle, where products of 32 bits take two of two.
  private struct FineBytes {
    private var high0: uint16x8_t, high1: uint16x8_t
    private var low0: uint32x4_t, low1: uint32x4_t, low2: uint32x4_t, low3: uint32x4_t

    @inline(__always)
    init() {
      high0 = vdupq_n_u16(0)
      high1 = high0
      low0 = vdupq_n_u32(1 << 21)
      (low1, low2, low3) = (low0, low0, low0)
    }

    @inline(__always)
    mutating func add(_ bytes: uint8x16_t, _ weight: RepeatedWeight) {
      high0 = vmlal_u8(high0, vget_low_u8(bytes), vget_low_u8(weight.high))
      high1 = vmlal_high_u8(high1, bytes, weight.high)
      let (a, b) = (vmovl_u8(vget_low_u8(bytes)), vmovl_high_u8(bytes))
      low0 = vmlal_u16(low0, vget_low_u16(a), vget_low_u16(weight.low))
      low1 = vmlal_high_u16(low1, a, weight.low)
      low2 = vmlal_u16(low2, vget_low_u16(b), vget_low_u16(weight.low))
      low3 = vmlal_high_u16(low3, b, weight.low)
    }

    @inline(__always)
    var pixels: uint8x16_t {
      ocellus_pixels_of_fine_sums(high0, low0, low1, high1, low2, low3)
    }
  }

  func fineRowsWide(_ run: FineRows, _ output: UnsafeMutablePointer<UInt8>) {
    var first = 0
    while first < run.count {
      var (a, b) = (FineBytes(), FineBytes())
      for tap in 0..<run.taps {
        let weight = RepeatedWeight(run.weights, tap)
        let row = run.rows[tap] + first
        a.add(load(row), weight)
        b.add(load(row + 16), weight)
      }
      store(a.pixels, output + first)
      store(b.pixels, output + (first &+ 16))
      first &+= 32
    }
  }

  func fineColumnsWide(_ run: FineColumns, _ output: UnsafeMutablePointer<UInt8>) {
    if run.channels == 3 {
      fineColumns(run, channels: 3, output)
    } else {
      fineColumns(run, channels: run.channels, output)
    }
  }

  /// Loops of a known number of turns are unrolled.
  @inline(__always)
  private func fineColumns(_ run: FineColumns, channels: Int, _ output: UnsafeMutablePointer<UInt8>) {
    switch run.taps {
    case 3: fineColumns(run, channels: channels, taps: 3, output)
    case 4: fineColumns(run, channels: channels, taps: 4, output)
    case 5: fineColumns(run, channels: channels, taps: 5, output)
    default: fineColumns(run, channels: channels, taps: run.taps, output)
    }
  }

  @inline(__always)
  private func fineColumns(
    _ run: FineColumns, channels: Int, taps: Int, _ output: UnsafeMutablePointer<UInt8>
  ) {
    var weights = run.weights
    var output = output
    let step = channels &* PixelStrip.rows
    for pixel in 0..<run.count {
      var source = run.columns + Int(run.starts[pixel]) &* step
      for _ in 0..<channels {
        var sums = FineBytes()
        for tap in 0..<taps { sums.add(load(source + tap &* step), RepeatedWeight(weights, tap)) }
        store(sums.pixels, output)
        source += PixelStrip.rows
        output += PixelStrip.rows
      }
      weights = weights + taps
    }
  }
#endif
