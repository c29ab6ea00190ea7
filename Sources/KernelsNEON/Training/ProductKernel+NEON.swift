#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension ProductKernel {
    /// Four rows times sixteen columns: `smlal` and `smlal2` by a lane, four products each.
    static var neon: ProductKernel {
      ProductKernel(
        height: 4, depthGroup: 1, addTiles: addFourRows, packRows: packFourRows,
        packRowsAcross: packFourRowsAcross,
        packBytes: packPanelBytes, packShorts: packPanelShorts, packWords: packPanelWords,
        packBytesAlong: packPanelBytesAlong)
    }
  }

  /// The sums of a row.
  ///
  /// Named, not an array, so that each stays in a register.
  private struct RowSums {
    var a, b, c, d: int32x4_t

    @inline(__always)
    init(_ output: UnsafePointer<Int32>) {
      (a, b, c, d) = (load(output), load(output + 4), load(output + 8), load(output + 12))
    }

    /// Adds the products of a depth of the panel with a lane of the rows.
    @inline(__always)
    mutating func add(_ depth: TileDepth, lane: Int32) {
      a = ocellus_add_low_by_lane(a, depth.low, depth.rows, lane)
      b = ocellus_add_high_by_lane(b, depth.low, depth.rows, lane)
      c = ocellus_add_low_by_lane(c, depth.high, depth.rows, lane)
      d = ocellus_add_high_by_lane(d, depth.high, depth.rows, lane)
    }

    @inline(__always)
    func write(_ output: UnsafeMutablePointer<Int32>) {
      store(a, output)
      store(b, output + 4)
      store(c, output + 8)
      store(d, output + 12)
    }
  }

  /// What a tile reads for one depth: sixteen numbers of the panel and four of the rows.
  private struct TileDepth {
    var low, high: int16x8_t
    var rows: int16x4_t

    @inline(__always)
    init(_ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>) {
      (low, high) = (load(panel), load(panel + 8))
      self.rows = loadHalf(rows)
    }
  }

  /// Sixteen vectors of sums, which leaves as many registers for two depths.
  private struct FourRowSums {
    var row0, row1, row2, row3: RowSums

    /// - Parameter next: What the next call adds, loaded before: cores that keep to the program's order would wait for it.
    @inline(__always)
    mutating func add(_ depth: TileDepth, next: inout TileDepth) {
      ocellus_have_ready(
        &row0.a, &row0.b, &row0.c, &row0.d, &row1.a, &row1.b, &row1.c, &row1.d, &next.low, &next.high,
        &next.rows)
      ocellus_have_ready(
        &row2.a, &row2.b, &row2.c, &row2.d, &row3.a, &row3.b, &row3.c, &row3.d, &next.low, &next.high,
        &next.rows)
      row0.add(depth, lane: 0)
      row1.add(depth, lane: 1)
      row2.add(depth, lane: 2)
      row3.add(depth, lane: 3)
    }
  }

  private func addFourRows(
    _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ depths: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    var rows = rows
    var output = output
    for _ in 0..<count {
      let (output1, output2, output3) = (output + stride, output + 2 &* stride, output + 3 &* stride)
      var sums = FourRowSums(
        row0: RowSums(output), row1: RowSums(output1), row2: RowSums(output2), row3: RowSums(output3))
      // Beyond the last depth there is memory, whatever it holds.
      var panel = panel
      var depth = TileDepth(rows, panel)
      var pairs = depths / 2
      while pairs > 0 {
        var other = TileDepth(rows + 4, panel + 16)
        sums.add(depth, next: &other)
        rows += 8
        panel += 32
        depth = TileDepth(rows, panel)
        sums.add(other, next: &depth)
        pairs = ocellus_counted_down(pairs)
      }
      if depths & 1 != 0 {
        var none = depth
        sums.add(depth, next: &none)
        rows += 4
      }
      sums.row0.write(output)
      sums.row1.write(output1)
      sums.row2.write(output2)
      sums.row3.write(output3)
      output += 4 &* stride
    }
  }
#endif
