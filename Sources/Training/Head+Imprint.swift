import FixedPoint

/// An answer before the first step: each class is the mean of its photographs' features ("imprinting").
///
/// The nearest mean is the class with the largest f · μ_c − μ_c²/2. With m the mean of all means and d_c = μ_c − m, that
/// is, up to what all classes share, d_c · f − d_c · (μ_c + m)/2: a fully connected layer whose weights are d_c and
/// whose biases are −d_c · (μ_c + m)/2. Its outputs are distances squared; a softmax of T = 10 times them, in units of the
/// classes' mean distance squared D² = Σ d² / classes, is neither flat nor hard.
extension Head {
  /// Entries of what `imprint` works on: a row for each class, and one more.
  public var imprintCount: Int { (classes + 1) * features }

  private static var temperature: Int64 { 10 }

  /// Makes the head of the sums of features, without their zero point, of each class's photographs.
  ///
  /// - Parameters:
  ///   - sums: `imprintCount` entries, of which the classes' rows hold the sums; they are overwritten.
  ///   - counts: Photographs of each class; a class without any has the mean 0.
  public mutating func imprint(sums: UnsafeMutablePointer<Int32>, counts: UnsafePointer<Int32>) {
    let means = sums + classes * features
    var largest: UInt32 = 0
    var squares: Int64 = 0
    for feature in 0..<features {
      var total: Int64 = 0
      for index in 0..<classes {
        // 8 fraction bits; halves up.
        let count = Int64(max(counts[index], 1))
        let sum = Int64(sums[index * features + feature]) &<< 8 &+ count / 2
        let mean = Int32(truncatingIfNeeded: floorDivide(sum, count))
        sums[index * features + feature] = mean
        total &+= Int64(mean)
      }
      let mean = Int32(
        truncatingIfNeeded: floorDivide(total &+ Int64(classes / 2), Int64(classes)))
      means[feature] = mean
      for index in 0..<classes {
        let distance = sums[index * features + feature] &- mean
        sums[index * features + feature] = distance
        largest = max(largest, distance.magnitude)
        squares &+= Int64(distance) &* Int64(distance)
      }
    }
    // At most 63 in a weight, so that it may double before the head has to grow.
    let shift = max(0, bitLength(UInt64(largest)) &- 6)
    setScale(meanSquare: max(1, squares / Int64(classes)), shift: shift)
    for index in 0..<classes { setClass(index, sums + index * features, means, shift) }
    parameter.start()
    bias.start()
  }

  /// A logit is T · (distance squared, 2^−16) / D²: with weights d · 2^−shift and features of no fraction bits an
  /// accumulator is 2^(8 + shift − 16) of it, so 2^−logitExponent ≈ T · 2^(8 + shift) / D². The power of two is the
  /// largest that leaves T · 2^(8 + shift + logitExponent) / D² at most 10/7, about √2.
  private mutating func setScale(meanSquare: Int64, shift: Int32) {
    logitExponent = 0
    while (Head.temperature &<< Int64(9 &+ shift &+ logitExponent)) &* 7 <= meanSquare &* 10 {
      logitExponent &+= 1
    }
  }

  /// Weights and bias of a class, from its mean's difference to the mean of means.
  private func setClass(
    _ index: Int, _ differences: UnsafePointer<Int32>, _ means: UnsafePointer<Int32>, _ shift: Int32
  ) {
    var product: Int64 = 0
    for feature in 0..<features {
      let weight = min(max(shiftRightHalvesUp(differences[feature], by: shift), -127), 127)
      parameter.weights[index * features + feature] = Int8(truncatingIfNeeded: weight)
      // μ + m = d + 2 m
      product &+= Int64(weight) &* (Int64(differences[feature]) &+ 2 &* Int64(means[feature]))
    }
    bias.values[index] = Int32(truncatingIfNeeded: 0 &- shiftRightHalvesUp(product, by: 9))
    // A step of one logit.
    bias.units[index] = 1 &<< logitExponent
  }
}

/// ⌊numerator / denominator⌋ for a positive denominator.
func floorDivide(_ numerator: Int64, _ denominator: Int64) -> Int64 {
  let quotient = numerator / denominator
  return numerator % denominator < 0 ? quotient &- 1 : quotient
}
