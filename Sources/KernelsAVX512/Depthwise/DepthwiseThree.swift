#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// 3 × 3 windows: four pixels of 16 channels at a time. Columns that the next four share stay in registers.
  struct DepthwiseThree<let stride: Int, let parts: Int> {
    /// The columns read last: two at stride 1, one at stride 2.
    private struct Columns {
      var a: Vector
      var b: Vector
    }

    /// One vector a column; `low` and `high` are the parts.
    private struct Weights {
      var low0, low1, low2, high0, high1, high2: Vector
    }

    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      for block in 0..<packing.blocks {
        let channel = block &* lanes
        let packed = packing.weights(row.weights, block: block)
        let high = packed + (parts > 1 ? 192 : 0)
        let weights = Weights(
          low0: load(packed), low1: load(packed + 64), low2: load(packed + 128), high0: load(high),
          high1: load(high + 64), high2: load(high + 128))
        let target = DepthwiseBlock(row, packing, requantization, output, block: block)
        var pixels = Pixels(row, channel: channel)
        let first = pixels.column(false)
        var columns = Columns(a: first, b: stride == 1 ? pixels.column(false) : first)
        var x = 0
        while x &+ 4 <= row.outputWidth {
          four(x, &columns, weights, target, &pixels, count: 4, isLimited: false)
          x &+= 4
        }
        if x < row.outputWidth {
          four(
            x, &columns, weights, target, &pixels, count: row.outputWidth &- x, isLimited: true)
        }
      }
    }

    /// The three rows under the windows, read column by column.
    private struct Pixels {
      let read: ColumnReader
      /// The next column's pixel in the top row; the last one that may be read.
      var next: UnsafePointer<Int8>
      let last: UnsafePointer<Int8>
      /// From there to the other rows.
      let middle: Int
      let bottom: Int
      let channels: Int

      @inline(__always)
      init(_ row: DepthwiseRow, channel: Int) {
        read = ColumnReader(isUnsigned: true)
        next = row.rows[0] + channel
        last = next + ((row.outputWidth &- 1) &* stride &+ 2) &* row.channels
        middle = row.rows[row.rowStep] - row.rows[0]
        bottom = row.rows[2 &* row.rowStep] - row.rows[0]
        channels = row.channels
      }

      /// The next column, or the last one again.
      @inline(__always)
      mutating func column(_ isLimited: Bool) -> Vector {
        let pixels = read(next, next + middle, next + bottom)
        next += channels
        if isLimited { next = min(next, last) }
        return pixels
      }
    }

    /// Four pixels from `x` on, of which `count` are written.
    @inline(__always)
    private static func four(
      _ x: Int, _ columns: inout Columns, _ weights: Weights, _ target: DepthwiseBlock,
      _ pixels: inout Pixels, count: Int, isLimited: Bool
    ) {
      if stride == 1 {
        let c = pixels.column(isLimited)
        let d = pixels.column(isLimited)
        let e = pixels.column(isLimited)
        let f = pixels.column(isLimited)
        target.write(
          x, sum(target.start, weights, columns.a, columns.b, c), sum(target.start, weights, columns.b, c, d),
          sum(target.start, weights, c, d, e), sum(target.start, weights, d, e, f), count: count)
        columns = Columns(a: e, b: f)
      } else {
        let b = pixels.column(isLimited)
        let c = pixels.column(isLimited)
        let d = pixels.column(isLimited)
        let e = pixels.column(isLimited)
        let f = pixels.column(isLimited)
        let g = pixels.column(isLimited)
        let h = pixels.column(isLimited)
        let i = pixels.column(isLimited)
        target.write(
          x, sum(target.start, weights, columns.a, b, c), sum(target.start, weights, c, d, e),
          sum(target.start, weights, e, f, g), sum(target.start, weights, g, h, i), count: count)
        columns.a = i
      }
    }

    @inline(__always)
    private static func sum(
      _ start: Vector, _ weights: Weights, _ a: Vector, _ b: Vector, _ c: Vector
    ) -> Vector {
      let low = dot(dot(dot(start, a, weights.low0), b, weights.low1), c, weights.low2)
      if parts == 1 { return low }
      return dot(dot(dot(low, a, weights.high0), b, weights.high1), c, weights.high2)
    }
  }
#endif
