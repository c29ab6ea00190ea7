#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels
  import KernelsNEON

  /// `sdot` adds to each of four columns' sums the products of four depths with the same four bytes of a row.
  enum DotProducts: MatrixProducts {
    typealias Exact = DotProducts

    static var packing: MatrixPacking { .splitGroups(panelColumns: 8, depthGroup: 4) }

    @inline(__always)
    static func add<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ operands: TileOperands, to sums: inout TileSums
    ) {
      let stride = operands.stride
      let next = operands.panelBytes
      var row = operands.rows
      var weights = operands.weights
      var depth = operands.depth
      repeat {
        let rows = TileRows(tile) { load(row + $0 &* stride) }
        step(tile, rows, weights, next, &sums, ocellus_dot_lane_0)
        step(tile, rows, weights + 32, next, &sums, ocellus_dot_lane_1)
        step(tile, rows, weights + 64, next, &sums, ocellus_dot_lane_2)
        step(tile, rows, weights + 96, next, &sums, ocellus_dot_lane_3)
        row += 16
        weights += 128
        depth &-= 16
      } while depth >= 16
      if depth > 0 {
        let rows = TileRows(tile) { load(row + $0 &* stride) }
        step(tile, rows, weights, next, &sums, ocellus_dot_lane_0)
        if depth > 4 { step(tile, rows, weights + 32, next, &sums, ocellus_dot_lane_1) }
        if depth > 8 { step(tile, rows, weights + 64, next, &sums, ocellus_dot_lane_2) }
        if depth > 12 { step(tile, rows, weights + 96, next, &sums, ocellus_dot_lane_3) }
      }
    }

    private typealias Dot = (_ sum: int32x4_t, _ weights: int8x16_t, _ row: int8x16_t) -> int32x4_t

    /// One group of depths.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: TileRows, _ weights: UnsafePointer<Int8>,
      _ next: Int, _ sums: inout TileSums, _ dot: Dot
    ) {
      step(tile, rows, weights, &sums.a, dot)
      if panelCount > 1 { step(tile, rows, weights + next, &sums.b, dot) }
    }

    /// The same for one panel.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: TileRows, _ weights: UnsafePointer<Int8>,
      _ sums: inout PanelSums, _ dot: Dot
    ) {
      let even: int8x16_t = load(weights)
      let odd: int8x16_t = load(weights + 16)
      sums.row0.even = dot(sums.row0.even, even, rows.row0)
      sums.row0.odd = dot(sums.row0.odd, odd, rows.row0)
      if rowCount > 1 {
        sums.row1.even = dot(sums.row1.even, even, rows.row1)
        sums.row1.odd = dot(sums.row1.odd, odd, rows.row1)
        sums.row2.even = dot(sums.row2.even, even, rows.row2)
        sums.row2.odd = dot(sums.row2.odd, odd, rows.row2)
        sums.row3.even = dot(sums.row3.even, even, rows.row3)
        sums.row3.odd = dot(sums.row3.odd, odd, rows.row3)
      }
    }
  }
#endif
