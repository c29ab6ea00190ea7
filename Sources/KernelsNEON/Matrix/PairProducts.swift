#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The baseline's products of bytes: `smull` and `smlal2` give eight at a time, as int16, of which `sadalp` adds
  /// neighbouring pairs to int32 sums.
  ///
  /// A sum belongs to a column, so a vector of weights holds pairs of depths of four columns. Rather than to repeat the
  /// row's pair for all four, each column has another pair of the same sixteen bytes of the row, and the row rotates by
  /// a pair until all have met all: see `MatrixPacking.packRotatedPairs`.
  protocol PairProducts: MatrixProducts {
    /// Adds the products of sixteen bytes.
    static func add(_ sums: int32x4_t, _ row: int8x16_t, _ weights: int8x16_t) -> int32x4_t
  }

  /// Adds two products in 16 bits before widening, exact unless `MatrixMultiply.hasExtremePairs`.
  enum JoinedProducts: PairProducts {
    typealias Exact = SeparateProducts

    @inline(__always)
    static func add(_ sums: int32x4_t, _ row: int8x16_t, _ weights: int8x16_t) -> int32x4_t {
      let products = vmull_s8(vget_low_s8(row), vget_low_s8(weights))
      return vpadalq_s16(sums, vmlal_high_s8(products, row, weights))
    }
  }

  /// Widens each product.
  enum SeparateProducts: PairProducts {
    typealias Exact = SeparateProducts

    @inline(__always)
    static func add(_ sums: int32x4_t, _ row: int8x16_t, _ weights: int8x16_t) -> int32x4_t {
      let low = vpadalq_s16(sums, vmull_s8(vget_low_s8(row), vget_low_s8(weights)))
      return vpadalq_s16(low, vmull_high_s8(row, weights))
    }
  }

  extension PairProducts {
    public static var packing: MatrixPacking { MatrixPacking(rotatedPairsOf: 8) }

    @inline(__always)
    public static func add<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ operands: TileOperands, to sums: inout TileSums
    ) {
      let stride = operands.stride
      let next = operands.panelBytes
      var row = operands.rows
      var weights = operands.weights
      var depth = operands.depth
      while depth > 8 {
        var rows = TileRows(tile) { load(row + $0 &* stride) }
        step(tile, &rows, weights, next, &sums)
        rows.rotate()
        step(tile, &rows, weights + 32, next, &sums)
        rows.rotate()
        step(tile, &rows, weights + 64, next, &sums)
        rows.rotate()
        step(tile, &rows, weights + 96, next, &sums)
        row += 16
        weights += 128
        depth &-= 16
      }
      if depth > 0 {
        var rows = TileRows(tile) {
          let bytes = loadHalf(row + $0 &* stride)
          return vcombine_s8(bytes, bytes)
        }
        halfStep(tile, rows, weights, next, &sums)
        rows.rotate()
        halfStep(tile, rows, weights + 16, next, &sums)
        rows.rotate()
        halfStep(tile, rows, weights + 32, next, &sums)
        rows.rotate()
        halfStep(tile, rows, weights + 48, next, &sums)
      }
    }

    /// Sixteen bytes of each row and one vector for each four columns.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: inout TileRows, _ weights: UnsafePointer<Int8>,
      _ next: Int, _ sums: inout TileSums
    ) {
      let a0: int8x16_t = load(weights)
      let a4: int8x16_t = load(weights + 16)
      sums.row0.a0 = add(sums.row0.a0, rows.row0, a0)
      sums.row0.a4 = add(sums.row0.a4, rows.row0, a4)
      if rowCount > 1 {
        sums.row1.a0 = add(sums.row1.a0, rows.row1, a0)
        sums.row1.a4 = add(sums.row1.a4, rows.row1, a4)
        sums.row2.a0 = add(sums.row2.a0, rows.row2, a0)
        sums.row2.a4 = add(sums.row2.a4, rows.row2, a4)
        sums.row3.a0 = add(sums.row3.a0, rows.row3, a0)
        sums.row3.a4 = add(sums.row3.a4, rows.row3, a4)
        ocellus_order(
          &sums.row0.a0, &sums.row0.a4, &sums.row1.a0, &sums.row1.a4, &sums.row2.a0, &sums.row2.a4,
          &sums.row3.a0, &sums.row3.a4, &rows.row0, &rows.row1, &rows.row2, &rows.row3)
      }
      if panelCount > 1 {
        let b0: int8x16_t = load(weights + next)
        let b4: int8x16_t = load(weights + next + 16)
        sums.row0.b0 = add(sums.row0.b0, rows.row0, b0)
        sums.row0.b4 = add(sums.row0.b4, rows.row0, b4)
        if rowCount > 1 {
          sums.row1.b0 = add(sums.row1.b0, rows.row1, b0)
          sums.row1.b4 = add(sums.row1.b4, rows.row1, b4)
          sums.row2.b0 = add(sums.row2.b0, rows.row2, b0)
          sums.row2.b4 = add(sums.row2.b4, rows.row2, b4)
          sums.row3.b0 = add(sums.row3.b0, rows.row3, b0)
          sums.row3.b4 = add(sums.row3.b4, rows.row3, b4)
          ocellus_order(
            &sums.row0.b0, &sums.row0.b4, &sums.row1.b0, &sums.row1.b4, &sums.row2.b0, &sums.row2.b4,
            &sums.row3.b0, &sums.row3.b4, &rows.row0, &rows.row1, &rows.row2, &rows.row3)
        }
      }
    }

    /// The last eight bytes of each row, in both halves, and one vector for each eight columns.
    @inline(__always)
    private static func halfStep<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: TileRows, _ weights: UnsafePointer<Int8>,
      _ next: Int, _ sums: inout TileSums
    ) {
      let a: int8x16_t = load(weights)
      let b: int8x16_t = panelCount > 1 ? load(weights + next) : a
      halfStep(tile, rows.row0, a, b, &sums.row0)
      if rowCount > 1 {
        halfStep(tile, rows.row1, a, b, &sums.row1)
        halfStep(tile, rows.row2, a, b, &sums.row2)
        halfStep(tile, rows.row3, a, b, &sums.row3)
      }
    }

    @inline(__always)
    private static func halfStep<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ row: int8x16_t, _ a: int8x16_t, _ b: int8x16_t,
      _ sums: inout RowSums
    ) {
      sums.a0 = vpadalq_s16(sums.a0, vmull_s8(vget_low_s8(row), vget_low_s8(a)))
      sums.a4 = vpadalq_s16(sums.a4, vmull_high_s8(row, a))
      if panelCount > 1 {
        sums.b0 = vpadalq_s16(sums.b0, vmull_s8(vget_low_s8(row), vget_low_s8(b)))
        sums.b4 = vpadalq_s16(sums.b4, vmull_high_s8(row, b))
      }
    }
  }

  /// Sixteen bytes of each row.
  private struct TileRows {
    var row0, row1, row2, row3: int8x16_t

    @inline(__always)
    init<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ row: (_ index: Int) -> int8x16_t
    ) {
      row0 = row(0)
      row1 = rowCount > 1 ? row(1) : row0
      row2 = rowCount > 1 ? row(2) : row0
      row3 = rowCount > 1 ? row(3) : row0
    }

    /// By a pair.
    @inline(__always)
    mutating func rotate() {
      row0 = ocellus_rotate_pairs(row0)
      row1 = ocellus_rotate_pairs(row1)
      row2 = ocellus_rotate_pairs(row2)
      row3 = ocellus_rotate_pairs(row3)
    }
  }
#endif
