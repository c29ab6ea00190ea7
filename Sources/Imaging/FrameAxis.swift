/// The weights of one axis of a frame's resize, as bytes: those of `ResampleAxis` in 255ths, which add up to 255.
///
/// Not the weights are rounded but their sums from the first one on, each to the nearest: a weight is the difference
/// of two. So they add up without a correction, and a mean is off the exact one by at most half a 255th of the
/// differences between neighbours, added up: by half a level at most where pixels rise or fall steadily.
struct FrameAxis: ~Copyable {
  private var axis = ResampleAxis()
  private var bytes = GrowingBuffer()
  private var firsts = GrowingBuffer()
  private var key: ResampleAxis.Key? = nil

  init() {}

  var taps: Int { axis.taps }
  /// Pixels of the result.
  var count: Int { axis.key.count }
  /// The samples that the result is made of.
  var sourceRange: Range<Int> { axis.sourceRange }
  /// For each pixel of the result, the sample that its first weight is for, counted from `sourceRange` on.
  var starts: UnsafePointer<Int32> { UnsafePointer(firsts.address.assumingMemoryBound(to: Int32.self)) }
  /// `taps` weights for each pixel of the result.
  var weights: UnsafePointer<UInt8> { UnsafePointer(bytes.address.assumingMemoryBound(to: UInt8.self)) }

  /// The samples of a pixel's weights without the zeros at both ends, and the weights.
  func trimmed(_ pixel: Int) -> (first: Int, weights: UnsafePointer<UInt8>, taps: Int) {
    let all = weights + pixel * taps
    var (first, end) = (0, taps)
    while all[first] == 0 { first += 1 }
    while all[end - 1] == 0 { end -= 1 }
    return (sourceRange.lowerBound + Int(starts[pixel]) + first, all + first, end - first)
  }

  /// Computes the weights, unless they are those of the last time.
  mutating func prepare(_ key: ResampleAxis.Key) throws(ImageError) {
    if key == self.key { return }
    self.key = nil
    try axis.prepare(key)
    let (count, taps) = (key.count, axis.taps)
    let weights = try bytes.reserve(count * taps).assumingMemoryBound(to: UInt8.self)
    let starts = try firsts.reserve(count * MemoryLayout<Int32>.stride).assumingMemoryBound(to: Int32.self)
    let base = Int32(axis.sourceRange.lowerBound)
    for pixel in 0..<count {
      starts[pixel] = axis.starts[pixel] - base
      let exact = axis.weights + pixel * taps
      var total: Int64 = 0
      for tap in 0..<taps { total += Int64(exact[tap]) }
      var (sum, before): (Int64, Int64) = (0, 0)
      for tap in 0..<taps {
        sum += Int64(exact[tap])
        let rounded = (2 * 255 * sum + total) / (2 * total)
        weights[pixel * taps + tap] = UInt8(truncatingIfNeeded: rounded - before)
        before = rounded
      }
    }
    self.key = key
  }
}
