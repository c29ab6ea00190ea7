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
    public static var packing: MatrixPacking { .rotatedPairs }

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
        // The second half is one pair ahead; then both turn by two.
        var rows = TileRows(tile) {
          let bytes = loadHalf(row + $0 &* stride)
          return vcombine_s8(bytes, ocellus_rotate_pairs_of_half(bytes))
        }
        step(tile, &rows, weights, next, &sums)
        rows.swapHalvesOfHalves()
        step(tile, &rows, weights + 32, next, &sums)
      }
    }

    /// Sixteen bytes of each row and one vector for each four columns.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: inout TileRows, _ weights: UnsafePointer<Int8>,
      _ next: Int, _ sums: inout TileSums
    ) {
      let evenA: int8x16_t = load(weights)
      let oddA: int8x16_t = load(weights + 16)
      sums.row0.evenA = add(sums.row0.evenA, rows.row0, evenA)
      sums.row0.oddA = add(sums.row0.oddA, rows.row0, oddA)
      if rowCount > 1 {
        sums.row1.evenA = add(sums.row1.evenA, rows.row1, evenA)
        sums.row1.oddA = add(sums.row1.oddA, rows.row1, oddA)
        sums.row2.evenA = add(sums.row2.evenA, rows.row2, evenA)
        sums.row2.oddA = add(sums.row2.oddA, rows.row2, oddA)
        sums.row3.evenA = add(sums.row3.evenA, rows.row3, evenA)
        sums.row3.oddA = add(sums.row3.oddA, rows.row3, oddA)
        ocellus_order(
          &sums.row0.evenA, &sums.row0.oddA, &sums.row1.evenA, &sums.row1.oddA, &sums.row2.evenA,
          &sums.row2.oddA,
          &sums.row3.evenA, &sums.row3.oddA, &rows.row0, &rows.row1, &rows.row2, &rows.row3)
      }
      if panelCount > 1 {
        let evenB: int8x16_t = load(weights + next)
        let oddB: int8x16_t = load(weights + next + 16)
        sums.row0.evenB = add(sums.row0.evenB, rows.row0, evenB)
        sums.row0.oddB = add(sums.row0.oddB, rows.row0, oddB)
        if rowCount > 1 {
          sums.row1.evenB = add(sums.row1.evenB, rows.row1, evenB)
          sums.row1.oddB = add(sums.row1.oddB, rows.row1, oddB)
          sums.row2.evenB = add(sums.row2.evenB, rows.row2, evenB)
          sums.row2.oddB = add(sums.row2.oddB, rows.row2, oddB)
          sums.row3.evenB = add(sums.row3.evenB, rows.row3, evenB)
          sums.row3.oddB = add(sums.row3.oddB, rows.row3, oddB)
          ocellus_order(
            &sums.row0.evenB, &sums.row0.oddB, &sums.row1.evenB, &sums.row1.oddB, &sums.row2.evenB,
            &sums.row2.oddB,
            &sums.row3.evenB, &sums.row3.oddB, &rows.row0, &rows.row1, &rows.row2, &rows.row3)
        }
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

    /// In either half, by two pairs.
    @inline(__always)
    mutating func swapHalvesOfHalves() {
      row0 = turned(row0)
      row1 = turned(row1)
      row2 = turned(row2)
      row3 = turned(row3)
    }

    @inline(__always)
    private func turned(_ row: int8x16_t) -> int8x16_t {
      vreinterpretq_s8_s32(vrev64q_s32(vreinterpretq_s32_s8(row)))
    }
  }
#endif
