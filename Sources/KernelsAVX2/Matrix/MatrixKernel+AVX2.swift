#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension MatrixKernel {
    static var avx2: MatrixKernel {
      MatrixKernel(
        packing: MatrixPacking(panelColumns: MatrixPanels.width, depthGroup: 2),
        rowBlock: StagedRows.height, scratchBytes: StagedRows.scratchBytes, multiply: multiplyRows,
        accumulate: accumulateRows)
    }
  }

  /// The panels of a product.
  struct MatrixPanels {
    /// Columns of a panel.
    static let width = 16

    let weights: UnsafeRawPointer
    let columns: Int
    /// Pairs of depths.
    let pairs: Int

    @inline(__always)
    init(_ product: MatrixMultiply) {
      weights = UnsafeRawPointer(product.weights)
      columns = product.columns
      pairs = (product.depth &+ 1) / 2
    }

    /// The panel that starts with `column`.
    @inline(__always)
    func address(_ column: Int) -> UnsafeRawPointer { weights + column &* pairs &* 2 }
  }

  private func multiplyRows(
    _ product: MatrixMultiply, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>,
    _ stride: Int
  ) {
    if requantization.isPlain {
      multiplyRows(PlainMultipliers.self, product, requantization, output, stride)
    } else {
      multiplyRows(GeneralMultipliers.self, product, requantization, output, stride)
    }
  }

  @inline(__always)
  private func multiplyRows<Multipliers: ColumnMultipliers>(
    _ multipliers: Multipliers.Type, _ product: MatrixMultiply, _ requantization: Requantization,
    _ output: UnsafeMutablePointer<Int8>, _ stride: Int
  ) {
    let panels = MatrixPanels(product)
    let staged = StagedRows(product)
    var row = 0
    while row < product.rowCount {
      let count = min(product.rowCount &- row, StagedRows.height)
      staged.stage(product, row, count, doubled: Multipliers.takesDoubled)
      let target = UnsafeMutableRawPointer(output + row &* stride)
      switch count {
      case 6: MatrixTile<6>.multiply(multipliers, staged, panels, requantization, target, stride)
      case 5: MatrixTile<5>.multiply(multipliers, staged, panels, requantization, target, stride)
      case 4: MatrixTile<4>.multiply(multipliers, staged, panels, requantization, target, stride)
      case 3: MatrixTile<3>.multiply(multipliers, staged, panels, requantization, target, stride)
      case 2: MatrixTile<2>.multiply(multipliers, staged, panels, requantization, target, stride)
      default: MatrixTile<1>.multiply(multipliers, staged, panels, requantization, target, stride)
      }
      row &+= count
    }
  }

  private func accumulateRows(
    _ product: MatrixMultiply, _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    let panels = MatrixPanels(product)
    let staged = StagedRows(product)
    var row = 0
    while row < product.rowCount {
      let count = min(product.rowCount &- row, StagedRows.height)
      staged.stage(product, row, count, doubled: false)
      var column = 0
      while column < product.columns {
        accumulate(staged, count, panels, column, output + (row &* stride &+ column), stride)
        column &+= MatrixPanels.width
      }
      row &+= count
    }
  }

  /// The accumulators of the staged rows and one panel, rows `stride` elements apart.
  private func accumulate(
    _ staged: StagedRows, _ height: Int, _ panels: MatrixPanels, _ column: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    let panel = panels.address(column)
    switch height {
    case 6: MatrixTile<6>.accumulate(staged, panel, panels.pairs, output, stride)
    case 5: MatrixTile<5>.accumulate(staged, panel, panels.pairs, output, stride)
    case 4: MatrixTile<4>.accumulate(staged, panel, panels.pairs, output, stride)
    case 3: MatrixTile<3>.accumulate(staged, panel, panels.pairs, output, stride)
    case 2: MatrixTile<2>.accumulate(staged, panel, panels.pairs, output, stride)
    default: MatrixTile<1>.accumulate(staged, panel, panels.pairs, output, stride)
    }
  }
#endif
