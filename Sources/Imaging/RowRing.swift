import Kernels

/// The latest rows of bytes, as many as were asked for.
struct RowRing: ~Copyable {
  private var memory = GrowingBuffer()
  private var pointers = GrowingBuffer()
  /// Bytes from a row to the next.
  private(set) var stride = 0
  /// A power of two.
  private var slots = 0

  init() {}

  /// Room for strips of rows of `bytes` bytes, at least for the last `count` rows and for those of the strip that the
  /// newest is in.
  mutating func reserve(count: Int, bytes: Int) throws(ImageError) {
    slots = PixelStrip.rows
    while slots < count + PixelStrip.rows - 1 { slots *= 2 }
    // Kernels take 32 bytes at once; not all rows begin in the same lines of a cache.
    stride = ((bytes + JPEGDecoder.misalignment + 63) & ~63) + 64
    _ = try memory.reserve(slots * stride)
    _ = try pointers.reserve(count * MemoryLayout<UnsafePointer<UInt8>>.stride)
  }

  /// Row `y`; those of a strip lie one after the other.
  func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
    memory.address.assumingMemoryBound(to: UInt8.self)
      + ((y & (slots - 1)) * stride + JPEGDecoder.misalignment)
  }

  /// The rows of a range that are among the latest, `offset` bytes from their beginnings.
  func rows(_ range: Range<Int>, offset: Int = 0) -> UnsafePointer<UnsafePointer<UInt8>> {
    let rows = pointers.address.assumingMemoryBound(to: UnsafePointer<UInt8>.self)
    for y in range { rows[y - range.lowerBound] = UnsafePointer(row(y)) + offset }
    return UnsafePointer(rows)
  }
}
