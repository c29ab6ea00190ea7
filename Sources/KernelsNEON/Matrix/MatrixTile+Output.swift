#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// How the sums of one or two panels become int8 outputs.
  struct PanelOutput<let panelCount: Int, Multipliers: ColumnMultipliers> {
    /// The sums' first values.
    let bias: RowSums
    private let evenA, oddA, evenB, oddB: Multipliers
    private let range: OutputRange

    @inline(__always)
    init(_ requantization: Requantization) {
      let (evenA, oddA) = PanelOutput.columns(requantization.bias)
      let a = PanelOutput.multipliers(requantization)
      if panelCount == 1 {
        bias = RowSums(evenA: evenA, oddA: oddA, evenB: evenA, oddB: oddA)
        (evenB, oddB) = a
      } else {
        let next = requantization.dropping(8)
        let (evenB, oddB) = PanelOutput.columns(next.bias)
        bias = RowSums(evenA: evenA, oddA: oddA, evenB: evenB, oddB: oddB)
        (self.evenB, self.oddB) = PanelOutput.multipliers(next)
      }
      (self.evenA, self.oddA) = a
      range = OutputRange(requantization)
    }

    /// The values of the even and of the odd columns.
    @inline(__always)
    private static func columns(_ values: UnsafePointer<Int32>) -> (even: int32x4_t, odd: int32x4_t) {
      let (first, second) = (load(values), load(values + 4))
      return (ocellus_even_lanes(first, second), ocellus_odd_lanes(first, second))
    }

    @inline(__always)
    private static func multipliers(_ requantization: Requantization) -> (even: Multipliers, odd: Multipliers)
    {
      let mantissas = columns(requantization.mantissas)
      let exponents = columns(requantization.exponents)
      let zeroPoint = requantization.zeroPoint
      return (
        Multipliers(mantissas: mantissas.even, exponents: exponents.even, zeroPoint: zeroPoint),
        Multipliers(mantissas: mantissas.odd, exponents: exponents.odd, zeroPoint: zeroPoint)
      )
    }

    /// Requantises a tile and writes whole panels, rows `stride` bytes apart.
    @inline(__always)
    func write<let rowCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ sums: TileSums, _ output: UnsafeMutablePointer<Int8>,
      stride: Int
    ) {
      if panelCount > 1 {
        store(bytes(sums.row0), output)
        if rowCount > 1 {
          store(bytes(sums.row1), output + stride)
          store(bytes(sums.row2), output + 2 &* stride)
          store(bytes(sums.row3), output + 3 &* stride)
        }
      } else {
        let rows01 = bytes(sums.row0, sums.row1)
        store(vget_low_s8(rows01), output)
        if rowCount > 1 {
          let rows23 = bytes(sums.row2, sums.row3)
          store(vget_high_s8(rows01), output + stride)
          store(vget_low_s8(rows23), output + 2 &* stride)
          store(vget_high_s8(rows23), output + 3 &* stride)
        }
      }
    }

    /// A row of two panels.
    @inline(__always)
    private func bytes(_ row: RowSums) -> int8x16_t {
      bytes(
        evenA.multiply(row.evenA), oddA.multiply(row.oddA), evenB.multiply(row.evenB), oddB.multiply(row.oddB)
      )
    }

    /// Two rows of one panel.
    @inline(__always)
    private func bytes(_ row: RowSums, _ next: RowSums) -> int8x16_t {
      bytes(
        evenA.multiply(row.evenA), oddA.multiply(row.oddA), evenA.multiply(next.evenA),
        oddA.multiply(next.oddA))
    }

    /// The highest bytes, in the columns' order. (`trn2` brings it about at a third of the cost of `uzp2` on a
    /// Cortex-A72, which is why even and odd columns lie apart.)
    @inline(__always)
    private func bytes(_ evenA: int32x4_t, _ oddA: int32x4_t, _ evenB: int32x4_t, _ oddB: int32x4_t)
      -> int8x16_t
    {
      let a = vtrn2q_s16(vreinterpretq_s16_s32(evenA), vreinterpretq_s16_s32(oddA))
      let b = vtrn2q_s16(vreinterpretq_s16_s32(evenB), vreinterpretq_s16_s32(oddB))
      let bytes = vuzp2q_s8(vreinterpretq_s8_s16(a), vreinterpretq_s8_s16(b))
      return Multipliers.hasLimits ? range.limited(bytes) : bytes
    }
  }
#endif
