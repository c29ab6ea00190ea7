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
      return (vuzp1q_s32(first, second), vuzp2q_s32(first, second))
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
      range.bytes(
        evenA: evenA.multiply(row.evenA), oddA: oddA.multiply(row.oddA),
        evenB: evenB.multiply(row.evenB), oddB: oddB.multiply(row.oddB))
    }

    /// Two rows of one panel.
    @inline(__always)
    private func bytes(_ row: RowSums, _ next: RowSums) -> int8x16_t {
      range.bytes(
        evenA: evenA.multiply(row.evenA), oddA: oddA.multiply(row.oddA),
        evenB: evenA.multiply(next.evenA), oddB: oddA.multiply(next.oddA))
    }
  }
#endif
