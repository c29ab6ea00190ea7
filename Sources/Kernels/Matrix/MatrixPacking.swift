/// The layout in which a matrix kernel wants its weights.
///
/// Canonical weights are rows of `depth` bytes, one row an output column. Packed, they form panels of
/// `panelColumns` columns: for each group of `depthGroup` successive depths, `panelColumns · depthGroup` bytes,
/// column by column. Columns and depths beyond the matrix are stored as the byte 0.
public struct MatrixPacking: Equatable, Sendable {
  public var panelColumns: Int
  public var depthGroup: Int
  /// Added to each weight, modulo 256: 128 for kernels whose weights are the unsigned operand.
  public var weightOffset: UInt8

  public init(panelColumns: Int, depthGroup: Int, weightOffset: UInt8 = 0) {
    self.panelColumns = panelColumns
    self.depthGroup = depthGroup
    self.weightOffset = weightOffset
  }

  /// The depth rounded up to whole groups.
  @inline(__always)
  public func paddedDepth(_ depth: Int) -> Int {
    (depth + depthGroup - 1) / depthGroup * depthGroup
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
  public func pack(
    _ weights: UnsafePointer<Int8>, columns: Int, depth: Int, into packed: UnsafeMutablePointer<UInt8>
  ) {
    let panelBytes = panelBytes(depth: depth)
    for panel in 0..<panels(columns: columns) {
      let start = packed + panel * panelBytes
      for position in 0..<panelColumns {
        let column = panel * panelColumns + position
        packColumn(
          column < columns ? weights + column * depth : nil, depth: depth,
          into: start + position * depthGroup)
      }
    }
  }

  private func packColumn(
    _ weights: UnsafePointer<Int8>?, depth: Int, into column: UnsafeMutablePointer<UInt8>
  ) {
    let groupBytes = panelColumns &* depthGroup
    var target = column
    var position = 0
    while position < depth {
      for offset in 0..<depthGroup {
        if let weights, position &+ offset < depth {
          target[offset] = UInt8(bitPattern: weights[position &+ offset]) &+ weightOffset
        } else {
          target[offset] = 0
        }
      }
      position &+= depthGroup
      target += groupBytes
    }
  }
}
