#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // With a stride of 1 two neighbouring output pixels share most of their input pixels. Where taps are paired
  // one above the other, the inputs of a column are interleaved and widened once for both: half the shuffles,
  // which are what limits the windows that pair taps in their order. The taps of the odd last row are paired
  // side by side, in two ways, since the second pixel's begin one column later. (`DepthwiseBlocks` has the
  // weights in both arrangements.)

  /// 3 × 3 taps, stride 1, no dilation.
  struct ColumnWindow3: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let pixel: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      pixel = row.channels
      self.weights = weights + 4 &* width &* DepthwiseBlocks.pairs(taps: 9)
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
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      row3 = UnsafeRawPointer(row.rows[3 &* row.rowStep] + firstChannel)
      row4 = UnsafeRawPointer(row.rows[4 &* row.rowStep] + firstChannel)
      pixel = row.channels
      self.weights = weights + 4 &* width &* DepthwiseBlocks.pairs(taps: 25)
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
#endif
