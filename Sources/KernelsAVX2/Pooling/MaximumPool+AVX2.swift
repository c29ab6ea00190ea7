#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// The maximum of each channel, 32 channels at a time, then 8, then one.
  func maximumPoolWindow(
    _ window: PoolWindow, _ low: Int32, _ high: Int32, _ output: UnsafeMutablePointer<Int8>
  ) {
    let lowest = _mm256_set1_epi8(Int8(truncatingIfNeeded: low))
    let highest = _mm256_set1_epi8(Int8(truncatingIfNeeded: high))
    var channel = 0
    while channel &+ 32 <= window.channels {
      var maximum = lowest
      for y in 0..<window.height {
        var pixel = window.input + (y &* window.rowStride &+ channel)
        for _ in 0..<window.width {
          maximum = _mm256_max_epi8(maximum, ocellus_load_256(pixel))
          pixel += window.channels
        }
      }
      ocellus_store_256(output + channel, _mm256_min_epi8(maximum, highest))
      channel &+= 32
    }
    while channel &+ 8 <= window.channels {
      var maximum = _mm256_castsi256_si128(lowest)
      for y in 0..<window.height {
        var pixel = window.input + (y &* window.rowStride &+ channel)
        for _ in 0..<window.width {
          maximum = _mm_max_epi8(maximum, ocellus_load_64(pixel))
          pixel += window.channels
        }
      }
      ocellus_store_64(output + channel, _mm_min_epi8(maximum, _mm256_castsi256_si128(highest)))
      channel &+= 8
    }
    while channel < window.channels {
      var maximum = Int8.min
      for y in 0..<window.height {
        for x in 0..<window.width {
          maximum = max(
            maximum, window.input[y &* window.rowStride &+ x &* window.channels &+ channel])
        }
      }
      output[channel] = Int8(truncatingIfNeeded: clamp(Int32(maximum), low, high))
      channel &+= 1
    }
  }
#endif
