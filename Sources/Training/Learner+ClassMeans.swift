import FirmwareModel
import FixedPoint
import Kernels
import Runtime

/// What a taught model knows of its photographs.
extension Learner {
  /// The means of what was added since `beginImprint`, where `endImprint` has not come yet; the threshold is 0.
  ///
  /// - Parameter first: The model's class that the first of the learner's becomes.
  public func classMeans(first: Int = 0) -> ClassMeans {
    var means = ClassMeans(features: 0, threshold: 0, entries: [], values: [])
    for index in 0..<classes where classCounts[index] > 0 {
      let count = Int(classCounts[index])
      means.entries.append(.init(label: first + index, photographs: count))
      for feature in 0..<featureCount {
        let sum = Int64(classSums[index * featureCount + feature])
        means.values.append(ClassMeans.mean(sum &<< Int64(ClassMeans.fractionBits), of: count))
      }
    }
    return means
  }

  /// How near the input is to the classes' means.
  public func nearest(_ means: ClassMeans) -> NearestMean.Answer {
    NearestMean(means, zeroPoint: tail.network.zeroPoint).find(computeFeatures())
  }
}

extension ClassMeans {
  /// A mean rounded to the nearest, halves up.
  static func mean(_ sum: Int64, of count: Int) -> Int16 {
    Int16(clamping: floorDivide(sum &+ Int64(count / 2), Int64(count)))
  }

  /// The threshold that 95 % of photographs which were not learned from, rounded up, do not exceed. They are what tells
  /// how far from the means a photograph lies that the means do not hold: one in twenty like them will be called unknown,
  /// whatever else there is in the world.
  ///
  /// - Parameter distances: At least one.
  public static func threshold(_ distances: [Int32]) -> Int32 {
    let sorted = distances.sorted()
    return sorted[(sorted.count * 19 + 19) / 20 - 1]
  }

  /// The distance of a photograph from the mean of the `count - 1` others, if `distance` is that from the mean of all with
  /// it: x − (nμ − x) / (n − 1) = (x − μ) · n / (n − 1).
  public static func distanceToOthers(_ distance: Int32, of count: Int) -> Int32 {
    if count < 2 { return Int32.max }
    // Beyond so many the factor is as good as 1, and its square has 30 bits.
    let all = Int64(min(count, 1 << 15))
    let others = all - 1
    return Int32(clamping: Int64(distance) * all * all / (others * others))
  }
}
