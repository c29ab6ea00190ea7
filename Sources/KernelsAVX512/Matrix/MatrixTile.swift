#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The sums of a tile: a vector of 16 columns for each row, `a` for the first panel, `b` for the second.
  ///
  /// Named, not an array, so that each stays in a register.
  struct TileSums {
    var a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11: Vector
    var b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11: Vector
  }

  /// What a tile reads.
  struct TileOperands {
    /// The first row; rows lie `stride` bytes apart.
    var rows: UnsafePointer<Int8>
    var stride: Int
    /// Groups of four bytes in a row.
    var groups: Int
    /// The first panel; the next one follows `panelBytes` later.
    var weights: UnsafePointer<UInt8>
    var panelBytes: Int
    /// A value a row, added to its sums.
    var corrections: UnsafePointer<Int32>
  }

  /// The inner loop: `rowCount` rows (1 ... 12) times one or two panels of 16 columns.
  ///
  /// A step takes four bytes of each row, repeated in every lane, and the four weights that each column has for them.
  /// 24 sums, two vectors of weights and one of activations leave a few of the 32 registers.
  struct MatrixTile<let rowCount: Int, let panelCount: Int> {
    /// `sum[r, c] = bias[c] + correction[r] + Σ_k weight[k, c] · row[r, k]`.
    @inline(__always)
    static func sums(_ operands: TileOperands, _ biasA: Vector, _ biasB: Vector) -> TileSums {
      let corrections = operands.corrections
      var sums = TileSums(
        a0: biasA, a1: biasA, a2: biasA, a3: biasA, a4: biasA, a5: biasA, a6: biasA, a7: biasA, a8: biasA,
        a9: biasA, a10: biasA, a11: biasA,
        b0: biasB, b1: biasB, b2: biasB, b3: biasB, b4: biasB, b5: biasB, b6: biasB, b7: biasB, b8: biasB,
        b9: biasB, b10: biasB, b11: biasB)
      if rowCount > 0 {
        let correction = splat(corrections[0])
        sums.a0 = add(biasA, correction)
        if panelCount > 1 { sums.b0 = add(biasB, correction) }
      }
      if rowCount > 1 {
        let correction = splat(corrections[1])
        sums.a1 = add(biasA, correction)
        if panelCount > 1 { sums.b1 = add(biasB, correction) }
      }
      if rowCount > 2 {
        let correction = splat(corrections[2])
        sums.a2 = add(biasA, correction)
        if panelCount > 1 { sums.b2 = add(biasB, correction) }
      }
      if rowCount > 3 {
        let correction = splat(corrections[3])
        sums.a3 = add(biasA, correction)
        if panelCount > 1 { sums.b3 = add(biasB, correction) }
      }
      if rowCount > 4 {
        let correction = splat(corrections[4])
        sums.a4 = add(biasA, correction)
        if panelCount > 1 { sums.b4 = add(biasB, correction) }
      }
      if rowCount > 5 {
        let correction = splat(corrections[5])
        sums.a5 = add(biasA, correction)
        if panelCount > 1 { sums.b5 = add(biasB, correction) }
      }
      if rowCount > 6 {
        let correction = splat(corrections[6])
        sums.a6 = add(biasA, correction)
        if panelCount > 1 { sums.b6 = add(biasB, correction) }
      }
      if rowCount > 7 {
        let correction = splat(corrections[7])
        sums.a7 = add(biasA, correction)
        if panelCount > 1 { sums.b7 = add(biasB, correction) }
      }
      if rowCount > 8 {
        let correction = splat(corrections[8])
        sums.a8 = add(biasA, correction)
        if panelCount > 1 { sums.b8 = add(biasB, correction) }
      }
      if rowCount > 9 {
        let correction = splat(corrections[9])
        sums.a9 = add(biasA, correction)
        if panelCount > 1 { sums.b9 = add(biasB, correction) }
      }
      if rowCount > 10 {
        let correction = splat(corrections[10])
        sums.a10 = add(biasA, correction)
        if panelCount > 1 { sums.b10 = add(biasB, correction) }
      }
      if rowCount > 11 {
        let correction = splat(corrections[11])
        sums.a11 = add(biasA, correction)
        if panelCount > 1 { sums.b11 = add(biasB, correction) }
      }
      let stride = operands.stride
      // Four pointers reach twelve rows: an address takes the stride once or twice.
      var rows0 = operands.rows
      var rows3 = rows0 + 3 &* stride
      var rows6 = rows3 + 3 &* stride
      var rows9 = rows6 + 3 &* stride
      var weights = operands.weights
      let end = weights + operands.groups &* 64
      while weights != end {
        let a = load(weights)
        let b = panelCount > 1 ? load(weights + operands.panelBytes) : a
        if rowCount > 0 {
          let row = ocellus_broadcast_group(rows0)
          sums.a0 = dot(sums.a0, a, row)
          if panelCount > 1 { sums.b0 = dot(sums.b0, b, row) }
        }
        if rowCount > 1 {
          let row = ocellus_broadcast_group(rows0 + stride)
          sums.a1 = dot(sums.a1, a, row)
          if panelCount > 1 { sums.b1 = dot(sums.b1, b, row) }
        }
        if rowCount > 2 {
          let row = ocellus_broadcast_group(rows0 + 2 &* stride)
          sums.a2 = dot(sums.a2, a, row)
          if panelCount > 1 { sums.b2 = dot(sums.b2, b, row) }
        }
        if rowCount > 3 {
          let row = ocellus_broadcast_group(rows3)
          sums.a3 = dot(sums.a3, a, row)
          if panelCount > 1 { sums.b3 = dot(sums.b3, b, row) }
        }
        if rowCount > 4 {
          let row = ocellus_broadcast_group(rows3 + stride)
          sums.a4 = dot(sums.a4, a, row)
          if panelCount > 1 { sums.b4 = dot(sums.b4, b, row) }
        }
        if rowCount > 5 {
          let row = ocellus_broadcast_group(rows3 + 2 &* stride)
          sums.a5 = dot(sums.a5, a, row)
          if panelCount > 1 { sums.b5 = dot(sums.b5, b, row) }
        }
        if rowCount > 6 {
          let row = ocellus_broadcast_group(rows6)
          sums.a6 = dot(sums.a6, a, row)
          if panelCount > 1 { sums.b6 = dot(sums.b6, b, row) }
        }
        if rowCount > 7 {
          let row = ocellus_broadcast_group(rows6 + stride)
          sums.a7 = dot(sums.a7, a, row)
          if panelCount > 1 { sums.b7 = dot(sums.b7, b, row) }
        }
        if rowCount > 8 {
          let row = ocellus_broadcast_group(rows6 + 2 &* stride)
          sums.a8 = dot(sums.a8, a, row)
          if panelCount > 1 { sums.b8 = dot(sums.b8, b, row) }
        }
        if rowCount > 9 {
          let row = ocellus_broadcast_group(rows9)
          sums.a9 = dot(sums.a9, a, row)
          if panelCount > 1 { sums.b9 = dot(sums.b9, b, row) }
        }
        if rowCount > 10 {
          let row = ocellus_broadcast_group(rows9 + stride)
          sums.a10 = dot(sums.a10, a, row)
          if panelCount > 1 { sums.b10 = dot(sums.b10, b, row) }
        }
        if rowCount > 11 {
          let row = ocellus_broadcast_group(rows9 + 2 &* stride)
          sums.a11 = dot(sums.a11, a, row)
          if panelCount > 1 { sums.b11 = dot(sums.b11, b, row) }
        }
        weights += 64
        rows0 += 4
        if rowCount > 3 { rows3 += 4 }
        if rowCount > 6 { rows6 += 4 }
        if rowCount > 9 { rows9 += 4 }
      }
      return sums
    }
  }
#endif
