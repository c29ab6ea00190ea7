/// The layout in which a matrix kernel wants its weights.
///
/// Canonical weights are rows of `depth` bytes, one row an output column. Packed, they form panels of
/// `panelColumns` columns. Columns and depths beyond the matrix are stored as the byte 0.
public struct MatrixPacking: Equatable, Sendable {
  /// How a panel's bytes lie.
  public enum Order: Equatable, Sendable {
    /// For each group of `depthGroup` successive depths, `panelColumns · depthGroup` bytes, column by column.
    case groups
    /// The same, the even columns before the odd ones.
    case splitGroups
    /// See `packRotatedPairs`.
    case rotatedPairs
  }

  public private(set) var order: Order
  public var panelColumns: Int
  /// Depths are rounded up to whole groups.
  public var depthGroup: Int
  /// Added to each weight, modulo 256: 128 for kernels whose weights are the unsigned operand, else 0.
  public var weightOffset: UInt8

  public init(panelColumns: Int, depthGroup: Int, weightOffset: UInt8 = 0) {
    precondition(weightOffset == 0 || weightOffset == 128)
    order = .groups
    self.panelColumns = panelColumns
    self.depthGroup = depthGroup
    self.weightOffset = weightOffset
  }

  public static func splitGroups(panelColumns: Int, depthGroup: Int) -> MatrixPacking {
    var packing = MatrixPacking(panelColumns: panelColumns, depthGroup: depthGroup)
    packing.order = .splitGroups
    return packing
  }

  public static var rotatedPairs: MatrixPacking {
    var packing = MatrixPacking(panelColumns: 8, depthGroup: 8)
    packing.order = .rotatedPairs
    return packing
  }

  /// The depth rounded up to whole groups, or to the sixteen with which kernels of split groups or rotated pairs begin.
  @inline(__always)
  public func paddedDepth(_ depth: Int) -> Int {
    max((depth + depthGroup - 1) / depthGroup * depthGroup, order == .groups ? 0 : 16)
  }

  /// Bytes of one panel.
  @inline(__always)
  public func panelBytes(depth: Int) -> Int { paddedDepth(depth) * panelColumns }

  /// The number of panels.
  @inline(__always)
  public func panels(columns: Int) -> Int { (columns + panelColumns - 1) / panelColumns }

  /// Bytes of the whole packed matrix.
  public func bytes(columns: Int, depth: Int) -> Int {
    panels(columns: columns) * panelBytes(depth: depth)
  }

  /// Packs `columns` rows of `depth` weights into `packed`, which has `bytes(columns:depth:)` bytes.
  ///
  /// - Returns: `MatrixMultiply.hasExtremePairs`.
  public func pack(
    _ weights: UnsafePointer<Int8>, columns: Int, depth: Int, into packed: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    var hasExtremePairs = false
    let panelBytes = panelBytes(depth: depth)
    for panel in 0..<panels(columns: columns) {
      let first = panel * panelColumns
      let count = min(panelColumns, columns - first)
      let start = packed + panel * panelBytes
      switch order {
      case .groups, .splitGroups:
        packPanel(weights + first * depth, count, depth: depth, into: start)
        for column in count..<panelColumns {
          clearColumn(depth: depth, in: start + position(column) * depthGroup)
        }
      case .rotatedPairs:
        if packRotatedPairs(weights + first * depth, count, depth: depth, into: start) {
          hasExtremePairs = true
        }
      }
    }
    return hasExtremePairs
  }

  /// Where in each group a column lies.
  @inline(__always)
  private func position(_ column: Int) -> Int {
    order == .splitGroups ? (column & 1) &* (panelColumns / 2) &+ column / 2 : column
  }

  /// Bytes from one group of a column to the next.
  private var groupBytes: Int { panelColumns &* depthGroup }

  private func packPanel(
    _ weights: UnsafePointer<Int8>, _ columns: Int, depth: Int, into panel: UnsafeMutablePointer<UInt8>
  ) {
    let whole = depth / depthGroup
    switch depthGroup {
    case 4: packGroups(weights, columns, depth, whole, into: panel, 0x0101_0101 &* UInt32(weightOffset))
    case 2: packGroups(weights, columns, depth, whole, into: panel, 0x0101 &* UInt16(weightOffset))
    default:
      packTail(weights, columns, depth, from: 0, into: panel)
      return
    }
    packTail(weights, columns, depth, from: whole, into: panel)
  }

  /// Packs whole groups a word at a time. A few groups of all columns are packed before the next few, so that what
  /// is written stays in the cache. `offsets` holds the weight offset in every byte: 0 or 128, for which adding
  /// modulo 256 is an exclusive or.
  @inline(__always)
  private func packGroups<Word: FixedWidthInteger>(
    _ weights: UnsafePointer<Int8>, _ columns: Int, _ depth: Int, _ count: Int,
    into panel: UnsafeMutablePointer<UInt8>, _ offsets: Word
  ) {
    let size = MemoryLayout<Word>.size
    let step = panelColumns &* size
    var first = 0
    while first < count {
      let groups = min(count &- first, 32)
      for column in 0..<columns {
        let source = UnsafeRawPointer(weights) + (column &* depth &+ first &* size)
        let target = UnsafeMutableRawPointer(panel) + (first &* step &+ position(column) &* size)
        for group in 0..<groups {
          let word = source.loadUnaligned(fromByteOffset: group &* size, as: Word.self)
          target.storeBytes(of: word ^ offsets, toByteOffset: group &* step, as: Word.self)
        }
      }
      first &+= groups
    }
  }

  /// Packs the groups from `first` on byte by byte; depths that the last one lacks are 0.
  private func packTail(
    _ weights: UnsafePointer<Int8>, _ columns: Int, _ depth: Int, from first: Int,
    into panel: UnsafeMutablePointer<UInt8>
  ) {
    for group in first..<paddedDepth(depth) / depthGroup {
      for column in 0..<columns {
        let target = panel + (group &* groupBytes &+ position(column) &* depthGroup)
        for offset in 0..<depthGroup {
          let index = group &* depthGroup &+ offset
          target[offset] =
            index < depth ? UInt8(bitPattern: weights[column &* depth &+ index]) &+ weightOffset : 0
        }
      }
    }
  }

  private func clearColumn(depth: Int, in column: UnsafeMutablePointer<UInt8>) {
    var position = 0
    while position < paddedDepth(depth) {
      let group = column + position / depthGroup &* groupBytes
      for offset in 0..<depthGroup { group[offset] = 0 }
      position &+= depthGroup
    }
  }
}
