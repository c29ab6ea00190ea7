#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Sixteen times sixteen bytes, row by row.
  private struct Square: ByteSquare {
    /// Rows 4i to 4i + 3.
    private var a: Rows, b: Rows, c: Rows, d: Rows

    private struct Rows {
      var a: __m128i, b: __m128i, c: __m128i, d: __m128i

      @inline(__always)
      init(_ a: __m128i, _ b: __m128i, _ c: __m128i, _ d: __m128i) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
      }

      @inline(__always)
      init(_ first: Int, _ row: (Int) -> UnsafePointer<UInt8>) {
        (a, b) = (ocellus_load_128(row(first)), ocellus_load_128(row(first &+ 1)))
        (c, d) = (ocellus_load_128(row(first &+ 2)), ocellus_load_128(row(first &+ 3)))
      }

      @inline(__always)
      func write(_ first: Int, _ row: (Int) -> UnsafeMutablePointer<UInt8>) {
        ocellus_store_128(row(first), a)
        ocellus_store_128(row(first &+ 1), b)
        ocellus_store_128(row(first &+ 2), c)
        ocellus_store_128(row(first &+ 3), d)
      }

      /// The bytes of the first two rows and those of another two, taken in turn.
      @inline(__always)
      func firstInTurn(with other: Rows) -> Rows {
        Rows(
          _mm_unpacklo_epi8(a, other.a), _mm_unpackhi_epi8(a, other.a), _mm_unpacklo_epi8(b, other.b),
          _mm_unpackhi_epi8(b, other.b))
      }

      /// The same of the last two.
      @inline(__always)
      func lastInTurn(with other: Rows) -> Rows {
        Rows(
          _mm_unpacklo_epi8(c, other.c), _mm_unpackhi_epi8(c, other.c), _mm_unpacklo_epi8(d, other.d),
          _mm_unpackhi_epi8(d, other.d))
      }
    }

    @inline(__always)
    init(_ row: (Int) -> UnsafePointer<UInt8>) {
      (a, b, c, d) = (Rows(0, row), Rows(4, row), Rows(8, row), Rows(12, row))
    }

    /// Taking bytes of the upper and the lower half in turn moves the highest bit of a byte's place (its row's number,
    /// then its column's) to the end; after four times rows and columns have changed places.
    @inline(__always)
    mutating func transpose() {
      takeInTurn()
      takeInTurn()
      takeInTurn()
      takeInTurn()
    }

    @inline(__always)
    private mutating func takeInTurn() {
      (a, b, c, d) = (
        a.firstInTurn(with: c), a.lastInTurn(with: c), b.firstInTurn(with: d), b.lastInTurn(with: d)
      )
    }

    @inline(__always)
    func write(_ row: (Int) -> UnsafeMutablePointer<UInt8>) {
      a.write(0, row)
      b.write(4, row)
      c.write(8, row)
      d.write(12, row)
    }
  }

  func toColumnsWide(
    _ rows: UnsafePointer<UInt8>, _ stride: Int, _ count: Int, _ columns: UnsafeMutablePointer<UInt8>
  ) {
    Square.toColumns(rows, stride, count, columns)
  }

  func toRowsWide(_ run: PixelRows, _ output: UnsafeMutablePointer<Int8>) {
    guard run.rows == PixelStrip.rows else { return toRowsScalar(run, output) }
    Square.toRows(run, output)
  }
#endif
