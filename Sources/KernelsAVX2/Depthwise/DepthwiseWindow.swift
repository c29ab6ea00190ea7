#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The accumulators of two output pixels: `a` one pixel, `b` the next; channels 0–7 and 8–15 of a block.
  struct PixelPair {
    var a0 = _mm256_setzero_si256()
    var a8 = _mm256_setzero_si256()
    var b0 = _mm256_setzero_si256()
    var b8 = _mm256_setzero_si256()

    @inline(__always)
    init() {}

    /// Adds two taps to both pixels.
    ///
    /// - Parameters:
    ///   - width: Channels, 16 or 8; a constant where this is inlined.
    ///   - first, second: The pixels under the two taps for the first output pixel.
    ///   - step: Bytes from there to the pixels for the second.
    ///   - weights: The block's weights of these taps.
    @inline(__always)
    mutating func add(
      _ width: Int, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, _ step: Int,
      _ weights: UnsafeRawPointer
    ) {
      let low = ocellus_load_256(weights)
      if width == 8 {
        a0 = _mm256_add_epi32(
          a0, _mm256_madd_epi16(interleaved(ocellus_load_64(first), ocellus_load_64(second)), low))
        b0 = _mm256_add_epi32(
          b0,
          _mm256_madd_epi16(
            interleaved(ocellus_load_64(first + step), ocellus_load_64(second + step)), low))
        return
      }
      let high = ocellus_load_256(weights + 32)
      let (x, y) = (ocellus_load_128(first), ocellus_load_128(second))
      a0 = _mm256_add_epi32(a0, _mm256_madd_epi16(interleaved(x, y), low))
      a8 = _mm256_add_epi32(a8, _mm256_madd_epi16(interleavedHigh(x, y), high))
      let (z, w) = (ocellus_load_128(first + step), ocellus_load_128(second + step))
      b0 = _mm256_add_epi32(b0, _mm256_madd_epi16(interleaved(z, w), low))
      b8 = _mm256_add_epi32(b8, _mm256_madd_epi16(interleavedHigh(z, w), high))
    }

    /// Bytes 0–7 of both, in turns, as int16.
    @inline(__always)
    private func interleaved(_ x: __m128i, _ y: __m128i) -> Vector {
      _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(x, y))
    }

    /// Bytes 8–15 of both.
    @inline(__always)
    private func interleavedHigh(_ x: __m128i, _ y: __m128i) -> Vector {
      _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(x, y))
    }
  }

  /// The taps of a window, for one block of channels.
  protocol DepthwiseWindow {
    /// - Parameter weights: The block's.
    init(_ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer)

    /// The accumulators of two pixels, the first's window `offset` bytes from the rows' start, the second's
    /// `step` further.
    func sums(_ width: Int, _ offset: Int, _ step: Int) -> PixelPair
  }

  /// 3 × 3 taps.
  struct Window3: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let tap: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(_ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      tap = row.dilation &* row.channels
      self.weights = weights
    }

    @inline(__always)
    func sums(_ width: Int, _ offset: Int, _ step: Int) -> PixelPair {
      let (x, y, z) = (row0 + offset, row1 + offset, row2 + offset)
      let bytes = 4 &* width
      var sums = PixelPair()
      sums.add(width, x, x + tap, step, weights)
      sums.add(width, x + 2 &* tap, y, step, weights + bytes)
      sums.add(width, y + tap, y + 2 &* tap, step, weights + 2 &* bytes)
      sums.add(width, z, z + tap, step, weights + 3 &* bytes)
      sums.add(width, z + 2 &* tap, z + 2 &* tap, step, weights + 4 &* bytes)
      return sums
    }
  }

  /// 5 × 5 taps.
  struct Window5: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let row3: UnsafeRawPointer
    private let row4: UnsafeRawPointer
    private let tap: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(_ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      row3 = UnsafeRawPointer(row.rows[3 &* row.rowStep] + firstChannel)
      row4 = UnsafeRawPointer(row.rows[4 &* row.rowStep] + firstChannel)
      tap = row.dilation &* row.channels
      self.weights = weights
    }

    @inline(__always)
    func sums(_ width: Int, _ offset: Int, _ step: Int) -> PixelPair {
      let (v, w, x) = (row0 + offset, row1 + offset, row2 + offset)
      let (y, z) = (row3 + offset, row4 + offset)
      let bytes = 4 &* width
      let last = 4 &* tap
      var sums = PixelPair()
      sums.add(width, v, v + tap, step, weights)
      sums.add(width, v + 2 &* tap, v + 3 &* tap, step, weights + bytes)
      sums.add(width, v + last, w, step, weights + 2 &* bytes)
      sums.add(width, w + tap, w + 2 &* tap, step, weights + 3 &* bytes)
      sums.add(width, w + 3 &* tap, w + last, step, weights + 4 &* bytes)
      sums.add(width, x, x + tap, step, weights + 5 &* bytes)
      sums.add(width, x + 2 &* tap, x + 3 &* tap, step, weights + 6 &* bytes)
      sums.add(width, x + last, y, step, weights + 7 &* bytes)
      sums.add(width, y + tap, y + 2 &* tap, step, weights + 8 &* bytes)
      sums.add(width, y + 3 &* tap, y + last, step, weights + 9 &* bytes)
      sums.add(width, z, z + tap, step, weights + 10 &* bytes)
      sums.add(width, z + 2 &* tap, z + 3 &* tap, step, weights + 11 &* bytes)
      sums.add(width, z + last, z + last, step, weights + 12 &* bytes)
      return sums
    }
  }

  /// Any window.
  struct WindowOfAnySize: DepthwiseWindow {
    private let row: DepthwiseRow
    private let firstChannel: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(_ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer) {
      self.row = row
      self.firstChannel = firstChannel
      self.weights = weights
    }

    @inline(__always)
    func sums(_ width: Int, _ offset: Int, _ step: Int) -> PixelPair {
      var sums = PixelPair()
      let tap = row.dilation &* row.channels
      let taps = row.kernelHeight &* row.kernelWidth
      var (line, column) = (0, 0)
      var weights = weights
      var index = 0
      while index < taps {
        let first = address(line, column, tap) + offset
        column &+= 1
        if column == row.kernelWidth { (line, column) = (line &+ 1, 0) }
        // An odd last tap is paired with itself: its partner's weights are zero.
        let second = index &+ 1 < taps ? address(line, column, tap) + offset : first
        column &+= 1
        if column == row.kernelWidth { (line, column) = (line &+ 1, 0) }
        sums.add(width, first, second, step, weights)
        weights += 4 &* width
        index &+= 2
      }
      return sums
    }

    @inline(__always)
    private func address(_ line: Int, _ column: Int, _ tap: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(row.rows[line &* row.rowStep]) + (column &* tap &+ firstChannel)
    }
  }
#endif
