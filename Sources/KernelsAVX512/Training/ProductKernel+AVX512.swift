#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension ProductKernel {
    /// Eight rows times sixteen columns: `vpdpwssd` adds the products of two depths to the sums. Each waits for the one
    /// before of its row; eight rows are as many as it takes to keep the pipes busy.
    static var avx512: ProductKernel {
      ProductKernel(
        height: 8, depthGroup: 2, addTiles: addEightRows,
        packRows: { $0.packGroups(Int16.self, $1, width: 8, depthGroup: 2, isAlong: true, $2) },
        packRowsAcross: { $0.packGroups(Int16.self, $1, width: 8, depthGroup: 2, isAlong: false, $2) },
        packBytes: { $0.packGroups(Int8.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packShorts: { $0.packGroups(Int16.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packWords: { $0.packGroups(Int32.self, $1, width: 16, depthGroup: 2, isAlong: false, $2) },
        packBytesAlong: { $0.packGroups(Int8.self, $1, width: 16, depthGroup: 2, isAlong: true, $2) })
    }
  }

  private func addEightRows(
    _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ pairs: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    var rows = rows
    var output = output
    @inline(__always)
    func dot(_ sum: inout Vector, _ columns: Vector, _ pair: UnsafePointer<Int16>) {
      sum = _mm512_dpwssd_epi32(sum, columns, ocellus_broadcast_pair(pair))
    }
    for _ in 0..<count {
      let output4 = output + 4 &* stride
      var (sum0, sum1) = (load(output), load(output + stride))
      var (sum2, sum3) = (load(output + 2 &* stride), load(output + 3 &* stride))
      var (sum4, sum5) = (load(output4), load(output4 + stride))
      var (sum6, sum7) = (load(output4 + 2 &* stride), load(output4 + 3 &* stride))
      var panel = panel
      for _ in 0..<pairs {
        let columns = _mm512_loadu_si512(panel)
        dot(&sum0, columns, rows)
        dot(&sum1, columns, rows + 2)
        dot(&sum2, columns, rows + 4)
        dot(&sum3, columns, rows + 6)
        dot(&sum4, columns, rows + 8)
        dot(&sum5, columns, rows + 10)
        dot(&sum6, columns, rows + 12)
        dot(&sum7, columns, rows + 14)
        rows += 16
        panel += 32
      }
      _mm512_storeu_si512(output, sum0)
      _mm512_storeu_si512(output + stride, sum1)
      _mm512_storeu_si512(output + 2 &* stride, sum2)
      _mm512_storeu_si512(output + 3 &* stride, sum3)
      _mm512_storeu_si512(output4, sum4)
      _mm512_storeu_si512(output4 + stride, sum5)
      _mm512_storeu_si512(output4 + 2 &* stride, sum6)
      _mm512_storeu_si512(output4 + 3 &* stride, sum7)
      output += 8 &* stride
    }
  }
#endif
