#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension ProductTile<4, 1> {
    /// Four rows times sixteen columns: `smlal` and `smlal2` by a lane, four products each.
    static var neon: ProductTile<4, 1> { ProductTile<4, 1>(addTiles) }
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

    /// Adds the products of a panel's depth with a lane of the rows.
    @inline(__always)
    mutating func add(_ low: int16x8_t, _ high: int16x8_t, _ rows: int16x8_t, lane: Int32) {
      a = ocellus_add_low_by_lane(a, low, rows, lane)
      b = ocellus_add_high_by_lane(b, low, rows, lane)
      c = ocellus_add_low_by_lane(c, high, rows, lane)
      d = ocellus_add_high_by_lane(d, high, rows, lane)
    }

    @inline(__always)
    func write(_ output: UnsafeMutablePointer<Int32>) {
      store(a, output)
      store(b, output + 4)
      store(c, output + 8)
      store(d, output + 12)
    }
  }

  /// Sixteen vectors of sums, which leaves as many registers for operands.
  private struct FourRowSums {
    var row0, row1, row2, row3: RowSums

    @inline(__always)
    mutating func add(_ panel: UnsafePointer<Int16>, _ rows: int16x8_t, firstLane: Int32) {
      let (low, high) = (load(panel), load(panel + 8))
      row0.add(low, high, rows, lane: firstLane)
      row1.add(low, high, rows, lane: firstLane &+ 1)
      row2.add(low, high, rows, lane: firstLane &+ 2)
      row3.add(low, high, rows, lane: firstLane &+ 3)
    }
  }

  /// Two depths at a time, whose eight numbers of the rows are one vector.
  private func addTiles(
    _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ depths: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    var rows = rows
    var output = output
    for _ in 0..<count {
      let (output1, output2, output3) = (output + stride, output + 2 &* stride, output + 3 &* stride)
      var sums = FourRowSums(
        row0: RowSums(output), row1: RowSums(output1), row2: RowSums(output2), row3: RowSums(output3))
      var panel = panel
      for _ in 0..<depths / 2 {
        let both = load(rows)
        sums.add(panel, both, firstLane: 0)
        sums.add(panel + 16, both, firstLane: 4)
        rows += 8
        panel += 32
      }
      if depths & 1 != 0 {
        let last = loadHalf(rows)
        sums.add(panel, vcombine_s16(last, last), firstLane: 0)
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
