#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// The maximum of each channel, 64 channels at a time.
  func poolMaximum(
    _ window: PoolWindow, _ low: Int32, _ high: Int32, _ output: UnsafeMutablePointer<Int8>
  ) {
    var channel = 0
    while channel < window.channels {
      let mask = byteMask(window.channels &- channel)
      var maximum = splat(byte: Int8.min)
      for y in 0..<window.height {
        var pixel = window.input + (y &* window.rowStride &+ channel)
        for _ in 0..<window.width {
          maximum = _mm512_max_epi8(maximum, load(pixel, mask))
          pixel += window.channels
        }
      }
      let limited = _mm512_min_epi8(
        _mm512_max_epi8(maximum, splat(byte: Int8(truncatingIfNeeded: low))),
        splat(byte: Int8(truncatingIfNeeded: high)))
      _mm512_mask_storeu_epi8(output + channel, mask, limited)
      channel &+= 64
    }
  }

  /// The average of each channel: sums of 16 channels at a time, then the definition's division of each.
  func poolAverage(
    _ window: PoolWindow, _ rounding: AverageRounding, _ low: Int32, _ high: Int32,
    _ output: UnsafeMutablePointer<Int8>
  ) {
    let count = Int32(truncatingIfNeeded: window.height &* window.width)
    var channel = 0
    while channel < window.channels {
      let columns = min(window.channels &- channel, lanes)
      let mask = laneMask(columns)
      var sum = zero()
      for y in 0..<window.height {
        var pixel = window.input + (y &* window.rowStride &+ channel)
        for _ in 0..<window.width {
          sum = add(sum, _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, pixel)))
          pixel += window.channels
        }
      }
      withUnsafeBytes(of: sum) { bytes in
        let sums = bytes.assumingMemoryBound(to: Int32.self)
        for column in 0..<columns {
          let average = rounding.quotient(sums[column], count)
          output[channel &+ column] = Int8(truncatingIfNeeded: clamp(average, low, high))
        }
      }
      channel &+= lanes
    }
  }

  /// Adds `rows` rows of `columns` values to `sums`, 16 columns at a time.
  func addRows(
    _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
    _ sums: UnsafeMutablePointer<Int32>
  ) {
    var column = 0
    while column < columns {
      let mask = laneMask(columns &- column)
      var sum = _mm512_maskz_loadu_epi32(mask, sums + column)
      var values = input + column
      for _ in 0..<rows {
        sum = add(sum, _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, values)))
        values += stride
      }
      _mm512_mask_storeu_epi32(sums + column, mask, sum)
      column &+= lanes
    }
  }
#endif
