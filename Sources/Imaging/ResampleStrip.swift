import Kernels

/// The resize along rows, a strip of them at a time.
struct ResampleStrip: ~Copyable {
  private var source = GrowingBuffer()
  private var result = GrowingBuffer()

  init() {}

  /// Room for what `axis` makes of rows of `channels` channels.
  mutating func reserve(_ axis: borrowing ResampleAxis, channels: Int) throws(ImageError) {
    _ = try source.reserve((axis.sourceRange.count * channels + 15) / 16 * 16 * PixelStrip.rows)
    _ = try result.reserve((axis.key.count * channels + 15) / 16 * 16 * PixelStrip.rows)
  }

  /// Resizes `PixelStrip.rows` rows, of which the first pixel is that of the axis's source range.
  func resize(
    _ rows: UnsafePointer<UInt8>, stride: Int, _ axis: borrowing ResampleAxis, channels: Int,
    _ kernels: PixelKernels, into output: UnsafeMutablePointer<UInt8>, stride outputStride: Int
  ) {
    let columns = source.address.assumingMemoryBound(to: UInt8.self)
    let resized = result.address.assumingMemoryBound(to: UInt8.self)
    kernels.toColumns(rows, stride, axis.sourceRange.count * channels, columns)
    kernels.fineColumns(
      FineColumns(
        columns: columns - axis.sourceRange.lowerBound * channels * PixelStrip.rows, channels: channels,
        starts: axis.starts, weights: axis.fineWeights, taps: axis.taps, count: axis.key.count),
      resized)
    let pixels = PixelRows(
      planes: UnsafeRawPointer(resized).assumingMemoryBound(to: Int8.self), planeStride: 0, channels: 1,
      count: axis.key.count * channels, rows: PixelStrip.rows, outputStride: outputStride)
    kernels.toRows(pixels, UnsafeMutableRawPointer(output).assumingMemoryBound(to: Int8.self))
  }
}
