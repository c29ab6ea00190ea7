/// A product of matrices that is added to `output` a tile at a time.
///
/// Both operands are packed first, on the stack and as many depths at a time as fit, so that a tile reads one number
/// after the other, wherever they came from and whatever their type was. Packed rows serve all columns, and the sixteen
/// columns of a panel serve all packed rows. Sums are exact modulo 2^32, whatever their order.
public struct TiledProduct {
  public var rowCount: Int
  public var depth: Int
  public var columns: Int
  public var left: ProductOperand
  public var right: ProductOperand
  public var output: UnsafeMutablePointer<Int32>
  public var outputStride: Int

  /// Columns of a panel.
  public static var panelColumns: Int { 16 }
  /// Depths that are packed at a time: so many that reading and writing sums does not count, so few that what is packed
  /// stays in the first cache.
  static var blockDepth: Int { 128 }
  /// Numbers of the packed rows: 16 kB.
  static var rowCapacity: Int { 8192 }
  /// Numbers of a packed panel, and 64 bytes for what else a kernel keeps of its columns.
  static var panelCapacity: Int { (blockDepth + 2) * panelColumns }
  /// Sums of the highest tile, for those of which not all are added as they are.
  static var sideCapacity: Int { 16 * panelColumns }

  @export(interface)
  public func add(_ kernel: ProductKernel) {
    // Nothing is written to it beforehand. Vectors begin where cache lines do: that takes up to 56 bytes more.
    var memory = InlineArray<2704, UInt64>(initializingWith: {
      $0.withUnsafeMutableBufferPointer { _, count in count = 2704 }
    })
    let numbers = TiledProduct.rowCapacity + TiledProduct.panelCapacity
    assert(2 * numbers + 4 * TiledProduct.sideCapacity + 56 <= 8 * 2704)
    withUnsafeMutableBytes(of: &memory) { memory in
      let start = memory.baseAddress!.alignedUp(toMultipleOf: 64)
      let rows = start.assumingMemoryBound(to: Int16.self)
      let side = (start + 2 * numbers).assumingMemoryBound(to: Int32.self)
      add(kernel, ProductMemory(rows: rows, panel: rows + TiledProduct.rowCapacity, side: side))
    }
  }

  @_optimize(size)
  private func add(_ kernel: ProductKernel, _ memory: ProductMemory) {
    let height = kernel.height
    let blockDepth = TiledProduct.even(
      depth, atMost: TiledProduct.blockDepth, multipleOf: kernel.depthGroup)
    var block = OperandBlock(line: 0, lines: 0, depth: 0, depths: 0)
    while block.depth < depth {
      block.depths = min(depth &- block.depth, blockDepth)
      let groups = (block.depths &+ kernel.depthGroup &- 1) / kernel.depthGroup
      let tileNumbers = groups &* kernel.depthGroup &* height
      let blockRows = TiledProduct.even(
        rowCount, atMost: TiledProduct.rowCapacity / tileNumbers &* height, multipleOf: height)
      var firstRow = 0
      while firstRow < rowCount {
        let rows = min(rowCount &- firstRow, blockRows)
        var row = 0
        while row < rows {
          block.line = firstRow &+ row
          block.lines = min(rows &- row, height)
          left.packing(left, block, memory.rows + row / height &* tileNumbers)
          row &+= height
        }
        addPanels(
          kernel, memory, output + firstRow &* outputStride, rows: rows, groups: groups,
          tileNumbers: tileNumbers, &block)
        firstRow &+= rows
      }
      block.depth &+= block.depths
    }
  }

  /// Packs one panel after the other and adds its products with the packed rows.
  @inline(__always)
  private func addPanels(
    _ kernel: ProductKernel, _ memory: ProductMemory, _ output: UnsafeMutablePointer<Int32>, rows: Int,
    groups: Int, tileNumbers: Int, _ block: inout OperandBlock
  ) {
    block.line = 0
    while block.line < columns {
      block.lines = min(columns &- block.line, TiledProduct.panelColumns)
      right.packing(right, block, memory.panel)
      let target = output + block.line
      // Whole tiles are added where they belong, others aside first.
      let isWhole = block.lines == TiledProduct.panelColumns && right.shift == 0
      var row = isWhole ? rows / kernel.height &* kernel.height : 0
      kernel.addTiles(memory.rows, memory.panel, groups, row / kernel.height, target, outputStride)
      while row < rows {
        memory.side.update(repeating: 0, count: TiledProduct.sideCapacity)
        kernel.addTiles(
          memory.rows + row / kernel.height &* tileNumbers, memory.panel, groups, 1, memory.side,
          TiledProduct.panelColumns)
        addSide(
          memory.side, to: target + row &* outputStride, rows: min(rows &- row, kernel.height),
          columns: block.lines)
        row &+= kernel.height
      }
      block.line &+= TiledProduct.panelColumns
    }
  }

  @inline(__always)
  private func addSide(
    _ side: UnsafePointer<Int32>, to output: UnsafeMutablePointer<Int32>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let side = side + row &* TiledProduct.panelColumns
      let output = output + row &* outputStride
      for column in 0..<columns { output[column] = output[column] &+ side[column] &<< right.shift }
    }
  }

  /// The size of blocks that are as large as one another, or nearly so.
  private static func even(_ count: Int, atMost limit: Int, multipleOf unit: Int) -> Int {
    let blocks = max((count &+ limit &- 1) / limit, 1)
    return ((count &+ blocks &- 1) / blocks &+ unit &- 1) / unit &* unit
  }
}

/// Where a product's operands are packed.
private struct ProductMemory {
  let rows: UnsafeMutablePointer<Int16>
  let panel: UnsafeMutablePointer<Int16>
  /// Sums of a tile of which not all are added as they are.
  let side: UnsafeMutablePointer<Int32>
}
