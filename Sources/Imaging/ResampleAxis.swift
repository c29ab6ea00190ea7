/// The weights of one axis of a resize: for each pixel of the result, which source pixels it is made of and
/// how.
///
/// The filter is a triangle as wide as two source pixels, or as two of the result's where the picture
/// shrinks. Pixel `i` of a result of `m` out of `n` source pixels has its centre at c = (2i + 1) · n / 2m;
/// source pixel `j` weighs 1 − |j + 1/2 − c| / max(n / m, 1), divided by the sum of all weights. With 2m
/// times the distance, d = |(2j + 1) · m − (2i + 1) · n|, and D = 2 · max(n, m), the weight is (D − d) / D,
/// so the share of source pixel j is (D − d) / Σ (D − d): a ratio of integers. It is rounded to 22 fraction
/// bits, halves up. Pillow computes the same in doubles and rounds to the same integers.
struct ResampleAxis: ~Copyable {
  /// Fraction bits of the weights: 32, less 8 of the pixels and 2 of head room.
  static let fractionBits: Int32 = 22

  /// What the weights are for.
  struct Key: Equatable {
    /// Source pixels.
    var source: Int
    /// Pixels of the whole result.
    var resized: Int
    /// The part of the result that is made.
    var first: Int
    var count: Int
  }

  private(set) var key = Key(source: 0, resized: 0, first: 0, count: 0)
  /// Weights stored for each pixel of the result, the most that any has.
  private(set) var taps = 0
  private var bounds = GrowingBuffer()
  private var coefficients = GrowingBuffer()

  init() {}

  /// For pixel `i` of the part, the first source pixel at `2i` and their number at `2i + 1`.
  var ranges: UnsafePointer<Int32> { UnsafePointer(bounds.address.assumingMemoryBound(to: Int32.self)) }

  /// Weights of the source pixels of pixel `i` of the part, from `i · taps`.
  var weights: UnsafePointer<Int32> {
    UnsafePointer(coefficients.address.assumingMemoryBound(to: Int32.self))
  }

  /// The source pixels that a pixel of the part is made of.
  func range(_ pixel: Int) -> Range<Int> {
    let first = Int(ranges[2 * pixel])
    return first..<first + Int(ranges[2 * pixel + 1])
  }

  /// What one of them weighs.
  func weight(_ pixel: Int, _ tap: Int) -> Int32 { weights[pixel * taps + tap] }

  /// The source pixels that the part is made of.
  var sourceRange: Range<Int> { range(0).lowerBound..<range(key.count - 1).upperBound }

  /// Computes the weights, unless they are those of the last time.
  ///
  /// - Parameter key: All of its values at least 1 (`first` 0), `source` below 2^16, `resized` below 2^31.
  mutating func prepare(_ key: Key) throws(ImageError) {
    if key == self.key { return }
    self.key.count = 0
    let support = max((key.source + key.resized - 1) / key.resized, 1)
    taps = min(2 * support + 1, key.source)
    let bytes = MemoryLayout<Int32>.stride
    let ranges = try bounds.reserve(2 * key.count * bytes).assumingMemoryBound(to: Int32.self)
    let weights = try coefficients.reserve(key.count * taps * bytes).assumingMemoryBound(to: Int32.self)
    for pixel in 0..<key.count {
      let range = ResampleAxis.weigh(
        pixel: key.first + pixel, source: Int64(key.source), resized: Int64(key.resized),
        weights + pixel * taps)
      ranges[2 * pixel] = Int32(range.lowerBound)
      ranges[2 * pixel + 1] = Int32(range.count)
    }
    self.key = key
  }

  /// Writes the weights of one pixel of the result; returns the source pixels that they belong to.
  private static func weigh(
    pixel: Int, source: Int64, resized: Int64, _ weights: UnsafeMutablePointer<Int32>
  ) -> Range<Int64> {
    let width = 2 * max(source, resized)
    let center = (2 * Int64(pixel) + 1) * source
    let first = max(center - width + resized, 0) / (2 * resized)
    let last = min((center + width + resized) / (2 * resized), source)
    var sum: Int64 = 0
    for index in first..<last { sum += weight(index) }
    for index in first..<last {
      let rounded = ((weight(index) << (Int64(fractionBits) + 1)) + sum) / (2 * sum)
      weights[Int(index - first)] = Int32(truncatingIfNeeded: rounded)
    }
    return first..<last

    func weight(_ index: Int64) -> Int64 { width - abs((2 * index + 1) * resized - center) }
  }
}
