#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// How the sums of one or two panels become int8 outputs.
  struct PanelOutput<let panelCount: Int, Multipliers: ColumnMultipliers> {
    private let multipliersA, multipliersB: PanelColumns<Multipliers>
    private let range: OutputRange

    @inline(__always)
    init(_ requantization: Requantization) {
      multipliersA = PanelOutput.multipliers(requantization)
      if panelCount > 1 {
        multipliersB = PanelOutput.multipliers(requantization.dropping(8))
      } else {
        multipliersB = multipliersA
      }
      range = OutputRange(requantization)
    }

    @inline(__always)
    private static func multipliers(_ requantization: Requantization) -> PanelColumns<Multipliers> {
      let mantissas = PanelColumns(requantization.mantissas)
      let exponents = PanelColumns(requantization.exponents)
      let zeroPoint = requantization.zeroPoint
      return PanelColumns(
        even: Multipliers(mantissas: mantissas.even, exponents: exponents.even, zeroPoint: zeroPoint),
        odd: Multipliers(mantissas: mantissas.odd, exponents: exponents.odd, zeroPoint: zeroPoint))
    }

    /// Requantises a tile and writes whole panels, rows `stride` bytes apart.
    @inline(__always)
    func write<let rowCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ sums: TileSums, _ output: UnsafeMutablePointer<Int8>,
      stride: Int
    ) {
      let (a, b) = (sums.a, sums.b)
      if panelCount > 1 {
        store(bytes(a.row0, b.row0), output)
        if rowCount > 1 {
          store(bytes(a.row1, b.row1), output + stride)
          store(bytes(a.row2, b.row2), output + 2 &* stride)
          store(bytes(a.row3, b.row3), output + 3 &* stride)
        }
      } else {
        let rows01 = bytes(a.row0, a.row1)
        store(vget_low_s8(rows01), output)
        if rowCount > 1 {
          let rows23 = bytes(a.row2, a.row3)
          store(vget_high_s8(rows01), output + stride)
          store(vget_low_s8(rows23), output + 2 &* stride)
          store(vget_high_s8(rows23), output + 3 &* stride)
        }
      }
    }

    /// A row of two panels, or two rows of one.
    @inline(__always)
    private func bytes(_ a: PanelColumns<int32x4_t>, _ b: PanelColumns<int32x4_t>) -> int8x16_t {
      let bytes = ocellus_upper_bytes_of_two(upperHalves(a, multipliersA), upperHalves(b, multipliersB))
      return Multipliers.hasLimits ? range.limited(bytes) : bytes
    }

    /// The upper halves of eight outputs, in the columns' order. (`trn2` brings it about at a third of the cost of `uzp2`
    /// on a Cortex-A72, which is why even and odd columns lie apart.)
    @inline(__always)
    private func upperHalves(
      _ sums: PanelColumns<int32x4_t>, _ multipliers: PanelColumns<Multipliers>
    ) -> int16x8_t {
      vtrn2q_s16(
        vreinterpretq_s16_s32(multipliers.even.multiply(sums.even)),
        vreinterpretq_s16_s32(multipliers.odd.multiply(sums.odd)))
    }
  }
#endif
