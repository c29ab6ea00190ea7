import FirmwareModel

/// Which class's photographs a picture is nearest to, and whether it is like any of them.
///
/// The distance is that of the picture's features f to a class's mean μ, squared, as a part of the features' own sum of
/// squares: |f − μ|² / |f|². So pictures of little contrast, whose features are all small, are as far from everything as
/// they look. One threshold serves all classes. On features of MobileNetV2, a threshold that 95 % of held-out
/// photographs of groceries do not exceed, and 8 of 12 groceries taught, it tells the other 4 in 13 to 40 % of their
/// photographs, where the distance alone does in 5 to 37 %; both tell photographs of other things (leaves, animals,
/// vehicles) in all cases. Distances by each class's own spread, or each feature's, serve no better.
public struct NearestMean {
  public struct Answer: Equatable, Sendable {
    /// The class with the nearest mean.
    public var label: Int
    /// 14 fraction bits; at most the largest number where the features are nothing.
    public var distance: Int32
  }

  private let means: ClassMeans
  private let features: Int
  private let zeroPoint: Int32

  /// - Parameters:
  ///   - means: At least one.
  ///   - zeroPoint: Of the features.
  public init(_ means: ClassMeans, zeroPoint: Int32) {
    precondition(!means.entries.isEmpty && means.values.count % means.entries.count == 0)
    self.means = means
    self.zeroPoint = zeroPoint
    features = means.values.count / means.entries.count
  }

  /// Nil for a model that nobody has taught.
  public init?(_ model: FirmwareModel) {
    guard let means = model.classMeans else { return nil }
    self.init(means, zeroPoint: model.tensors[means.features].zeroPoint)
  }

  /// The largest distance of a picture that is like the photographs.
  public var threshold: Int32 { means.threshold }

  /// Whether a class has a mean; answers of one that has none can't be doubted.
  public func hasMean(_ label: Int) -> Bool {
    for entry in means.entries where entry.label == label { return true }
    return false
  }

  /// The mean nearest to a picture, after the model has run on it.
  public func find(_ interpreter: Interpreter) -> Answer {
    find(interpreter.tensor(means.features).baseAddress!.assumingMemoryBound(to: Int8.self))
  }

  /// The mean nearest to some features, the first among equals.
  public func find(_ values: UnsafePointer<Int8>) -> Answer {
    var best = 0
    var least = Int64.max
    for index in means.entries.indices {
      let distance = squaredDistance(values, index)
      if distance < least { (best, least) = (index, distance) }
    }
    var square: Int64 = 0
    for index in 0..<features {
      let value = Int64(values[index]) &- Int64(zeroPoint)
      square &+= value &* value
    }
    return Answer(label: means.entries[best].label, distance: Int32(clamping: least / max(square, 1)))
  }

  /// With twice the means' fraction bits. A difference has 17 bits at most, a tensor fewer than 2^31 features: no sum
  /// overflows.
  private func squaredDistance(_ values: UnsafePointer<Int8>, _ index: Int) -> Int64 {
    means.values.withUnsafeBufferPointer { means in
      let mean = means.baseAddress! + index * features
      var sum: Int64 = 0
      for feature in 0..<features {
        let value = (Int32(values[feature]) &- zeroPoint) &<< ClassMeans.fractionBits
        let difference = Int64(value &- Int32(mean[feature]))
        sum &+= difference &* difference
      }
      return sum
    }
  }
}
