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

// MARK: - For vectors

/// Sixteen times sixteen bytes in an instruction set's registers.
public protocol ByteSquare {
  /// Loads the rows, each from its address.
  init(_ row: (Int) -> UnsafePointer<UInt8>)
  mutating func transpose()
  /// Writes the rows, each to its address.
  func write(_ row: (Int) -> UnsafeMutablePointer<UInt8>)
}

extension ByteSquare {
  @inlinable @inline(__always)
  static func transpose(
    from source: (Int) -> UnsafePointer<UInt8>, to target: (Int) -> UnsafeMutablePointer<UInt8>
  ) {
    var square = Self(source)
    square.transpose()
    square.write(target)
  }

  /// `toColumnsScalar`, sixteen columns at a time.
  @inlinable @inline(__always)
  public static func toColumns(
    _ rows: UnsafePointer<UInt8>, _ stride: Int, _ count: Int, _ columns: UnsafeMutablePointer<UInt8>
  ) {
    var column = 0
    while column < count {
      let source = rows + column
      let target = columns + column &* PixelStrip.rows
      transpose(from: { source + $0 &* stride }, to: { target + $0 &* PixelStrip.rows })
      column &+= 16
    }
  }

  /// `toRowsScalar` of a whole strip, sixteen pixels at a time.
  @inlinable @inline(__always)
  public static func toRows(_ run: PixelRows, _ output: UnsafeMutablePointer<Int8>) {
    let planes = UnsafeRawPointer(run.planes).assumingMemoryBound(to: UInt8.self)
    let bytes = UnsafeMutableRawPointer(output).assumingMemoryBound(to: UInt8.self)
    let whole = run.count & ~15
    var pixel = 0
    while pixel < whole {
      writePixels(run, planes + pixel &* PixelStrip.rows, bytes + pixel &* run.channels, run.outputStride)
      pixel &+= 16
    }
    let rest = (run.count &- whole) &* run.channels
    guard rest > 0 else { return }
    let width = 16 &* run.channels
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: PixelStrip.rows * 48) { memory in
      let square = memory.baseAddress!
      writePixels(run, planes + whole &* PixelStrip.rows, square, width)
      for row in 0..<PixelStrip.rows {
        let line = bytes + (row &* run.outputStride &+ whole &* run.channels)
        line.copy(from: UnsafePointer(square) + row &* width, count: rest)
      }
    }
  }

  @inlinable @inline(__always)
  static func writePixels(
    _ run: PixelRows, _ planes: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, _ stride: Int
  ) {
    if run.channels == 1 {
      transpose(from: { planes + $0 &* PixelStrip.rows }, to: { output + $0 &* stride })
    } else {
      writeThird(0, planes, run.planeStride, output, stride)
      writeThird(1, planes, run.planeStride, output + 16, stride)
      writeThird(2, planes, run.planeStride, output + 32, stride)
    }
  }

  /// Sixteen of the forty-eight bytes that sixteen pixels of three channels are.
  @inlinable @inline(__always)
  static func writeThird(
    _ third: Int, _ planes: UnsafePointer<UInt8>, _ planeStride: Int, _ output: UnsafeMutablePointer<UInt8>,
    _ stride: Int
  ) {
    transpose(
      from: {
        let byte = 16 &* third &+ $0
        return planes + (byte % 3 &* planeStride &+ byte / 3 &* PixelStrip.rows)
      }, to: { output + $0 &* stride })
  }
}
