#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Writes `columns` of 32 bytes.
  @inline(__always)
  func store(_ bytes: __m256i, _ output: UnsafeMutablePointer<Int8>, columns: Int) {
    if columns == 32 {
      UnsafeMutableRawPointer(output).storeBytes(of: bytes, as: __m256i.self)
    } else {
      _mm256_mask_storeu_epi8(output, UInt32(truncatingIfNeeded: byteMask(columns)), bytes)
    }
  }

  /// Writes `columns` of 16 bytes.
  @inline(__always)
  func store(_ bytes: __m128i, _ output: UnsafeMutablePointer<Int8>, columns: Int) {
    if columns == 16 {
      UnsafeMutableRawPointer(output).storeBytes(of: bytes, as: __m128i.self)
    } else {
      _mm_mask_storeu_epi8(output, UInt16(truncatingIfNeeded: byteMask(columns)), bytes)
    }
  }

  /// Where a tile's int8 outputs go.
  struct TileOutput {
    var address: UnsafeMutablePointer<Int8>
    var stride: Int
    /// 17 ... 32 columns of two panels, 1 ... 16 of one.
    var columns: Int
    var range: OutputRange

    /// The scaled rows of two panels, from `row` on.
    @inline(__always)
    func write(pairs row: Int, _ a: Vector, _ b: Vector, _ nextA: Vector, _ nextB: Vector, count: Int) {
      let bytes = range.pack(a, b, nextA, nextB)
      let target = address + row &* stride
      store(ocellus_half_0(bytes), target, columns: columns)
      if count > 1 { store(ocellus_half_1(bytes), target + stride, columns: columns) }
    }

    /// The scaled rows of one panel, from `row` on.
    @inline(__always)
    func write(
      singles row: Int, _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector, count: Int
    ) {
      let bytes = range.pack(a, b, c, d)
      let target = address + row &* stride
      store(ocellus_quarter_0(bytes), target, columns: columns)
      if count > 1 { store(ocellus_quarter_1(bytes), target + stride, columns: columns) }
      if count > 2 { store(ocellus_quarter_2(bytes), target + 2 &* stride, columns: columns) }
      if count > 3 { store(ocellus_quarter_3(bytes), target + 3 &* stride, columns: columns) }
    }
  }

  extension MatrixTile {
    /// Requantises a tile (`Requantization.isPlain`) and writes it.
    @inline(__always)
    static func write(
      _ sums: TileSums, _ a: PlainMultipliers, _ b: PlainMultipliers, _ output: TileOutput
    ) {
      if panelCount > 1 {
        if rowCount > 0 {
          output.write(
            pairs: 0, a.multiply(sums.a0), b.multiply(sums.b0), a.multiply(sums.a1),
            b.multiply(sums.b1), count: rowCount - 0)
        }
        if rowCount > 2 {
          output.write(
            pairs: 2, a.multiply(sums.a2), b.multiply(sums.b2), a.multiply(sums.a3),
            b.multiply(sums.b3), count: rowCount - 2)
        }
        if rowCount > 4 {
          output.write(
            pairs: 4, a.multiply(sums.a4), b.multiply(sums.b4), a.multiply(sums.a5),
            b.multiply(sums.b5), count: rowCount - 4)
        }
        if rowCount > 6 {
          output.write(
            pairs: 6, a.multiply(sums.a6), b.multiply(sums.b6), a.multiply(sums.a7),
            b.multiply(sums.b7), count: rowCount - 6)
        }
        if rowCount > 8 {
          output.write(
            pairs: 8, a.multiply(sums.a8), b.multiply(sums.b8), a.multiply(sums.a9),
            b.multiply(sums.b9), count: rowCount - 8)
        }
        if rowCount > 10 {
          output.write(
            pairs: 10, a.multiply(sums.a10), b.multiply(sums.b10), a.multiply(sums.a11),
            b.multiply(sums.b11), count: rowCount - 10)
        }
      } else {
        if rowCount > 0 {
          output.write(
            singles: 0, a.multiply(sums.a0), a.multiply(sums.a1), a.multiply(sums.a2),
            a.multiply(sums.a3), count: rowCount - 0)
        }
        if rowCount > 4 {
          output.write(
            singles: 4, a.multiply(sums.a4), a.multiply(sums.a5), a.multiply(sums.a6),
            a.multiply(sums.a7), count: rowCount - 4)
        }
        if rowCount > 8 {
          output.write(
            singles: 8, a.multiply(sums.a8), a.multiply(sums.a9), a.multiply(sums.a10),
            a.multiply(sums.a11), count: rowCount - 8)
        }
      }
    }

    /// Writes a tile's sums as they are, `first` and `second` being the columns of each panel.
    @inline(__always)
    static func write(
      _ sums: TileSums, _ output: UnsafeMutablePointer<Int32>, stride: Int, first: UInt16, second: UInt16
    ) {
      if rowCount > 0 {
        let row = output + 0 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a0)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b0) }
      }
      if rowCount > 1 {
        let row = output + 1 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a1)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b1) }
      }
      if rowCount > 2 {
        let row = output + 2 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a2)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b2) }
      }
      if rowCount > 3 {
        let row = output + 3 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a3)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b3) }
      }
      if rowCount > 4 {
        let row = output + 4 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a4)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b4) }
      }
      if rowCount > 5 {
        let row = output + 5 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a5)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b5) }
      }
      if rowCount > 6 {
        let row = output + 6 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a6)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b6) }
      }
      if rowCount > 7 {
        let row = output + 7 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a7)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b7) }
      }
      if rowCount > 8 {
        let row = output + 8 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a8)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b8) }
      }
      if rowCount > 9 {
        let row = output + 9 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a9)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b9) }
      }
      if rowCount > 10 {
        let row = output + 10 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a10)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b10) }
      }
      if rowCount > 11 {
        let row = output + 11 &* stride
        _mm512_mask_storeu_epi32(row, first, sums.a11)
        if panelCount > 1 { _mm512_mask_storeu_epi32(row + lanes, second, sums.b11) }
      }
    }
  }
#endif
