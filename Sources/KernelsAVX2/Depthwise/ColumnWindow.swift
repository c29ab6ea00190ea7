#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // With a stride of 1 two neighbouring output pixels share most of their input pixels. Where taps are paired
  // one above the other, the inputs of a column are interleaved and widened once for both: half the shuffles,
  // which are what limits the windows that pair taps in their order. Of the odd last row taps are paired side
  // by side, in two ways, since the second pixel's begin one column later.

  /// 3 × 3 taps, stride 1, no dilation.
  struct ColumnWindow3: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let pixel: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer,
      _ memory: UnsafeMutableRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      pixel = row.channels
      let pairs = TapPairs(width, weights, memory)
      pairs.pair(0, 3, at: 0)
      pairs.pair(1, 4, at: 1)
      pairs.pair(2, 5, at: 2)
      pairs.pair(6, 7, at: 3)
      pairs.pair(8, nil, at: 4)
      pairs.pair(nil, 6, at: 5)
      pairs.pair(7, 8, at: 6)
      self.weights = UnsafeRawPointer(memory)
    }

    @inline(__always)
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair) {
      let (x, y, z) = (row0 + offset, row1 + offset, row2 + offset)
      let bytes = 4 &* width
      sums.add(width, x, y, a: weights, b: nil)
      sums.add(width, x + pixel, y + pixel, a: weights + bytes, b: weights)
      sums.add(width, x + 2 &* pixel, y + 2 &* pixel, a: weights + 2 &* bytes, b: weights + bytes)
      sums.add(width, x + 3 &* pixel, y + 3 &* pixel, a: nil, b: weights + 2 &* bytes)
      sums.add(width, z, z + pixel, a: weights + 3 &* bytes, b: weights + 5 &* bytes)
      sums.add(
        width, z + 2 &* pixel, z + 3 &* pixel, a: weights + 4 &* bytes, b: weights + 6 &* bytes)
    }
  }

  /// 5 × 5 taps, stride 1, no dilation.
  struct ColumnWindow5: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let row3: UnsafeRawPointer
    private let row4: UnsafeRawPointer
    private let pixel: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer,
      _ memory: UnsafeMutableRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      row3 = UnsafeRawPointer(row.rows[3 &* row.rowStep] + firstChannel)
      row4 = UnsafeRawPointer(row.rows[4 &* row.rowStep] + firstChannel)
      pixel = row.channels
      let pairs = TapPairs(width, weights, memory)
      pairs.pair(0, 5, at: 0)
      pairs.pair(1, 6, at: 1)
      pairs.pair(2, 7, at: 2)
      pairs.pair(3, 8, at: 3)
      pairs.pair(4, 9, at: 4)
      pairs.pair(10, 15, at: 5)
      pairs.pair(11, 16, at: 6)
      pairs.pair(12, 17, at: 7)
      pairs.pair(13, 18, at: 8)
      pairs.pair(14, 19, at: 9)
      pairs.pair(20, 21, at: 10)
      pairs.pair(22, 23, at: 11)
      pairs.pair(24, nil, at: 12)
      pairs.pair(nil, 20, at: 13)
      pairs.pair(21, 22, at: 14)
      pairs.pair(23, 24, at: 15)
      self.weights = UnsafeRawPointer(memory)
    }

    @inline(__always)
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair) {
      let bytes = 4 &* width
      addRows(width, row0 + offset, row1 + offset, weights, &sums)
      addRows(width, row2 + offset, row3 + offset, weights + 5 &* bytes, &sums)
      let z = row4 + offset
      sums.add(width, z, z + pixel, a: weights + 10 &* bytes, b: weights + 13 &* bytes)
      sums.add(
        width, z + 2 &* pixel, z + 3 &* pixel, a: weights + 11 &* bytes, b: weights + 14 &* bytes)
      sums.add(
        width, z + 4 &* pixel, z + 5 &* pixel, a: weights + 12 &* bytes, b: weights + 15 &* bytes)
    }

    /// Two rows of taps.
    @inline(__always)
    private func addRows(
      _ width: Int, _ x: UnsafeRawPointer, _ y: UnsafeRawPointer, _ weights: UnsafeRawPointer,
      _ sums: inout PixelPair
    ) {
      let bytes = 4 &* width
      sums.add(width, x, y, a: weights, b: nil)
      sums.add(width, x + pixel, y + pixel, a: weights + bytes, b: weights)
      sums.add(width, x + 2 &* pixel, y + 2 &* pixel, a: weights + 2 &* bytes, b: weights + bytes)
      sums.add(
        width, x + 3 &* pixel, y + 3 &* pixel, a: weights + 3 &* bytes, b: weights + 2 &* bytes)
      sums.add(
        width, x + 4 &* pixel, y + 4 &* pixel, a: weights + 4 &* bytes, b: weights + 3 &* bytes)
      sums.add(width, x + 5 &* pixel, y + 5 &* pixel, a: nil, b: weights + 4 &* bytes)
    }
  }

  /// Pairs a block's taps anew: packed, taps 0 and 1 are a pair, 2 and 3, and so on.
  private struct TapPairs {
    private let width: Int
    private let packed: UnsafeRawPointer
    private let target: UnsafeMutableRawPointer

    @inline(__always)
    init(_ width: Int, _ packed: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
      self.width = width
      self.packed = packed
      self.target = target
    }

    /// Stores the weights of two taps, or zeros for nil, as pair `index`.
    @inline(__always)
    func pair(_ first: Int?, _ second: Int?, at index: Int) {
      pair(first, second, index, 0)
      if width == 16 { pair(first, second, index, 32) }
    }

    @inline(__always)
    private func pair(_ first: Int?, _ second: Int?, _ index: Int, _ offset: Int) {
      let low = word(first, 0, offset)
      let high = word(second, 1, offset)
      ocellus_store_256(
        target + (4 &* width &* index &+ offset), ocellus_blend_odd_words(low, high))
    }

    /// A tap's weights in the places 0 or 1 of the channels' pairs; the other place holds anything.
    @inline(__always)
    private func word(_ tap: Int?, _ place: Int, _ offset: Int) -> Vector {
      guard let tap else { return _mm256_setzero_si256() }
      let pair = ocellus_load_256(packed + (4 &* width &* (tap / 2) &+ offset))
      if tap % 2 == place { return pair }
      return place == 0 ? _mm256_srli_epi32(pair, 16) : _mm256_slli_epi32(pair, 16)
    }
  }
#endif
