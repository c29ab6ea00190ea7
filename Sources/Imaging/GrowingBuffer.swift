import Platform

/// Memory that is used again and again and only ever grows, so that work of a size seen before allocates
/// nothing.
struct GrowingBuffer: ~Copyable {
  private var pages: Pages? = nil
  private var start: UnsafeMutableRawPointer? = nil
  private(set) var capacity = 0

  init() {}

  /// At least `count` bytes, aligned to pages. What they hold is lost when the buffer has to grow.
  mutating func reserve(_ count: Int) throws(ImageError) -> UnsafeMutableRawPointer {
    if capacity < count || capacity == 0 {
      // Given back first, so that old and new are never held together.
      pages = nil
      capacity = 0
      do { own(try Pages(count: count)) } catch { throw ImageError(.system(error)) }
    }
    return address
  }

  /// At least `count` bytes that begin with the `used` first ones of before.
  mutating func reserve(_ count: Int, keeping used: Int) throws(SystemError) -> UnsafeMutableRawPointer {
    if capacity < count || capacity == 0 {
      // Doubled, so that a buffer that grows by small pieces is copied a constant number of times.
      let larger = try Pages(count: max(count, capacity &* 2))
      if used > 0 { larger.address.copyMemory(from: address, byteCount: used) }
      own(larger)
    }
    return address
  }

  /// The memory; only after a reservation.
  var address: UnsafeMutableRawPointer { start! }

  private mutating func own(_ memory: consuming Pages) {
    start = memory.address
    capacity = max(memory.count, 1)
    pages = consume memory
  }
}
