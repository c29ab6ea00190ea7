#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels
  import KernelsNEON

  /// `sdot` adds to each of four columns' sums the products of four depths with the same four bytes of a row.
  enum DotProducts: MatrixProducts {
    typealias Exact = DotProducts

    static var packing: MatrixPacking { .splitGroups(panelColumns: 8, depthGroup: 4) }

    @inline(__always)
    static func add<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ operands: TileOperands, to sums: inout TileSums
    ) {
      let stride = operands.stride
      let next = operands.panelBytes
      var row = operands.rows
      var weights = operands.weights
      var depth = operands.depth
      while depth >= 16 {
        let row0: int8x16_t = load(row)
        let row1: int8x16_t = rowCount > 1 ? load(row + stride) : row0
        let row2: int8x16_t = rowCount > 1 ? load(row + 2 &* stride) : row0
        let row3: int8x16_t = rowCount > 1 ? load(row + 3 &* stride) : row0
        step(tile, row0, row1, row2, row3, weights, next, &sums, ocellus_dot_lane_0)
        step(tile, row0, row1, row2, row3, weights + 32, next, &sums, ocellus_dot_lane_1)
        step(tile, row0, row1, row2, row3, weights + 64, next, &sums, ocellus_dot_lane_2)
        step(tile, row0, row1, row2, row3, weights + 96, next, &sums, ocellus_dot_lane_3)
        row += 16
        weights += 128
        depth &-= 16
      }
      while depth > 0 {
        let row0 = group(row)
        let row1 = rowCount > 1 ? group(row + stride) : row0
        let row2 = rowCount > 1 ? group(row + 2 &* stride) : row0
        let row3 = rowCount > 1 ? group(row + 3 &* stride) : row0
        step(tile, row0, row1, row2, row3, weights, next, &sums, vdotq_s32)
        row += 4
        weights += 32
        depth &-= 4
      }
    }

    /// Four bytes in every lane.
    @inline(__always)
    private static func group(_ row: UnsafePointer<Int8>) -> int8x16_t {
      vreinterpretq_s8_s32(vdupq_n_s32(UnsafeRawPointer(row).loadUnaligned(as: Int32.self)))
    }

    /// One group of depths.
    @inline(__always)
    private static func step<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ row0: int8x16_t, _ row1: int8x16_t, _ row2: int8x16_t,
      _ row3: int8x16_t, _ weights: UnsafePointer<Int8>, _ next: Int, _ sums: inout TileSums,
      _ dot: (_ sum: int32x4_t, _ weights: int8x16_t, _ row: int8x16_t) -> int32x4_t
    ) {
      let evenA: int8x16_t = load(weights)
      let oddA: int8x16_t = load(weights + 16)
      sums.row0.evenA = dot(sums.row0.evenA, evenA, row0)
      sums.row0.oddA = dot(sums.row0.oddA, oddA, row0)
      if rowCount > 1 {
        sums.row1.evenA = dot(sums.row1.evenA, evenA, row1)
        sums.row1.oddA = dot(sums.row1.oddA, oddA, row1)
        sums.row2.evenA = dot(sums.row2.evenA, evenA, row2)
        sums.row2.oddA = dot(sums.row2.oddA, oddA, row2)
        sums.row3.evenA = dot(sums.row3.evenA, evenA, row3)
        sums.row3.oddA = dot(sums.row3.oddA, oddA, row3)
      }
      if panelCount > 1 {
        let evenB: int8x16_t = load(weights + next)
        let oddB: int8x16_t = load(weights + next + 16)
        sums.row0.evenB = dot(sums.row0.evenB, evenB, row0)
        sums.row0.oddB = dot(sums.row0.oddB, oddB, row0)
        if rowCount > 1 {
          sums.row1.evenB = dot(sums.row1.evenB, evenB, row1)
          sums.row1.oddB = dot(sums.row1.oddB, oddB, row1)
          sums.row2.evenB = dot(sums.row2.evenB, evenB, row2)
          sums.row2.oddB = dot(sums.row2.oddB, oddB, row2)
          sums.row3.evenB = dot(sums.row3.evenB, evenB, row3)
          sums.row3.oddB = dot(sums.row3.oddB, oddB, row3)
        }
      }
    }
  }
#endif
