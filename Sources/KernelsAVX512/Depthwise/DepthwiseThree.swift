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
        let pixels = Pixels(row, channel: channel)
        var columns = Columns(a: pixels(0), b: stride == 1 ? pixels(1) : pixels(0))
        var x = 0
        while x &+ 4 <= row.outputWidth {
          four(x, &columns, weights, target, pixels, last: Int.max, count: 4)
          x &+= 4
        }
        if x < row.outputWidth {
          let last = (row.outputWidth &- 1) &* stride &+ 2
          four(x, &columns, weights, target, pixels, last: last, count: row.outputWidth &- x)
        }
      }
    }

    /// The three rows under the windows.
    private struct Pixels {
      let read: ColumnReader
      let top: UnsafePointer<Int8>
      let middle: UnsafePointer<Int8>
      let bottom: UnsafePointer<Int8>
      let channels: Int

      @inline(__always)
      init(_ row: DepthwiseRow, channel: Int) {
        read = ColumnReader(isUnsigned: true)
        top = row.rows[0] + channel
        middle = row.rows[row.rowStep] + channel
        bottom = row.rows[2 &* row.rowStep] + channel
        channels = row.channels
      }

      @inline(__always)
      func callAsFunction(_ column: Int) -> Vector {
        let offset = column &* channels
        return read(top + offset, middle + offset, bottom + offset)
      }
    }

    /// Four pixels from `x` on, of which `count` are written; columns after `last` are not read.
    @inline(__always)
    private static func four(
      _ x: Int, _ columns: inout Columns, _ weights: Weights, _ target: DepthwiseBlock,
      _ pixels: Pixels, last: Int, count: Int
    ) {
      let first = x &* stride
      if stride == 1 {
        let c = pixels(min(first &+ 2, last))
        let d = pixels(min(first &+ 3, last))
        let e = pixels(min(first &+ 4, last))
        let f = pixels(min(first &+ 5, last))
        target.write(
          x, sum(target.bias, weights, columns.a, columns.b, c), sum(target.bias, weights, columns.b, c, d),
          sum(target.bias, weights, c, d, e), sum(target.bias, weights, d, e, f), count: count)
        columns = Columns(a: e, b: f)
      } else {
        let b = pixels(min(first &+ 1, last))
        let c = pixels(min(first &+ 2, last))
        let d = pixels(min(first &+ 3, last))
        let e = pixels(min(first &+ 4, last))
        let f = pixels(min(first &+ 5, last))
        let g = pixels(min(first &+ 6, last))
        let h = pixels(min(first &+ 7, last))
        let i = pixels(min(first &+ 8, last))
        target.write(
          x, sum(target.bias, weights, columns.a, b, c), sum(target.bias, weights, c, d, e),
          sum(target.bias, weights, e, f, g), sum(target.bias, weights, g, h, i), count: count)
        columns.a = i
      }
    }

    @inline(__always)
    private static func sum(
      _ bias: Vector, _ weights: Weights, _ a: Vector, _ b: Vector, _ c: Vector
    ) -> Vector {
      let low = dot(dot(dot(bias, a, weights.low0), b, weights.low1), c, weights.low2)
      if parts == 1 { return low }
      return dot(dot(dot(low, a, weights.high0), b, weights.high1), c, weights.high2)
    }
  }
#endif
