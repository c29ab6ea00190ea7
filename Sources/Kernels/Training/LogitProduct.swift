/// Features times the weights of classes, each along its row: `output[r, c] = Σ_k rows[r, k] · weights[c, k]`.
public struct LogitProduct {
  /// Features without their zero point.
  public var rows: UnsafePointer<Int16>
  public var rowCount: Int
  public var depth: Int
  public var weights: UnsafePointer<Int8>
  public var columns: Int

  public init(
    rows: UnsafePointer<Int16>, rowCount: Int, depth: Int, weights: UnsafePointer<Int8>, columns: Int
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.depth = depth
    self.weights = weights
    self.columns = columns
  }
}

/// The definition of features times weights.
public func multiplyLogitsScalar(_ product: LogitProduct, _ output: UnsafeMutablePointer<Int32>) {
  for row in 0..<product.rowCount {
    let features = product.rows + row &* product.depth
    for column in 0..<product.columns {
      let weights = product.weights + column &* product.depth
      var sum: Int32 = 0
      for index in 0..<product.depth { sum = sum &+ Int32(features[index]) &* Int32(weights[index]) }
      output[row &* product.columns &+ column] = sum
    }
  }
}
