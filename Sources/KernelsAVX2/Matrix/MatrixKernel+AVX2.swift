#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  extension MatrixKernel {
    static var avx2: MatrixKernel {
      MatrixKernel(
        packing: MatrixPacking(panelColumns: MatrixPanels.width, depthGroup: 2),
        rowBlock: StagedRows.tileHeight, scratchBytes: StagedRows.scratchBytes, multiply: multiplyRows,
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
      let count = min(product.rowCount &- row, staged.capacity)
      staged.stage(product, row, count, scale: Multipliers.takesDoubled ? 2 : 1)
      let tiles = count / StagedRows.tileHeight
      let target = UnsafeMutableRawPointer(output + row &* stride)
      if tiles > 0 {
        MatrixTile<6>.multiply(
          multipliers, staged, staged.start, tiles: tiles, panels, requantization, target, stride)
      }
      let done = tiles &* StagedRows.tileHeight
      multiplyRest(
        multipliers, count &- done, staged, staged.start + done &* staged.rowBytes, panels,
        requantization, target + done &* stride, stride)
      row &+= count
    }
  }

  /// The rows that make no whole tile, 0...5.
  @inline(__always)
  private func multiplyRest<Multipliers: ColumnMultipliers>(
    _ multipliers: Multipliers.Type, _ count: Int, _ staged: StagedRows, _ rows: UnsafeRawPointer,
    _ panels: MatrixPanels, _ requantization: Requantization, _ output: UnsafeMutableRawPointer,
    _ stride: Int
  ) {
    switch count {
    case 1:
      MatrixTile<1>.multiply(
        multipliers, staged, rows, tiles: 1, panels, requantization, output, stride)
    case 2:
      MatrixTile<2>.multiply(
        multipliers, staged, rows, tiles: 1, panels, requantization, output, stride)
    case 3:
      MatrixTile<3>.multiply(
        multipliers, staged, rows, tiles: 1, panels, requantization, output, stride)
    case 4:
      MatrixTile<4>.multiply(
        multipliers, staged, rows, tiles: 1, panels, requantization, output, stride)
    case 5:
      MatrixTile<5>.multiply(
        multipliers, staged, rows, tiles: 1, panels, requantization, output, stride)
    default: break
    }
  }

  private func accumulateRows(
    _ product: MatrixMultiply, _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) {
    let panels = MatrixPanels(product)
    let staged = StagedRows(product)
    var row = 0
    while row < product.rowCount {
      let count = min(product.rowCount &- row, StagedRows.tileHeight)
      staged.stage(product, row, count, scale: 1)
      var column = 0
      while column < product.columns {
        let target = output + (row &* stride &+ column)
        switch count {
        case 6: MatrixTile<6>.accumulate(staged, staged.start, panels, column, target, stride)
        case 5: MatrixTile<5>.accumulate(staged, staged.start, panels, column, target, stride)
        case 4: MatrixTile<4>.accumulate(staged, staged.start, panels, column, target, stride)
        case 3: MatrixTile<3>.accumulate(staged, staged.start, panels, column, target, stride)
        case 2: MatrixTile<2>.accumulate(staged, staged.start, panels, column, target, stride)
        default: MatrixTile<1>.accumulate(staged, staged.start, panels, column, target, stride)
        }
        column &+= MatrixPanels.width
      }
      row &+= count
    }
  }
#endif
