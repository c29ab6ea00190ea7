/// A product of matrices of int16 numbers, added to `output` a tile at a time: what the products of training have in
/// common on every instruction set.
///
/// Both operands are packed first, on the stack and as many depths at a time as fit, so that a tile reads one number
/// after the other, wherever they came from and whatever their type was. Packed rows serve all columns, and the sixteen
/// columns of a panel serve all packed rows. Missing rows, columns and depths are packed as zeros.
public struct TiledProduct {
  public var rowCount: Int
  public var depth: Int
  public var columns: Int
  public var output: UnsafeMutablePointer<Int32>
  public var outputStride: Int
  /// Bits that sums are shifted to the left by before they are added.
  public var shift: Int32

  /// Columns of a panel.
  public static var panelColumns: Int { 16 }
  /// Depths that are packed at a time: so many that reading and writing sums does not count, so few that what is packed
  /// stays in the first cache.
  static var blockDepth: Int { 128 }
  /// Numbers of the packed rows: 16 kB.
  static var rowCapacity: Int { 8192 }
  /// Numbers of a packed panel, and 64 bytes for what belongs to its columns.
  static var panelCapacity: Int { (blockDepth + 2) * panelColumns }
  /// Sums of the highest tile, for those of which not all are added.
  static var sideCapacity: Int { 16 * panelColumns }

  /// Packs lines, that is rows or columns.
  ///
  /// - Parameters:
  ///   - line: The first one, of `count`.
  ///   - depth: The first one, of `depths`.
  public typealias Packing = (
    _ line: Int, _ count: Int, _ depth: Int, _ depths: Int, _ target: UnsafeMutablePointer<Int16>
  ) -> Void

  /// Adds the products of the packed rows of `count` tiles and a packed panel to sums, `stride` from one row to the next.
  public typealias Tiles = (
    _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ groups: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>, _ stride: Int
  ) -> Void

  public init(
    rowCount: Int, depth: Int, columns: Int, output: UnsafeMutablePointer<Int32>, outputStride: Int,
    shift: Int32 = 0
  ) {
    self.rowCount = rowCount
    self.depth = depth
    self.columns = columns
    self.output = output
    self.outputStride = outputStride
    self.shift = shift
  }

  /// - Parameters:
  ///   - height: Rows of a tile, at most 16.
  ///   - depthGroup: Depths of a line that lie side by side.
  @export(interface)
  public func add(height: Int, depthGroup: Int, _ tiles: Tiles, packRows: Packing, packColumns: Packing) {
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
      add(
        ProductMemory(rows: rows, panel: rows + TiledProduct.rowCapacity, side: side), height, depthGroup,
        tiles, packRows, packColumns)
    }
  }

  @inline(__always)
  private func add(
    _ memory: ProductMemory, _ height: Int, _ depthGroup: Int, _ tiles: Tiles, _ packRows: Packing,
    _ packColumns: Packing
  ) {
    let blockDepth = TiledProduct.even(depth, atMost: TiledProduct.blockDepth, multipleOf: depthGroup)
    var firstDepth = 0
    while firstDepth < depth {
      let depths = min(depth &- firstDepth, blockDepth)
      let groups = (depths &+ depthGroup &- 1) / depthGroup
      let tileNumbers = groups &* depthGroup &* height
      let blockRows = TiledProduct.even(
        rowCount, atMost: TiledProduct.rowCapacity / tileNumbers &* height, multipleOf: height)
      var firstRow = 0
      while firstRow < rowCount {
        let rows = min(rowCount &- firstRow, blockRows)
        var packed = memory.rows
        for row in stride(from: 0, to: rows, by: height) {
          packRows(firstRow &+ row, min(rows &- row, height), firstDepth, depths, packed)
          packed += tileNumbers
        }
        for column in stride(from: 0, to: columns, by: TiledProduct.panelColumns) {
          let width = min(columns &- column, TiledProduct.panelColumns)
          packColumns(column, width, firstDepth, depths, memory.panel)
          let output = output + (firstRow &* outputStride &+ column)
          let count = width == TiledProduct.panelColumns && shift == 0 ? rows / height : 0
          tiles(memory.rows, memory.panel, groups, count, output, outputStride)
          for index in count..<(rows &+ height &- 1) / height {
            memory.clearSide(height)
            tiles(
              memory.rows + index &* tileNumbers, memory.panel, groups, 1, memory.side,
              TiledProduct.panelColumns)
            let row = index &* height
            addSide(memory, to: output + row &* outputStride, rows: min(rows &- row, height), columns: width)
          }
        }
        firstRow &+= rows
      }
      firstDepth &+= depths
    }
  }

  private func addSide(
    _ memory: ProductMemory, to output: UnsafeMutablePointer<Int32>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let side = memory.side + row &* TiledProduct.panelColumns
      let output = output + row &* outputStride
      for column in 0..<columns { output[column] = output[column] &+ side[column] &<< shift }
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
  /// Sums of a tile of which not all are added to the output.
  let side: UnsafeMutablePointer<Int32>

  func clearSide(_ rows: Int) { side.update(repeating: 0, count: rows &* TiledProduct.panelColumns) }
}
