/// Errors of a map's values, that is derivatives of the loss by them, on the map's patches: `mantissa · 2^−exponent`, up
/// to one factor that is common to the whole network and cancels where gradients are normalised.
///
/// An error stands for each value of its patch: it is the patch's mean. Mantissas lie as the values would: image,
/// patch, channel.
public struct ErrorTensor {
  public var mantissas: UnsafeMutablePointer<Int16>
  public var exponent: Int32
  public var images: Int
  /// Patches of an image.
  public var patches: Int
  public var channels: Int

  public init(
    mantissas: UnsafeMutablePointer<Int16>, exponent: Int32, images: Int, patches: Int, channels: Int
  ) {
    self.mantissas = mantissas
    self.exponent = exponent
    self.images = images
    self.patches = patches
    self.channels = channels
  }

  public var rows: Int { images * patches }
  public var count: Int { rows * channels }
}

/// How errors are kept.
public struct ErrorFormat: Equatable, Sendable {
  /// Bits of a mantissa with its sign: 12, or 8; sums are proved to fit for at most 12.
  public var mantissaBits: Int32
  /// Whether what mantissas have no bits for decides by chance, or by half.
  public var isStochastic: Bool

  public init(mantissaBits: Int32 = 12, isStochastic: Bool = false) {
    precondition(2...12 ~= mantissaBits)
    self.mantissaBits = mantissaBits
    self.isStochastic = isStochastic
  }

  static func limit(bits: Int32) -> Int32 { (1 &<< (bits &- 1)) &- 1 }

  /// How many inputs a weight's gradient can add up in 32 bits: each is at most 255 beyond the zero point, each error
  /// at most the largest mantissa. A mini-batch's images times a map's pixels must not be more.
  public var largestPixelCount: Int {
    Int(Int32.max) / (255 * Int(ErrorFormat.limit(bits: mantissaBits)))
  }

  /// The bits that errors may have where `terms` of them are multiplied by int8 weights and added up in 32 bits:
  /// (bits − 1) + 7 + ⌈log2 terms⌉ ≤ 31.
  func mantissaBits(forSumsOf terms: Int) -> Int32 {
    let widening = Int32(Int.bitWidth &- (max(terms, 1) &- 1).leadingZeroBitCount)
    return min(mantissaBits, 25 &- widening)
  }
}
