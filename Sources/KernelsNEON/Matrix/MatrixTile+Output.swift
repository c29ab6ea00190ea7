#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Where a tile's int8 outputs go.
  struct TileOutput {
    var address: UnsafeMutablePointer<Int8>
    var stride: Int
    /// 9 ... 16 columns of two panels, 1 ... 8 of one.
    var columns: Int
    var requantization: Requantization
  }

  extension MatrixTile {
    /// The sums' first values.
    @inline(__always)
    static func bias(_ requantization: Requantization) -> RowSums {
      let first = requantization.bias
      let (a0, a4) = (load(first), load(first + 4))
      if panelCount == 1 { return RowSums(a0: a0, a4: a4, b0: a0, b4: a4) }
      return RowSums(a0: a0, a4: a4, b0: load(first + 8), b4: load(first + 12))
    }

    /// Requantises a tile and writes it.
    @inline(__always)
    static func write(_ sums: TileSums, _ output: TileOutput) {
      if output.requantization.isPlain {
        write(sums, PlainMultipliers.self, output)
      } else {
        write(sums, GeneralMultipliers.self, output)
      }
    }

    @inline(__always)
    private static func write<Multipliers: ColumnMultipliers>(
      _ sums: TileSums, _ multipliers: Multipliers.Type, _ output: TileOutput
    ) {
      let range = OutputRange(output.requantization)
      let a0 = Multipliers(output.requantization, column: 0)
      let a4 = Multipliers(output.requantization, column: 4)
      let row0 = Multipliers.offset(a0.multiply(sums.row0.a0), a4.multiply(sums.row0.a4), range)
      let row1 = Multipliers.offset(a0.multiply(sums.row1.a0), a4.multiply(sums.row1.a4), range)
      let row2 = Multipliers.offset(a0.multiply(sums.row2.a0), a4.multiply(sums.row2.a4), range)
      let row3 = Multipliers.offset(a0.multiply(sums.row3.a0), a4.multiply(sums.row3.a4), range)
      if panelCount == 1 {
        let rows01 = range.bytes(row0, row1)
        let rows23 = range.bytes(row2, row3)
        write(
          vget_low_s8(rows01), vget_high_s8(rows01), vget_low_s8(rows23), vget_high_s8(rows23), output)
      } else {
        let b0 = Multipliers(output.requantization, column: 8)
        let b4 = Multipliers(output.requantization, column: 12)
        write(
          range.bytes(
            row0, Multipliers.offset(b0.multiply(sums.row0.b0), b4.multiply(sums.row0.b4), range)),
          range.bytes(
            row1, Multipliers.offset(b0.multiply(sums.row1.b0), b4.multiply(sums.row1.b4), range)),
          range.bytes(
            row2, Multipliers.offset(b0.multiply(sums.row2.b0), b4.multiply(sums.row2.b4), range)),
          range.bytes(
            row3, Multipliers.offset(b0.multiply(sums.row3.b0), b4.multiply(sums.row3.b4), range)),
          output)
      }
    }

    /// The rows' bytes, of one or of two panels.
    @inline(__always)
    private static func write<Bytes: BitwiseCopyable>(
      _ row0: Bytes, _ row1: Bytes, _ row2: Bytes, _ row3: Bytes, _ output: TileOutput
    ) {
      let (address, stride) = (output.address, output.stride)
      if output.columns == 8 &* panelCount {
        store(row0, address)
        if rowCount > 1 {
          store(row1, address + stride)
          store(row2, address + 2 &* stride)
          store(row3, address + 3 &* stride)
        }
      } else {
        storePart(row0, address, output.columns)
        if rowCount > 1 {
          storePart(row1, address + stride, output.columns)
          storePart(row2, address + 2 &* stride, output.columns)
          storePart(row3, address + 3 &* stride, output.columns)
        }
      }
    }

    /// Writes a tile's sums as they are, of whole panels.
    @inline(__always)
    static func write(_ sums: TileSums, _ output: UnsafeMutablePointer<Int32>, stride: Int) {
      write(sums.row0, output)
      if rowCount > 1 {
        write(sums.row1, output + stride)
        write(sums.row2, output + 2 &* stride)
        write(sums.row3, output + 3 &* stride)
      }
    }

    @inline(__always)
    private static func write(_ row: RowSums, _ output: UnsafeMutablePointer<Int32>) {
      store(row.a0, output)
      store(row.a4, output + 4)
      if panelCount > 1 {
        store(row.b0, output + 8)
        store(row.b4, output + 12)
      }
    }
  }

  /// Writes the first `count` bytes: a matrix's last columns.
  @inline(never)
  private func storePart<Bytes: BitwiseCopyable>(
    _ bytes: Bytes, _ output: UnsafeMutablePointer<Int8>, _ count: Int
  ) {
    withUnsafeBytes(of: bytes) { bytes in
      for index in 0..<count { output[index] = bytes.load(fromByteOffset: index, as: Int8.self) }
    }
  }
#endif
