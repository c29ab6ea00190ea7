#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  @inline(__always)
  private func widened(_ bytes: UnsafePointer<UInt8>) -> Vector {
    _mm256_cvtepu8_epi16(ocellus_load_128(bytes))
  }

  @inline(__always)
  private func repeating(_ weight: UInt8) -> Vector { _mm256_set1_epi16(Int16(weight)) }

  /// The sums of thirty-two weighted bytes.
  private struct WeightedBytes {
    var low: Vector
    var high: Vector

    @inline(__always)
    init(_ bytes: UnsafePointer<UInt8>, _ weight: Vector) {
      low = _mm256_mullo_epi16(widened(bytes), weight)
      high = _mm256_mullo_epi16(widened(bytes + 16), weight)
    }

    @inline(__always)
    mutating func add(_ bytes: UnsafePointer<UInt8>, _ weight: Vector) {
      low = _mm256_add_epi16(low, _mm256_mullo_epi16(widened(bytes), weight))
      high = _mm256_add_epi16(high, _mm256_mullo_epi16(widened(bytes + 16), weight))
    }

    @inline(__always)
    var means: Vector { ocellus_lanes_0213(_mm256_packus_epi16(mean(low), mean(high))) }
  }

  /// Sums of bytes times weights that add up to 255, divided by 255: rounded to the nearest.
  @inline(__always)
  private func mean(_ sums: Vector) -> Vector {
    let rounded = _mm256_add_epi16(sums, _mm256_set1_epi16(128))
    return _mm256_srli_epi16(_mm256_add_epi16(rounded, _mm256_srli_epi16(rounded, 8)), 8)
  }

  /// Thirty-two columns at a time, of which the last may be among those before.
  func weighRowsWide(_ run: WeightedRows, _ output: UnsafeMutablePointer<UInt8>) {
    guard run.count >= 32 else { return weighRowsScalar(run, output) }
    var next = 0
    while next < run.count {
      let column = min(next, run.count &- 32)
      var row = run.rows + column
      var sums = WeightedBytes(row, repeating(run.weights[0]))
      var tap = 1
      while tap < run.taps {
        row += run.stride
        sums.add(row, repeating(run.weights[tap]))
        tap &+= 1
      }
      ocellus_store_256(output + column, sums.means)
      next &+= 32
    }
  }

  /// A column of sixteen rows at a time; loops of a known number of turns are unrolled.
  func weighColumnsWide(_ run: WeightedColumns, _ sums: UnsafeMutablePointer<UInt16>) {
    switch run.taps {
    case 2: weighColumns(run, taps: 2, sums)
    case 3: weighColumns(run, taps: 3, sums)
    case 4: weighColumns(run, taps: 4, sums)
    case 5: weighColumns(run, taps: 5, sums)
    default: weighColumns(run, taps: run.taps, sums)
    }
  }

  @inline(__always)
  private func weighColumns(_ run: WeightedColumns, taps: Int, _ sums: UnsafeMutablePointer<UInt16>) {
    let step = run.step &* PixelStrip.rows
    var weights = run.weights
    var output = sums
    for column in 0..<run.count {
      var source = run.columns + Int(run.starts[column]) &* step
      var sum = _mm256_mullo_epi16(widened(source), repeating(weights[0]))
      var tap = 1
      while tap < taps {
        source += step
        sum = _mm256_add_epi16(sum, _mm256_mullo_epi16(widened(source), repeating(weights[tap])))
        tap &+= 1
      }
      ocellus_store_256(output, sum)
      weights += taps
      output += PixelStrip.rows
    }
  }
#endif
