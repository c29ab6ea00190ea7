#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Sixteen times sixteen bytes, row by row.
  private struct Square: ByteSquare {
    /// Rows 4i to 4i + 3.
    private var a: Rows, b: Rows, c: Rows, d: Rows

    private struct Rows {
      var a: uint8x16_t, b: uint8x16_t, c: uint8x16_t, d: uint8x16_t

      @inline(__always)
      init(_ first: Int, _ row: (Int) -> UnsafePointer<UInt8>) {
        (a, b) = (load(row(first)), load(row(first &+ 1)))
        (c, d) = (load(row(first &+ 2)), load(row(first &+ 3)))
      }

      @inline(__always)
      func write(_ first: Int, _ row: (Int) -> UnsafeMutablePointer<UInt8>) {
        store(a, row(first))
        store(b, row(first &+ 1))
        store(c, row(first &+ 2))
        store(d, row(first &+ 3))
      }

      /// Transposes all squares of two by two bytes or pairs of bytes.
      @inline(__always)
      mutating func transposeSmall() {
        exchangePairs(&a, &c)
        exchangePairs(&b, &d)
        exchangeBytes(&a, &b)
        exchangeBytes(&c, &d)
      }

      @inline(__always)
      static func exchangeEights(_ x: inout Rows, _ y: inout Rows) {
        Square.exchangeEights(&x.a, &y.a)
        Square.exchangeEights(&x.b, &y.b)
        Square.exchangeEights(&x.c, &y.c)
        Square.exchangeEights(&x.d, &y.d)
      }

      @inline(__always)
      static func exchangeFours(_ x: inout Rows, _ y: inout Rows) {
        Square.exchangeFours(&x.a, &y.a)
        Square.exchangeFours(&x.b, &y.b)
        Square.exchangeFours(&x.c, &y.c)
        Square.exchangeFours(&x.d, &y.d)
      }
    }

    @inline(__always)
    init(_ row: (Int) -> UnsafePointer<UInt8>) {
      (a, b, c, d) = (Rows(0, row), Rows(4, row), Rows(8, row), Rows(12, row))
    }

    /// Transposes: of each two by two blocks of eight, four, two bytes and one the two off the diagonal change places.
    @inline(__always)
    mutating func transpose() {
      Rows.exchangeEights(&a, &c)
      Rows.exchangeEights(&b, &d)
      Rows.exchangeFours(&a, &b)
      Rows.exchangeFours(&c, &d)
      a.transposeSmall()
      b.transposeSmall()
      c.transposeSmall()
      d.transposeSmall()
    }

    @inline(__always)
    func write(_ row: (Int) -> UnsafeMutablePointer<UInt8>) {
      a.write(0, row)
      b.write(4, row)
      c.write(8, row)
      d.write(12, row)
    }

    @inline(__always)
    private static func exchangeEights(_ x: inout uint8x16_t, _ y: inout uint8x16_t) {
      let (a, b) = (vreinterpretq_u64_u8(x), vreinterpretq_u64_u8(y))
      (x, y) = (vreinterpretq_u8_u64(vtrn1q_u64(a, b)), vreinterpretq_u8_u64(vtrn2q_u64(a, b)))
    }

    @inline(__always)
    private static func exchangeFours(_ x: inout uint8x16_t, _ y: inout uint8x16_t) {
      let (a, b) = (vreinterpretq_u32_u8(x), vreinterpretq_u32_u8(y))
      (x, y) = (vreinterpretq_u8_u32(vtrn1q_u32(a, b)), vreinterpretq_u8_u32(vtrn2q_u32(a, b)))
    }

    @inline(__always)
    private static func exchangePairs(_ x: inout uint8x16_t, _ y: inout uint8x16_t) {
      let (a, b) = (vreinterpretq_u16_u8(x), vreinterpretq_u16_u8(y))
      (x, y) = (vreinterpretq_u8_u16(vtrn1q_u16(a, b)), vreinterpretq_u8_u16(vtrn2q_u16(a, b)))
    }

    @inline(__always)
    private static func exchangeBytes(_ x: inout uint8x16_t, _ y: inout uint8x16_t) {
      (x, y) = (vtrn1q_u8(x, y), vtrn2q_u8(x, y))
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
