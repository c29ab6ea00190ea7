import Kernels

/// The memory of a strip of rows on its way through the kernels.
struct FrameStrip: ~Copyable {
  private var rowBytes = GrowingBuffer()
  private var columnBytes = GrowingBuffer()
  private var sumValues = GrowingBuffer()
  private var pixelValues = GrowingBuffer()
  /// From a row to the next.
  private(set) var stride = 0
  /// Values of a component's sums and of a channel's pixels.
  private(set) var planeStride = 0

  init() {}

  var rows: UnsafeMutablePointer<UInt8> { rowBytes.address.assumingMemoryBound(to: UInt8.self) }
  var columns: UnsafeMutablePointer<UInt8> { columnBytes.address.assumingMemoryBound(to: UInt8.self) }

  func sums(_ component: Int) -> UnsafeMutablePointer<UInt16> {
    sumValues.address.assumingMemoryBound(to: UInt16.self) + component * planeStride
  }

  func pixels(_ channel: Int) -> UnsafeMutablePointer<Int8> {
    pixelValues.address.assumingMemoryBound(to: Int8.self) + channel * planeStride
  }

  /// Room for rows of `bytes` bytes of a plane that become rows of `pixels` pixels.
  mutating func reserve(bytes: Int, pixels: Int) throws(ImageError) {
    // Sixteen columns are turned over at once.
    stride = (bytes + 15) & ~15
    planeStride = ((pixels + 15) & ~15) * PixelStrip.rows
    _ = try rowBytes.reserve(stride * PixelStrip.rows)
    _ = try columnBytes.reserve(stride * PixelStrip.rows)
    _ = try sumValues.reserve(3 * planeStride * MemoryLayout<UInt16>.stride)
    _ = try pixelValues.reserve(3 * planeStride)
  }
}
