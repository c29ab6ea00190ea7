/// How a map is cut into the patches of gradient filtering, from its top left corner on.
///
/// All maps of the trained layers have as many patches: in front of a layer with stride s a patch is s times as high
/// and wide. The last patches of a row or column take what is left, less or more than the others.
public struct PatchGrid: Equatable, Sendable {
  public let height: Int
  public let width: Int
  public let patchHeight: Int
  public let patchWidth: Int
  /// Patches from top to bottom and from left to right.
  public let rows: Int
  public let columns: Int

  /// - Parameter patch: At least 1; 1 is a grid of pixels, on which nothing is filtered.
  public init(height: Int, width: Int, patch: Int) {
    self.init(
      height: height, width: width, patchHeight: patch, patchWidth: patch, rows: (height + patch - 1) / patch,
      columns: (width + patch - 1) / patch)
  }

  init(height: Int, width: Int, patchHeight: Int, patchWidth: Int, rows: Int, columns: Int) {
    self.height = height
    self.width = width
    self.patchHeight = patchHeight
    self.patchWidth = patchWidth
    self.rows = rows
    self.columns = columns
  }

  public var count: Int { rows * columns }
  public var pixels: Int { height * width }
  /// Whether every pixel is a patch of its own.
  public var isExact: Bool { rows == height && columns == width && patchHeight == 1 && patchWidth == 1 }

  /// Rows of pixels of a row of patches.
  @inline(__always)
  public func pixelRows(of row: Int) -> Range<Int> {
    PatchGrid.range(row, patch: patchHeight, of: rows, length: height)
  }

  @inline(__always)
  public func pixelColumns(of column: Int) -> Range<Int> {
    PatchGrid.range(column, patch: patchWidth, of: columns, length: width)
  }

  /// Pixels of a patch.
  @inline(__always)
  public func pixelCount(row: Int, column: Int) -> Int {
    pixelRows(of: row).count * pixelColumns(of: column).count
  }

  private static func range(_ index: Int, patch: Int, of count: Int, length: Int) -> Range<Int> {
    let start = min(index * patch, length)
    return start..<(index == count - 1 ? length : min(start + patch, length))
  }

  /// Whether sums over a patch may need more than 16 bits: 128 inputs of at most 255 beyond the zero point just fit.
  public var hasWideSums: Bool {
    var largest = 0
    for row in 0..<rows {
      for column in 0..<columns { largest = max(largest, pixelCount(row: row, column: column)) }
    }
    return largest > 128
  }

  /// The Q15 reciprocal of a count of pixels, rounded to the nearest; 0 of none.
  static func reciprocal(of count: Int) -> Int32 {
    count == 0 ? 0 : Int32(truncatingIfNeeded: ((1 << 15) + count / 2) / count)
  }
}
