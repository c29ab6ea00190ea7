#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// 5 × 5 windows: four pixels of 16 channels at a time. Columns that the next four share stay in registers.
  struct DepthwiseFive<let stride: Int, let parts: Int> {
    /// A column's first four rows, and its fifth.
    private struct Column {
      var quad: Vector
      var fifth: Vector
    }

    /// The columns read last: four at stride 1, three at stride 2.
    private struct Columns {
      var a, b, c, d: Column
    }

    /// The weights of each column of taps, one part.
    private struct Weights {
      var a, b, c, d, e: Column

      @inline(__always)
      init(_ packed: UnsafePointer<Int8>) {
        a = Column(quad: load(packed), fifth: load(packed + 64))
        b = Column(quad: load(packed + 128), fifth: load(packed + 192))
        c = Column(quad: load(packed + 256), fifth: load(packed + 320))
        d = Column(quad: load(packed + 384), fifth: load(packed + 448))
        e = Column(quad: load(packed + 512), fifth: load(packed + 576))
      }
    }

    /// The five rows under the windows.
    private struct Pixels {
      let read: ColumnReader
      let row0, row1, row2, row3, row4: UnsafePointer<Int8>
      let channels: Int

      @inline(__always)
      init(_ row: DepthwiseRow, channel: Int) {
        read = ColumnReader(isUnsigned: true)
        row0 = row.rows[0] + channel
        row1 = row.rows[row.rowStep] + channel
        row2 = row.rows[2 &* row.rowStep] + channel
        row3 = row.rows[3 &* row.rowStep] + channel
        row4 = row.rows[4 &* row.rowStep] + channel
        channels = row.channels
      }

      @inline(__always)
      func callAsFunction(_ column: Int) -> Column {
        let offset = column &* channels
        return Column(
          quad: read(row0 + offset, row1 + offset, row2 + offset, row3 + offset),
          fifth: read(row4 + offset))
      }
    }

    @inline(never)
    static func convolve(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>
    ) {
      for block in 0..<packing.blocks {
        let packed = packing.weights(row.weights, block: block)
        let low = Weights(packed)
        let high = Weights(packed + (parts > 1 ? packing.partBytes : 0))
        let target = DepthwiseBlock(row, packing, requantization, output, block: block)
        let pixels = Pixels(row, channel: block &* lanes)
        let third = pixels(2)
        var columns = Columns(
          a: pixels(0), b: pixels(1), c: third, d: stride == 1 ? pixels(3) : third)
        var x = 0
        while x &+ 4 <= row.outputWidth {
          four(x, &columns, low, high, target, pixels, last: Int.max, count: 4)
          x &+= 4
        }
        if x < row.outputWidth {
          let last = (row.outputWidth &- 1) &* stride &+ 4
          four(x, &columns, low, high, target, pixels, last: last, count: row.outputWidth &- x)
        }
      }
    }

    /// Four pixels from `x` on, of which `count` are written; columns after `last` are not read.
    @inline(__always)
    private static func four(
      _ x: Int, _ columns: inout Columns, _ low: Weights, _ high: Weights, _ target: DepthwiseBlock,
      _ pixels: Pixels, last: Int, count: Int
    ) {
      let first = x &* stride
      @inline(__always)
      func sum(_ a: Column, _ b: Column, _ c: Column, _ d: Column, _ e: Column) -> Vector {
        let sum = add(
          DepthwiseFive.quads(target.start, low, a, b, c, d, e), DepthwiseFive.fifths(low, a, b, c, d, e))
        if parts == 1 { return sum }
        return add(
          DepthwiseFive.quads(sum, high, a, b, c, d, e), DepthwiseFive.fifths(high, a, b, c, d, e))
      }
      let (a, b, c, d) = (columns.a, columns.b, columns.c, columns.d)
      if stride == 1 {
        let e = pixels(min(first &+ 4, last))
        let f = pixels(min(first &+ 5, last))
        let g = pixels(min(first &+ 6, last))
        let h = pixels(min(first &+ 7, last))
        target.write(
          x, sum(a, b, c, d, e), sum(b, c, d, e, f), sum(c, d, e, f, g), sum(d, e, f, g, h),
          count: count)
        columns = Columns(a: e, b: f, c: g, d: h)
      } else {
        let d = pixels(min(first &+ 3, last))
        let e = pixels(min(first &+ 4, last))
        let f = pixels(min(first &+ 5, last))
        let g = pixels(min(first &+ 6, last))
        let h = pixels(min(first &+ 7, last))
        let i = pixels(min(first &+ 8, last))
        let j = pixels(min(first &+ 9, last))
        let k = pixels(min(first &+ 10, last))
        target.write(
          x, sum(a, b, c, d, e), sum(c, d, e, f, g), sum(e, f, g, h, i), sum(g, h, i, j, k),
          count: count)
        columns = Columns(a: i, b: j, c: k, d: k)
      }
    }

    @inline(__always)
    private static func quads(
      _ start: Vector, _ weights: Weights, _ a: Column, _ b: Column, _ c: Column, _ d: Column, _ e: Column
    ) -> Vector {
      var sum = dot(start, a.quad, weights.a.quad)
      sum = dot(sum, b.quad, weights.b.quad)
      sum = dot(sum, c.quad, weights.c.quad)
      sum = dot(sum, d.quad, weights.d.quad)
      return dot(sum, e.quad, weights.e.quad)
    }

    @inline(__always)
    private static func fifths(
      _ weights: Weights, _ a: Column, _ b: Column, _ c: Column, _ d: Column, _ e: Column
    ) -> Vector {
      var sum = dot(zero(), a.fifth, weights.a.fifth)
      sum = dot(sum, b.fifth, weights.b.fifth)
      sum = dot(sum, c.fifth, weights.c.fifth)
      sum = dot(sum, d.fifth, weights.d.fifth)
      return dot(sum, e.fifth, weights.e.fifth)
    }
  }
#endif
