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
      repeat {
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
      } while depth > 8
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
      step(tile, &rows, weights, &sums.a)
      if panelCount > 1 { step(tile, &rows, weights + next, &sums.b) }
    }

    /// The same for one panel.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ rows: inout TileRows, _ weights: UnsafePointer<Int8>,
      _ sums: inout PanelSums
    ) {
      let even: int8x16_t = load(weights)
      let odd: int8x16_t = load(weights + 16)
      sums.row0.even = add(sums.row0.even, rows.row0, even)
      sums.row0.odd = add(sums.row0.odd, rows.row0, odd)
      if rowCount > 1 {
        sums.row1.even = add(sums.row1.even, rows.row1, even)
        sums.row1.odd = add(sums.row1.odd, rows.row1, odd)
        sums.row2.even = add(sums.row2.even, rows.row2, even)
        sums.row2.odd = add(sums.row2.odd, rows.row2, odd)
        sums.row3.even = add(sums.row3.even, rows.row3, even)
        sums.row3.odd = add(sums.row3.odd, rows.row3, odd)
        ocellus_order(
          &sums.row0.even, &sums.row0.odd, &sums.row1.even, &sums.row1.odd, &sums.row2.even, &sums.row2.odd,
          &sums.row3.even, &sums.row3.odd, &rows.row0, &rows.row1, &rows.row2, &rows.row3)
      }
    }
  }

  extension TileRows {
    /// By a pair.
    @inline(__always)
    fileprivate mutating func rotate() {
      row0 = ocellus_rotate_pairs(row0)
      row1 = ocellus_rotate_pairs(row1)
      row2 = ocellus_rotate_pairs(row2)
      row3 = ocellus_rotate_pairs(row3)
    }

    /// In either half, by two pairs.
    @inline(__always)
    fileprivate mutating func swapHalvesOfHalves() {
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
