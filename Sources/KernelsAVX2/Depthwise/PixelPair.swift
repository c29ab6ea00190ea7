#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  /// The accumulators of two output pixels: `a` one pixel, `b` the next; channels 0–7 and 8–15 of a block.
  ///
  /// Two taps at a time: their bytes are interleaved channel by channel and widened to int16, and `vpmaddwd`
  /// multiplies them with the two taps' weights. `width`, 16 channels or 8, is a constant where this is inlined.
  struct PixelPair {
    var a0: Vector
    var a8: Vector
    var b0: Vector
    var b8: Vector

    /// Both start from the bias.
    @inline(__always)
    init(low: Vector, high: Vector) { (a0, a8, b0, b8) = (low, high, low, high) }

    /// Adds two taps to both pixels.
    ///
    /// - Parameters:
    ///   - first, second: The input pixels under the two taps for the first output pixel.
    ///   - step: Bytes from there to the input pixels for the second.
    ///   - weights: The block's weights of these taps.
    @inline(__always)
    mutating func add(
      _ width: Int, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, step: Int,
      _ weights: UnsafeRawPointer
    ) {
      let a = InputPair(width, first, second)
      a.add(width, weights, &a0, &a8)
      let b = InputPair(width, first + step, second + step)
      b.add(width, weights, &b0, &b8)
    }

    /// Adds two input pixels that lie under taps of both output pixels, or of one.
    ///
    /// - Parameters:
    ///   - a: The weights of the taps that the first output pixel has there, or nil.
    ///   - b: Those of the second.
    @inline(__always)
    mutating func add(
      _ width: Int, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, a: UnsafeRawPointer?,
      b: UnsafeRawPointer?
    ) {
      let inputs = InputPair(width, first, second)
      if let a { inputs.add(width, a, &a0, &a8) }
      if let b { inputs.add(width, b, &b0, &b8) }
    }
  }

  /// A block's channels of two input pixels, in turns, as int16: channels 0–7 and 8–15.
  private struct InputPair {
    let low: Vector
    let high: Vector

    @inline(__always)
    init(_ width: Int, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer) {
      if width == 8 {
        let bytes = _mm_unpacklo_epi8(ocellus_load_64(first), ocellus_load_64(second))
        low = _mm256_cvtepi8_epi16(bytes)
        high = low
      } else {
        let (x, y) = (ocellus_load_128(first), ocellus_load_128(second))
        low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(x, y))
        high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(x, y))
      }
    }

    @inline(__always)
    func add(_ width: Int, _ weights: UnsafeRawPointer, _ sums0: inout Vector, _ sums8: inout Vector) {
      sums0 = _mm256_add_epi32(sums0, _mm256_madd_epi16(low, ocellus_load_256(weights)))
      if width == 8 { return }
      sums8 = _mm256_add_epi32(sums8, _mm256_madd_epi16(high, ocellus_load_256(weights + 32)))
    }
  }
#endif
