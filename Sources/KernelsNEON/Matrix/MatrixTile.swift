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
    /// A value a column, with which its sums begin.
    let bias: TileBias
    /// A value a row, added to its sums, or nil for none.
    var corrections: UnsafePointer<Int32>?
  }

  /// Sixteen bytes of each row.
  public struct TileRows {
    public var row0, row1, row2, row3: int8x16_t

    /// - Parameter row: Loads the row of an index.
    @inline(__always)
    public init<let rowCount: Int, let panelCount: Int>(
      _ tile: MatrixTile<rowCount, panelCount>.Type, _ row: (_ index: Int) -> int8x16_t
    ) {
      row0 = row(0)
      row1 = rowCount > 1 ? row(1) : row0
      row2 = rowCount > 1 ? row(2) : row0
      row3 = rowCount > 1 ? row(3) : row0
    }
  }

  /// What belongs to a panel's even and to its odd columns.
  public struct PanelColumns<Values> {
    public var even, odd: Values
  }

  extension PanelColumns where Values == int32x4_t {
    /// Eight successive values.
    @inline(__always)
    init(_ values: UnsafePointer<Int32>) {
      let (first, second) = (load(values), load(values + 4))
      even = ocellus_even_lanes(first, second)
      odd = ocellus_odd_lanes(first, second)
    }

    @inline(__always)
    fileprivate init(anew columns: UnsafePointer<PanelColumns>) {
      let vectors = UnsafeRawPointer(columns).assumingMemoryBound(to: int32x4_t.self)
      even = ocellus_load_anew(vectors)
      odd = ocellus_load_anew(vectors + 1)
    }
  }

  /// What the sums of two panels begin with, in memory.
  struct TileBias {
    private let columns: UnsafeMutablePointer<PanelColumns<int32x4_t>>
    var a: UnsafePointer<PanelColumns<int32x4_t>> { UnsafePointer(columns) }
    var b: UnsafePointer<PanelColumns<int32x4_t>> { UnsafePointer(columns + 1) }

    static var bytes: Int { 64 }

    /// - Parameter memory: `bytes` bytes, at a multiple of 16.
    @inline(__always)
    init(_ memory: UnsafeMutableRawPointer) {
      columns = memory.assumingMemoryBound(to: PanelColumns<int32x4_t>.self)
    }

    @inline(__always)
    func set(_ a: PanelColumns<int32x4_t>, _ b: PanelColumns<int32x4_t>) {
      columns[0] = a
      columns[1] = b
    }
  }

  /// The sums of four rows of a panel.
  ///
  /// Named, not an array, so that each stays in a register.
  public struct PanelSums {
    public var row0, row1, row2, row3: PanelColumns<int32x4_t>
  }

  /// The sums of a tile: the first panel's and the second's.
  public struct TileSums {
    public var a, b: PanelSums
  }

  /// `rowCount` rows (4 or 1) times one or two panels of eight columns: sixteen vectors of sums at most, which leaves
  /// as many registers for operands and products.
  public struct MatrixTile<let rowCount: Int, let panelCount: Int> {
    /// `sum[r, c] = bias[c] + correction[r] + Σ_k weight[k, c] · row[r, k]`.
    ///
    /// Nothing is decided before the first products: what the sums begin with is loaded beside them.
    @inline(__always)
    static func sums<Products: MatrixProducts>(
      _ products: Products.Type, _ operands: TileOperands
    ) -> TileSums {
      let a = firstSums(operands.bias.a)
      var sums = TileSums(a: a, b: panelCount > 1 ? firstSums(operands.bias.b) : a)
      products.add(self, operands, to: &sums)
      if let corrections = operands.corrections {
        add(corrections, to: &sums.a)
        if panelCount > 1 { add(corrections, to: &sums.b) }
      }
      return sums
    }

    @inline(__always)
    private static func firstSums(_ bias: UnsafePointer<PanelColumns<int32x4_t>>) -> PanelSums {
      let row0 = PanelColumns(anew: bias)
      if rowCount == 1 { return PanelSums(row0: row0, row1: row0, row2: row0, row3: row0) }
      return PanelSums(
        row0: row0, row1: PanelColumns(anew: bias), row2: PanelColumns(anew: bias),
        row3: PanelColumns(anew: bias))
    }

    @inline(__always)
    private static func add(_ corrections: UnsafePointer<Int32>, to sums: inout PanelSums) {
      add(corrections[0], to: &sums.row0)
      if rowCount > 1 {
        add(corrections[1], to: &sums.row1)
        add(corrections[2], to: &sums.row2)
        add(corrections[3], to: &sums.row3)
      }
    }

    @inline(__always)
    private static func add(_ correction: Int32, to row: inout PanelColumns<int32x4_t>) {
      row.even = vaddq_s32(row.even, vdupq_n_s32(correction))
      row.odd = vaddq_s32(row.odd, vdupq_n_s32(correction))
    }

    /// Writes a tile's sums as they are, of whole panels.
    @inline(__always)
    static func write(_ sums: TileSums, _ output: UnsafeMutablePointer<Int32>, stride: Int) {
      write(sums.a, output, stride)
      if panelCount > 1 { write(sums.b, output + 8, stride) }
    }

    @inline(__always)
    private static func write(_ sums: PanelSums, _ output: UnsafeMutablePointer<Int32>, _ stride: Int) {
      write(sums.row0, output)
      if rowCount > 1 {
        write(sums.row1, output + stride)
        write(sums.row2, output + 2 &* stride)
        write(sums.row3, output + 3 &* stride)
      }
    }

    @inline(__always)
    private static func write(_ row: PanelColumns<int32x4_t>, _ output: UnsafeMutablePointer<Int32>) {
      store(vzip1q_s32(row.even, row.odd), output)
      store(vzip2q_s32(row.even, row.odd), output + 4)
    }
  }
#endif
