/// Rows of bytes that are weighed into one.
public struct WeightedRows {
  /// The first of `taps` rows, `stride` bytes from one to the next.
  public var rows: UnsafePointer<UInt8>
  public var stride: Int
  /// One for each row; they add up to 255.
  public var weights: UnsafePointer<UInt8>
  /// At least 1.
  public var taps: Int
  /// Bytes of the row that are weighed; none beside them is read.
  public var count: Int

  public init(
    rows: UnsafePointer<UInt8>, stride: Int, weights: UnsafePointer<UInt8>, taps: Int, count: Int
  ) {
    self.rows = rows
    self.stride = stride
    self.weights = weights
    self.taps = taps
    self.count = count
  }
}

/// The definition of weighted rows: `output[i]` is the mean of the rows' bytes `i`.
public func weighRowsScalar(_ run: WeightedRows, _ output: UnsafeMutablePointer<UInt8>) {
  for index in 0..<run.count {
    var sum: UInt32 = 0
    for tap in 0..<run.taps {
      sum = sum &+ UInt32(run.rows[tap &* run.stride &+ index]) &* UInt32(run.weights[tap])
    }
    output[index] = PixelStrip.mean(sum)
  }
}

/// Columns of a strip that are weighed into the columns of a component of the result.
public struct WeightedColumns {
  /// The component's first column, `PixelStrip.rows` bytes a column.
  public var columns: UnsafePointer<UInt8>
  /// Columns from one sample of the component to the next.
  public var step: Int
  /// For each column of the result the first sample that it is made of, and `taps` weights that add up to 255.
  public var starts: UnsafePointer<Int32>
  public var weights: UnsafePointer<UInt8>
  /// At least 1.
  public var taps: Int
  /// Columns of the result.
  public var count: Int

  public init(
    columns: UnsafePointer<UInt8>, step: Int, starts: UnsafePointer<Int32>,
    weights: UnsafePointer<UInt8>, taps: Int, count: Int
  ) {
    self.columns = columns
    self.step = step
    self.starts = starts
    self.weights = weights
    self.taps = taps
    self.count = count
  }
}

/// The definition of weighted columns. The sums are left as they are, 255 times the mean, `PixelStrip.rows` of
/// them a column.
public func weighColumnsScalar(_ run: WeightedColumns, _ sums: UnsafeMutablePointer<UInt16>) {
  var weights = run.weights
  var sums = sums
  for column in 0..<run.count {
    let first = run.columns + Int(run.starts[column]) &* run.step &* PixelStrip.rows
    for row in 0..<PixelStrip.rows {
      var sum: UInt32 = 0
      for tap in 0..<run.taps {
        sum = sum &+ UInt32(first[tap &* run.step &* PixelStrip.rows &+ row]) &* UInt32(weights[tap])
      }
      sums[row] = UInt16(truncatingIfNeeded: sum)
    }
    weights += run.taps
    sums += PixelStrip.rows
  }
}
