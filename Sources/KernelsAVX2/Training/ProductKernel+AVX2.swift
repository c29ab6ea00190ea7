#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension ProductKernel {
    /// Four rows times sixteen columns: `vpmaddwd` adds the products of two depths.
    ///
    /// Of the least numbers alone the two do not fit; what comes out is right but for a multiple of 2^32, as are all
    /// sums.
    static var avx2: ProductKernel {
      ProductKernel(
        height: 4, depthGroup: 2, addTiles: addFourRows,
        packRows: { $0.packGroups(Int16.self, $1, width: 4, depthGroup: 2, isAlong: true, $2) },
        packRowsAcross: { $0.packGroups(Int16.self, $1, width: 4, depthGroup: 2, isAlong: false, $2) },
        packBytes: { $0.packGroups(Int8.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packShorts: { $0.packGroups(Int16.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packWords: { $0.packGroups(Int32.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packBytesAlong: { $0.packGroups(Int8.self, $1, width: 16, depthGroup: 2, isAlong: true, $2) })
    }
  }

  /// The sums of a row: columns 0–7 and 8–15.
  ///
  /// Named, not an array, so that each stays in a register.
  private struct RowSums {
    var a, b: Vector

    @inline(__always)
    init(_ output: UnsafePointer<Int32>) { (a, b) = (load(output), load(output + 8)) }

    @inline(__always)
    mutating func add(_ panelA: Vector, _ panelB: Vector, _ pair: UnsafePointer<Int16>) {
      let row = ocellus_broadcast_32(pair)
      a = _mm256_add_epi32(a, _mm256_madd_epi16(panelA, row))
      b = _mm256_add_epi32(b, _mm256_madd_epi16(panelB, row))
    }

    @inline(__always)
    func write(_ output: UnsafeMutablePointer<Int32>) {
      ocellus_store_256(output, a)
      ocellus_store_256(output + 8, b)
    }
  }

  private func addFourRows(
    _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ pairs: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    var rows = rows
    var output = output
    for _ in 0..<count {
      let (output1, output2, output3) = (output + stride, output + 2 &* stride, output + 3 &* stride)
      var (row0, row1) = (RowSums(output), RowSums(output1))
      var (row2, row3) = (RowSums(output2), RowSums(output3))
      var panel = panel
      for _ in 0..<pairs {
        let (a, b) = (ocellus_load_256(panel), ocellus_load_256(panel + 16))
        row0.add(a, b, rows)
        row1.add(a, b, rows + 2)
        row2.add(a, b, rows + 4)
        row3.add(a, b, rows + 6)
        rows += 8
        panel += 32
      }
      row0.write(output)
      row1.write(output1)
      row2.write(output2)
      row3.write(output3)
      output += 4 &* stride
    }
  }
#endif
