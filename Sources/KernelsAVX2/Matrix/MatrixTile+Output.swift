#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension MatrixTile {
    /// All columns of the staged rows, requantised in registers.
    @inline(never)
    static func multiply<Multipliers: ColumnMultipliers>(
      _ multipliers: Multipliers.Type, _ staged: StagedRows, _ panels: MatrixPanels,
      _ requantization: Requantization,
      _ output: UnsafeMutableRawPointer, _ stride: Int
    ) {
      let range = OutputRange(requantization)
      var column = 0
      while column < panels.columns {
        let tile = MatrixTile(
          staged, panels.address(column), pairs: panels.pairs,
          initialA: bias(Multipliers.self, requantization, column),
          initialB: bias(Multipliers.self, requantization, column &+ 8))
        let store = TileStore(
          a: Multipliers(requantization, column), b: Multipliers(requantization, column &+ 8),
          range: range, count: min(panels.columns &- column, MatrixPanels.width))
        let target = output + column
        if height == 1 {
          store.row(tile.a0, tile.b0, target)
        } else {
          store.rows(tile.a0, tile.b0, tile.a1, tile.b1, target, stride)
        }
        if height == 3 { store.row(tile.a2, tile.b2, target + 2 &* stride) }
        if height > 3 {
          store.rows(tile.a2, tile.b2, tile.a3, tile.b3, target + 2 &* stride, stride)
        }
        if height == 5 { store.row(tile.a4, tile.b4, target + 4 &* stride) }
        if height > 5 {
          store.rows(tile.a4, tile.b4, tile.a5, tile.b5, target + 4 &* stride, stride)
        }
        column &+= MatrixPanels.width
      }
    }

    /// The bias of eight columns, doubled as the staged rows are.
    @inline(__always)
    private static func bias<Multipliers: ColumnMultipliers>(
      _ multipliers: Multipliers.Type, _ requantization: Requantization, _ column: Int
    ) -> Vector {
      let bias = load(requantization.bias + column)
      return Multipliers.takesDoubled ? _mm256_add_epi32(bias, bias) : bias
    }

    /// The accumulators of one panel, rows `stride` elements apart.
    @inline(never)
    static func accumulate(
      _ staged: StagedRows, _ panel: UnsafeRawPointer, _ pairs: Int,
      _ output: UnsafeMutablePointer<Int32>, _ stride: Int
    ) {
      let zero = _mm256_setzero_si256()
      let tile = MatrixTile(staged, panel, pairs: pairs, initialA: zero, initialB: zero)
      store(tile.a0, tile.b0, output)
      if height > 1 { store(tile.a1, tile.b1, output + stride) }
      if height > 2 { store(tile.a2, tile.b2, output + 2 &* stride) }
      if height > 3 { store(tile.a3, tile.b3, output + 3 &* stride) }
      if height > 4 { store(tile.a4, tile.b4, output + 4 &* stride) }
      if height > 5 { store(tile.a5, tile.b5, output + 5 &* stride) }
    }

    @inline(__always)
    private static func store(_ a: Vector, _ b: Vector, _ output: UnsafeMutablePointer<Int32>) {
      ocellus_store_256(output, a)
      ocellus_store_256(output + 8, b)
    }
  }

  /// Requantises accumulators of sixteen columns and stores the first `count`.
  private struct TileStore<Multipliers: ColumnMultipliers> {
    let a: Multipliers
    let b: Multipliers
    let range: OutputRange
    let count: Int

    @inline(__always)
    func row(_ sumsA: Vector, _ sumsB: Vector, _ target: UnsafeMutableRawPointer) {
      let values = offset(sumsA, sumsB)
      store(_mm256_castsi256_si128(range.bytes(values, values)), count: count, to: target)
    }

    /// Two rows, `stride` bytes apart.
    @inline(__always)
    func rows(
      _ a0: Vector, _ b0: Vector, _ a1: Vector, _ b1: Vector, _ target: UnsafeMutableRawPointer,
      _ stride: Int
    ) {
      let bytes = range.bytes(offset(a0, b0), offset(a1, b1))
      store(_mm256_castsi256_si128(bytes), count: count, to: target)
      store(ocellus_upper_half(bytes), count: count, to: target + stride)
    }

    @inline(__always)
    private func offset(_ sumsA: Vector, _ sumsB: Vector) -> Vector {
      Multipliers.offset(a.multiply(sumsA), b.multiply(sumsB), range)
    }
  }
#endif
