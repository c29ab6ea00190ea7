#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Brings the pixels of a window's column together: four rows of 16 channels become, channel by channel, groups of
  /// four bytes.
  struct ColumnReader {
    let order: Vector
    /// Makes int8 unsigned by adding 128, or leaves it.
    let flip: Vector

    @inline(__always)
    init(isUnsigned: Bool) {
      // Byte 4c + t comes from byte c of row t.
      let group = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
      order = _mm512_or_si512(
        _mm512_mullo_epi32(group, splat(0x0101_0101)), splat(0x3020_1000))
      flip = isUnsigned ? splat(byte: -128) : zero()
    }

    @inline(__always)
    func callAsFunction(
      _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ c: UnsafePointer<Int8>,
      _ d: UnsafePointer<Int8>
    ) -> Vector {
      arrange(ocellus_insert_quarter_3(three(a, b, c), loadQuarter(d)))
    }

    /// Three rows, and a fourth that weighs nothing.
    @inline(__always)
    func callAsFunction(
      _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ c: UnsafePointer<Int8>
    ) -> Vector { arrange(three(a, b, c)) }

    /// One row, and three that weigh nothing.
    @inline(__always)
    func callAsFunction(_ a: UnsafePointer<Int8>) -> Vector {
      _mm512_xor_si512(_mm512_cvtepu8_epi32(loadQuarter(a)), flip)
    }

    @inline(__always)
    private func three(
      _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ c: UnsafePointer<Int8>
    ) -> Vector {
      let two = ocellus_insert_quarter_1(_mm512_zextsi128_si512(loadQuarter(a)), loadQuarter(b))
      return ocellus_insert_quarter_2(two, loadQuarter(c))
    }

    @inline(__always)
    private func arrange(_ rows: Vector) -> Vector {
      _mm512_xor_si512(_mm512_permutexvar_epi8(order, rows), flip)
    }
  }

  /// What one block of 16 channels of an output row needs beside its input.
  struct DepthwiseBlock {
    /// What every sum starts with.
    let start: Vector
    let multipliers: PlainMultipliers
    let range: OutputRange
    let output: UnsafeMutablePointer<Int8>
    /// Bytes from one pixel to the next.
    let channels: Int
    /// Channels of the block: 16, or fewer in the last.
    let columns: Int

    @inline(__always)
    init(
      _ row: DepthwiseRow, _ packing: DepthwisePacking, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, block: Int
    ) {
      let channel = block &* lanes
      multipliers = PlainMultipliers(requantization, column: channel)
      start = add(load(packing.start(row.weights, block: block)), multipliers.start)
      range = OutputRange(
        zeroPoint: requantization.zeroPoint, low: requantization.low, high: requantization.high)
      self.output = output + channel
      channels = row.channels
      columns = min(row.channels &- channel, lanes)
    }

    /// Requantises four pixels from `x` on and writes the first `count`.
    @inline(__always)
    func write(_ x: Int, _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector, count: Int) {
      let bytes = range.pack(
        multipliers.multiply(a), multipliers.multiply(b), multipliers.multiply(c),
        multipliers.multiply(d))
      let target = output + x &* channels
      store(ocellus_quarter_0(bytes), target, columns: columns)
      if count > 1 { store(ocellus_quarter_1(bytes), target + channels, columns: columns) }
      if count > 2 { store(ocellus_quarter_2(bytes), target + 2 &* channels, columns: columns) }
      if count > 3 { store(ocellus_quarter_3(bytes), target + 3 &* channels, columns: columns) }
    }
  }
#endif
