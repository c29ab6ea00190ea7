#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension MatrixTile {
    /// Some tiles of staged rows, one below the other, times all panels, requantised in registers.
    ///
    /// - Parameters:
    ///   - rows: The tiles' first row among `staged`.
    ///   - output: The first tile's; rows are `stride` bytes apart.
    @inline(never)
    static func multiply<Multipliers: ColumnMultipliers>(
      _ multipliers: Multipliers.Type, _ staged: StagedRows, _ rows: UnsafeRawPointer, tiles: Int,
      _ panels: MatrixPanels, _ requantization: Requantization, _ output: UnsafeMutableRawPointer,
      _ stride: Int
    ) {
      var multiplierMemory = MultiplierMemory()
      withUnsafeMutableBytes(of: &multiplierMemory) { memory in
        let memory = memory.baseAddress!
        let range = OutputRange(requantization)
        var column = 0
        while column < panels.columns {
          let count = panels.columns &- column
          let store = TileStore(
            a: Multipliers(requantization, column, memory),
            b: Multipliers(requantization, column &+ 8, memory + multiplierBytes), range: range,
            stride: stride)
          let biasA = bias(Multipliers.self, requantization, column)
          let biasB = bias(Multipliers.self, requantization, column &+ 8)
          var target = output + column
          var tileRows = rows
          if count <= 8 {
            for _ in 0..<tiles {
              let tile = MatrixTile(
                isNarrow: true, staged, tileRows, panels.address(column),
                pairs: panels.pairs, initialA: biasA, initialB: biasB)
              store.narrow(tile, count, target)
              tileRows += height &* staged.rowBytes
              target += height &* stride
            }
          } else {
            for _ in 0..<tiles {
              let tile = MatrixTile(
                isNarrow: false, staged, tileRows, panels.address(column), pairs: panels.pairs,
                initialA: biasA, initialB: biasB)
              store.wide(tile, min(count, MatrixPanels.width), target)
              tileRows += height &* staged.rowBytes
              target += height &* stride
            }
          }
          column &+= MatrixPanels.width
        }
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

    /// The accumulators of one tile and one panel, rows `stride` elements apart.
    @inline(never)
    static func accumulate(
      _ staged: StagedRows, _ rows: UnsafeRawPointer, _ panels: MatrixPanels, _ column: Int,
      _ output: UnsafeMutablePointer<Int32>, _ stride: Int
    ) {
      let zero = _mm256_setzero_si256()
      let tile = MatrixTile(
        isNarrow: false, staged, rows, panels.address(column), pairs: panels.pairs,
        initialA: zero, initialB: zero)
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

  /// Requantises a tile's accumulators and stores them.
  private struct TileStore<Multipliers: ColumnMultipliers> {
    let a: Multipliers
    let b: Multipliers
    let range: OutputRange
    /// Bytes from one output row to the next.
    let stride: Int

    /// The first `count` (9...16) of 16 columns.
    @inline(__always)
    func wide<let height: Int>(
      _ tile: MatrixTile<height>, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
      let rows01 = bytes(tile.a0, tile.b0, height > 1 ? tile.a1 : tile.a0, height > 1 ? tile.b1 : tile.b0)
      let rows23 = height > 2 ? bytes(tile.a2, tile.b2, tile.a3, tile.b3) : rows01
      let rows45 = height > 4 ? bytes(tile.a4, tile.b4, tile.a5, tile.b5) : rows01
      if count == 16 {
        ocellus_store_128(target, _mm256_castsi256_si128(rows01))
        if height > 1 { ocellus_store_128(target + stride, ocellus_upper_half(rows01)) }
        if height > 2 { ocellus_store_128(target + 2 &* stride, _mm256_castsi256_si128(rows23)) }
        if height > 3 { ocellus_store_128(target + 3 &* stride, ocellus_upper_half(rows23)) }
        if height > 4 { ocellus_store_128(target + 4 &* stride, _mm256_castsi256_si128(rows45)) }
        if height > 5 { ocellus_store_128(target + 5 &* stride, ocellus_upper_half(rows45)) }
      } else {
        store(_mm256_castsi256_si128(rows01), count: count, to: target)
        if height > 1 { store(ocellus_upper_half(rows01), count: count, to: target + stride) }
        if height > 2 {
          store(_mm256_castsi256_si128(rows23), count: count, to: target + 2 &* stride)
        }
        if height > 3 { store(ocellus_upper_half(rows23), count: count, to: target + 3 &* stride) }
        if height > 4 {
          store(_mm256_castsi256_si128(rows45), count: count, to: target + 4 &* stride)
        }
        if height > 5 { store(ocellus_upper_half(rows45), count: count, to: target + 5 &* stride) }
      }
    }

    /// The first `count` (1...8) columns of a tile that has no others.
    @inline(__always)
    func narrow<let height: Int>(
      _ tile: MatrixTile<height>, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
      // Eight columns of four rows take the places of sixteen columns of two.
      let upper01 = Multipliers.offset(a.multiply(tile.a0), a.multiply(height > 1 ? tile.a1 : tile.a0), range)
      let upper23 =
        height > 2 ? Multipliers.offset(a.multiply(tile.a2), a.multiply(tile.a3), range) : upper01
      let rows = range.bytes(upper01, upper23)
      storeHalves(_mm256_castsi256_si128(rows), min(height, 2), count, target)
      if height > 2 {
        storeHalves(ocellus_upper_half(rows), min(height &- 2, 2), count, target + 2 &* stride)
      }
      if height > 4 {
        let upper45 = Multipliers.offset(a.multiply(tile.a4), a.multiply(tile.a5), range)
        storeHalves(
          _mm256_castsi256_si128(range.bytes(upper45, upper45)), height &- 4, count, target + 4 &* stride)
      }
    }

    /// Eight bytes for one row, eight for the next.
    @inline(__always)
    private func storeHalves(
      _ bytes: __m128i, _ rows: Int, _ count: Int, _ target: UnsafeMutableRawPointer
    ) {
      store(bytes, count: count, to: target)
      if rows > 1 { store(_mm_unpackhi_epi64(bytes, bytes), count: count, to: target + stride) }
    }

    @inline(__always)
    private func bytes(_ a0: Vector, _ b0: Vector, _ a1: Vector, _ b1: Vector) -> Vector {
      range.bytes(
        Multipliers.offset(a.multiply(a0), b.multiply(b0), range),
        Multipliers.offset(a.multiply(a1), b.multiply(b1), range))
    }
  }
#endif
