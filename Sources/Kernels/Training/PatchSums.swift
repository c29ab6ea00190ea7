/// One patch of an int8 map, or what lies so: rows of pixels of which each has its channels side by side.
public struct Patch {
  public var input: UnsafePointer<Int8>
  public var rowCount: Int
  /// Elements from one row to the next.
  public var rowStride: Int
  /// Pixels of a row, `channels` elements from one to the next.
  public var columnCount: Int
  public var channels: Int

  public init(
    input: UnsafePointer<Int8>, rowCount: Int, rowStride: Int, columnCount: Int, channels: Int
  ) {
    self.input = input
    self.rowCount = rowCount
    self.rowStride = rowStride
    self.columnCount = columnCount
    self.channels = channels
  }
}

/// The definition of a patch's sums: `output[c] = Σ (input[y, x, c] − zeroPoint)`.
@inlinable
public func sumPatchScalar<Sum: FixedWidthInteger>(
  _ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Sum>
) {
  for channel in 0..<patch.channels {
    var sum: Int32 = 0
    for row in 0..<patch.rowCount {
      var pixel = patch.input + (row &* patch.rowStride &+ channel)
      for _ in 0..<patch.columnCount {
        sum = sum &+ Int32(pixel.pointee) &- zeroPoint
        pixel += patch.channels
      }
    }
    output[channel] = Sum(truncatingIfNeeded: sum)
  }
}

/// The definition of a patch's means of a function: `output[c] = round(reciprocal · Σ table[input[y, x, c]] / 2^15)`,
/// halves up, within ±127. The table's first entry is that of −128.
public func averageTableScalar(
  _ patch: Patch, _ table: UnsafePointer<Int8>, _ reciprocal: Int32, _ output: UnsafeMutablePointer<Int8>
) {
  for channel in 0..<patch.channels {
    var sum: Int32 = 0
    for row in 0..<patch.rowCount {
      var pixel = patch.input + (row &* patch.rowStride &+ channel)
      for _ in 0..<patch.columnCount {
        sum = sum &+ Int32(table[Int(pixel.pointee) &+ 128])
        pixel += patch.channels
      }
    }
    let mean = (sum &* reciprocal &+ 1 << 14) &>> 15
    output[channel] = Int8(truncatingIfNeeded: min(max(mean, -127), 127))
  }
}
