/// The definition of turning a strip's rows into columns.
///
/// - Parameters:
///   - rows: `PixelStrip.rows` rows, `stride` bytes from one to the next, of which as many can be read as `count`
///     comes to when it is rounded up to a multiple of 16.
///   - columns: Room for as many columns.
public func toColumnsScalar(
  _ rows: UnsafePointer<UInt8>, _ stride: Int, _ count: Int, _ columns: UnsafeMutablePointer<UInt8>
) {
  for row in 0..<PixelStrip.rows {
    for column in 0..<count { columns[column &* PixelStrip.rows &+ row] = rows[row &* stride &+ column] }
  }
}

/// Columns of pixels that become rows.
public struct PixelRows {
  /// A plane for each channel, `planeStride` elements from one to the next, of columns of `PixelStrip.rows`
  /// pixels. As many columns can be read as `count` comes to when it is rounded up to a multiple of 16.
  public var planes: UnsafePointer<Int8>
  public var planeStride: Int
  /// 1, or 3, which lie side by side in the output.
  public var channels: Int
  /// Pixels of a row.
  public var count: Int
  /// Rows that are written, at most `PixelStrip.rows`.
  public var rows: Int
  /// Elements from one row of the output to the next.
  public var outputStride: Int

  public init(
    planes: UnsafePointer<Int8>, planeStride: Int, channels: Int, count: Int, rows: Int, outputStride: Int
  ) {
    self.planes = planes
    self.planeStride = planeStride
    self.channels = channels
    self.count = count
    self.rows = rows
    self.outputStride = outputStride
  }
}

/// The definition of turning columns of pixels into rows.
public func toRowsScalar(_ run: PixelRows, _ output: UnsafeMutablePointer<Int8>) {
  for row in 0..<run.rows {
    for channel in 0..<run.channels {
      let plane = run.planes + (channel &* run.planeStride &+ row)
      let line = output + (row &* run.outputStride &+ channel)
      for pixel in 0..<run.count { line[pixel &* run.channels] = plane[pixel &* PixelStrip.rows] }
    }
  }
}
