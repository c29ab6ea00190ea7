#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// How tiles are multiplied: what the instruction sets differ in.
  public protocol MatrixProducts {
    /// Exact whatever the weights: itself, or what `MatrixMultiply.hasExtremePairs` calls for.
    associatedtype Exact: MatrixProducts

    /// Of panels of eight columns, the even ones apart from the odd ones.
    static var packing: MatrixPacking { get }

    /// `sum[r, c] += Σ_k weight[k, c] · row[r, k]`.
    static func add<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ operands: TileOperands, to sums: inout TileSums)
  }

  /// What a tile reads.
  public struct TileOperands {
    /// The first row; rows lie `stride` bytes apart.
    public var rows: UnsafePointer<Int8>
    public var stride: Int
    public var depth: Int
    /// The first panel; the next one follows `panelBytes` later.
    public var weights: UnsafePointer<Int8>
    public var panelBytes: Int
    /// A value a row, added to its sums, or nil for none.
    var corrections: UnsafePointer<Int32>?
  }

  /// The sums of one row: the even and the odd columns of the first panel, `a`, and of the second, `b`.
  ///
  /// Named, not an array, so that each stays in a register.
  public struct RowSums {
    public var evenA, oddA, evenB, oddB: int32x4_t
  }

  public struct TileSums {
    public var row0, row1, row2, row3: RowSums
  }

  /// `rowCount` rows (4 or 1) times one or two panels of eight columns: sixteen vectors of sums at most, which leaves
  /// as many registers for operands and products.
  public struct MatrixTile<let rowCount: Int, let panelCount: Int> {
    /// `sum[r, c] = bias[c] + correction[r] + Σ_k weight[k, c] · row[r, k]`.
    @inline(__always)
    static func sums<Products: MatrixProducts>(
      _ products: Products.Type, _ operands: TileOperands, _ bias: RowSums
    ) -> TileSums {
      var sums = TileSums(row0: bias, row1: bias, row2: bias, row3: bias)
      if let corrections = operands.corrections {
        add(corrections[0], to: &sums.row0)
        if rowCount > 1 {
          add(corrections[1], to: &sums.row1)
          add(corrections[2], to: &sums.row2)
          add(corrections[3], to: &sums.row3)
        }
      }
      products.add(self, operands, to: &sums)
      return sums
    }

    @inline(__always)
    private static func add(_ correction: Int32, to row: inout RowSums) {
      let correction = vdupq_n_s32(correction)
      row.evenA = vaddq_s32(row.evenA, correction)
      row.oddA = vaddq_s32(row.oddA, correction)
      if panelCount > 1 {
        row.evenB = vaddq_s32(row.evenB, correction)
        row.oddB = vaddq_s32(row.oddB, correction)
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
      store(vzip1q_s32(row.evenA, row.oddA), output)
      store(vzip2q_s32(row.evenA, row.oddA), output + 4)
      if panelCount > 1 {
        store(vzip1q_s32(row.evenB, row.oddB), output + 8)
        store(vzip2q_s32(row.evenB, row.oddB), output + 12)
      }
    }
  }
#endif
