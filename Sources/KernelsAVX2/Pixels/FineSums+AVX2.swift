#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The sums of sixteen finely weighted bytes.
  private struct FineBytes {
    private var low: Vector
    private var high: Vector

    @inline(__always)
    init() {
      low = _mm256_set1_epi32(1 << 21)
      high = low
    }

    @inline(__always)
    mutating func add(_ bytes: UnsafePointer<UInt8>, _ weight: Vector) {
      let first = _mm256_cvtepu8_epi32(ocellus_load_64(bytes))
      let second = _mm256_cvtepu8_epi32(ocellus_load_64(bytes + 8))
      low = _mm256_add_epi32(low, _mm256_mullo_epi32(first, weight))
      high = _mm256_add_epi32(high, _mm256_mullo_epi32(second, weight))
    }

    /// Writes the pixels; packing keeps them below 256.
    @inline(__always)
    func write(_ output: UnsafeMutablePointer<UInt8>) {
      let words = ocellus_lanes_0213(
        _mm256_packs_epi32(_mm256_srli_epi32(low, 22), _mm256_srli_epi32(high, 22)))
      ocellus_store_128(
        output, _mm_packus_epi16(_mm256_castsi256_si128(words), ocellus_upper_half(words)))
    }
  }

  func fineRowsWide(_ run: FineRows, _ output: UnsafeMutablePointer<UInt8>) {
    var first = 0
    while first < run.count {
      var (a, b) = (FineBytes(), FineBytes())
      for tap in 0..<run.taps {
        let weight = repeating(run.weights.whole[tap])
        let row = run.rows[tap] + first
        a.add(row, weight)
        b.add(row + 16, weight)
      }
      a.write(output + first)
      b.write(output + (first &+ 16))
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
    var weights = run.weights.whole
    var output = output
    let step = channels &* PixelStrip.rows
    for pixel in 0..<run.count {
      var source = run.columns + Int(run.starts[pixel]) &* step
      for _ in 0..<channels {
        var sums = FineBytes()
        for tap in 0..<taps { sums.add(source + tap &* step, repeating(weights[tap])) }
        sums.write(output)
        source += PixelStrip.rows
        output += PixelStrip.rows
      }
      weights += taps
    }
  }
#endif
