/// The resize across rows: sums of weighted rows that arrive from first to last.
///
/// A row of the result is complete once the last of its source rows has come, so only as many rows of sums
/// are held as have source rows in common.
struct RowSums: ~Copyable {
  private var memory = GrowingBuffer()
  private var count = 0
  private var slots = 0
  /// The first row of the result that is not complete.
  private(set) var next = 0

  init() {}

  /// Begins a picture whose rows have `count` values.
  mutating func begin(_ axis: borrowing ResampleAxis, count: Int) throws(ImageError) {
    self.count = count
    slots = axis.overlap
    next = 0
    _ = try memory.reserve(slots * count * MemoryLayout<Int32>.stride)
  }

  /// Adds source row `y` to the rows of the result that it belongs to.
  func add(_ row: UnsafePointer<UInt8>, y: Int, _ axis: borrowing ResampleAxis) {
    var target = next
    while target < axis.key.count {
      let first = axis.range(target).lowerBound
      if first > y { break }
      let weight = axis.weight(target, of: y)
      if first == y {
        startSums(sums(target), with: row, weight: weight, count: count)
      } else {
        addToSums(sums(target), row, weight: weight, count: count)
      }
      target += 1
    }
  }

  /// If source row `y` was the last one of the next row of the result: writes that row and tells its number.
  mutating func complete(
    _ y: Int, _ axis: borrowing ResampleAxis, into output: UnsafeMutablePointer<UInt8>
  ) -> Int? {
    guard next < axis.key.count, axis.range(next).upperBound == y + 1 else { return nil }
    finishSums(sums(next), count: count, into: output)
    next += 1
    return next - 1
  }

  private func sums(_ target: Int) -> UnsafeMutablePointer<Int32> {
    memory.address.assumingMemoryBound(to: Int32.self) + target % slots * count
  }
}
