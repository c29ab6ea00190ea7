import Kernels

/// The weights of one axis of a resize: for each pixel of the result, which source pixels it is made of and
/// how.
///
/// The filter is a triangle as wide as two source pixels, or as two of the result's where the picture
/// shrinks. Pixel `i` of a result of `m` out of `n` source pixels has its centre at c = (2i + 1) · n / 2m;
/// source pixel `j` weighs 1 − |j + 1/2 − c| / max(n / m, 1), divided by the sum of all weights. With 2m
/// times the distance, d = |(2j + 1) · m − (2i + 1) · n|, and D = 2 · max(n, m), the weight is (D − d) / D,
/// so the share of source pixel j is (D − d) / Σ (D − d): a ratio of integers. It is rounded to 22 fraction
/// bits, halves up. Pillow computes the same in doubles and rounds to the same integers.
///
/// Samples that lie `s` pixels apart, as those of chroma do, each in the middle of the pixels that it stands
/// for, have their centres at s · (j + 1/2): s · m takes the place of m wherever a sample's place or width counts.
struct ResampleAxis: ~Copyable {
  /// Fraction bits of the weights: 32, less 8 of the pixels and 2 of head room.
  static let fractionBits = FineWeights.fractionBits

  /// What the weights are for.
  struct Key: Equatable {
    /// The source's length in pixels.
    var source: Int
    /// Pixels of the whole result.
    var resized: Int
    /// The part of the result that is made.
    var first: Int
    var count: Int
    /// Source pixels and those of the result are numbered from the other end: the picture is stored mirrored.
    var isMirrored = false
    /// Source pixels for each sample, of which the last may stand for fewer; only where it is not mirrored.
    var spacing = 1

    /// What there is of the source.
    var samples: Int { (source + spacing - 1) / spacing }
  }

  private(set) var key = Key(source: 0, resized: 0, first: 0, count: 0)
  /// Weights stored for each pixel of the result, the most that any has.
  private(set) var taps = 0
  private var bounds = GrowingBuffer()
  private var origins = GrowingBuffer()
  private var coefficients = GrowingBuffer()
  private var highParts = GrowingBuffer()
  private var lowParts = GrowingBuffer()

  init() {}

  /// For pixel `i` of the part, the first source pixel at `2i` and their number at `2i + 1`. Neither firsts
  /// nor ends ever decrease.
  private var ranges: UnsafeMutablePointer<Int32> { bounds.address.assumingMemoryBound(to: Int32.self) }

  /// For each pixel of the part, the source pixel that its first stored weight is for: `taps` pixels from
  /// there are all within the part's source range.
  var starts: UnsafePointer<Int32> { UnsafePointer(origins.address.assumingMemoryBound(to: Int32.self)) }

  /// `taps` weights for each pixel of the part, zeros around those of its range.
  var weights: UnsafePointer<Int32> {
    UnsafePointer(coefficients.address.assumingMemoryBound(to: Int32.self))
  }

  /// The same for kernels.
  var fineWeights: FineWeights {
    FineWeights(
      whole: weights, high: UnsafePointer(highParts.address.assumingMemoryBound(to: UInt8.self)),
      low: UnsafePointer(lowParts.address.assumingMemoryBound(to: UInt16.self)))
  }

  /// The source pixels that a pixel of the part is made of.
  func range(_ pixel: Int) -> Range<Int> {
    let first = Int(ranges[2 * pixel])
    return first..<first + Int(ranges[2 * pixel + 1])
  }

  /// What a source pixel of its range weighs in a pixel of the part.
  func weight(_ pixel: Int, of source: Int) -> Int32 { weights[pixel * taps + source - Int(starts[pixel])] }

  /// The source pixels that the part is made of.
  var sourceRange: Range<Int> { range(0).lowerBound..<range(key.count - 1).upperBound }

  /// Computes the weights, unless they are those of the last time.
  ///
  /// - Parameter key: All of its values at least 1 (`first` 0), `source` below 2^16, `resized` below 2^31.
  mutating func prepare(_ key: Key) throws(ImageError) {
    if key == self.key { return }
    self.key.count = 0
    let bytes = MemoryLayout<Int32>.stride
    _ = try bounds.reserve(2 * key.count * bytes)
    let starts = try origins.reserve(key.count * bytes).assumingMemoryBound(to: Int32.self)
    taps = 0
    for pixel in 0..<key.count {
      let range = ResampleAxis.range(key, pixel)
      ranges[2 * pixel] = Int32(range.lowerBound)
      ranges[2 * pixel + 1] = Int32(range.count)
      taps = max(taps, range.count)
    }
    let weights = try coefficients.reserve(key.count * taps * bytes).assumingMemoryBound(to: Int32.self)
    let high = try highParts.reserve(key.count * taps).assumingMemoryBound(to: UInt8.self)
    let low = try lowParts.reserve(key.count * taps * 2).assumingMemoryBound(to: UInt16.self)
    // No pixel has to be there but those that weigh something in one pixel or another.
    let end = range(key.count - 1).upperBound
    for pixel in 0..<key.count {
      let range = range(pixel)
      let start = min(range.lowerBound, end - taps)
      starts[pixel] = Int32(start)
      let share = weights + pixel * taps
      share.update(repeating: 0, count: taps)
      ResampleAxis.weigh(key, pixel, range, share + (range.lowerBound - start))
    }
    for index in 0..<key.count * taps {
      high[index] = FineWeights.high(weights[index])
      low[index] = FineWeights.low(weights[index])
    }
    self.key = key
  }

  /// The pixel of the whole result, numbered from the upright picture's first, that a pixel of the part is.
  private static func number(_ key: Key, _ pixel: Int) -> Int64 {
    Int64(key.first + (key.isMirrored ? key.count - 1 - pixel : pixel))
  }

  /// c · 2m of the type's description.
  private static func center(_ key: Key, _ pixel: Int) -> Int64 {
    (2 * number(key, pixel) + 1) * Int64(key.source)
  }

  /// The source pixels that a pixel of the part is made of, at least one.
  private static func range(_ key: Key, _ pixel: Int) -> Range<Int> {
    let (source, resized) = (Int64(key.source), Int64(key.resized) * Int64(key.spacing))
    let width = 2 * max(source, resized)
    let center = center(key, pixel)
    let first = Int(max(center - width + resized, 0) / (2 * resized))
    let last = Int(min((center + width + resized) / (2 * resized), Int64(key.samples)))
    return key.isMirrored ? key.source - last..<key.source - first : first..<last
  }

  /// Writes the weights of one pixel of the part.
  private static func weigh(
    _ key: Key, _ pixel: Int, _ range: Range<Int>, _ weights: UnsafeMutablePointer<Int32>
  ) {
    let (source, resized) = (Int64(key.source), Int64(key.resized) * Int64(key.spacing))
    let width = 2 * max(source, resized)
    let center = center(key, pixel)
    var sum: Int64 = 0
    for index in range { sum += weight(index) }
    for index in range {
      let rounded = ((weight(index) << (Int64(fractionBits) + 1)) + sum) / (2 * sum)
      weights[index - range.lowerBound] = Int32(truncatingIfNeeded: rounded)
    }

    func weight(_ index: Int) -> Int64 {
      let upright = Int64(key.isMirrored ? key.source - 1 - index : index)
      return width - abs((2 * upright + 1) * resized - center)
    }
  }
}
