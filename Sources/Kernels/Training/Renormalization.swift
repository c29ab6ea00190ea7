import FixedPoint

/// How wide numbers become mantissas: shifted right, rounded, limited.
public struct Renormalization {
  /// 0...31.
  public var shift: Int32
  /// The largest magnitude of a mantissa.
  public var limit: Int32
  /// Whether what is cut off decides by chance, with the words of `counterHash`, or by half.
  public var isStochastic: Bool
  public var key: UInt32
  /// The first number's index among those that draw words with this key.
  public var firstIndex: UInt32

  public init(shift: Int32, limit: Int32, isStochastic: Bool, key: UInt32, firstIndex: UInt32) {
    self.shift = shift
    self.limit = limit
    self.isStochastic = isStochastic
    self.key = key
    self.firstIndex = firstIndex
  }
}

/// The definition of renormalisation.
public func renormalizeScalar(
  _ values: UnsafePointer<Int32>, _ count: Int, _ renormalization: Renormalization,
  _ output: UnsafeMutablePointer<Int16>
) {
  let (shift, limit) = (renormalization.shift, renormalization.limit)
  if renormalization.isStochastic && shift > 0 {
    for index in 0..<count {
      let word = counterHash(
        renormalization.firstIndex &+ UInt32(truncatingIfNeeded: index), key: renormalization.key)
      let value = shiftRightStochastically(Int64(values[index]), by: shift, random: word)
      output[index] = Int16(truncatingIfNeeded: min(max(value, 0 &- Int64(limit)), Int64(limit)))
    }
  } else {
    for index in 0..<count {
      let value = shiftRightHalvesUp(values[index], by: shift)
      output[index] = Int16(truncatingIfNeeded: min(max(value, 0 &- limit), limit))
    }
  }
}

/// The definition of the largest magnitude, 0 of no numbers.
public func largestMagnitudeScalar(_ values: UnsafePointer<Int32>, _ count: Int) -> UInt32 {
  var largest: UInt32 = 0
  for index in 0..<count { largest = max(largest, values[index].magnitude) }
  return largest
}

/// The definition of errors times factors of their channels: `output[r, c] = errors[r, c] · factors[c]`.
///
/// - Returns: The largest magnitude.
public func scaleChannelsScalar(
  _ errors: UnsafePointer<Int16>, _ rows: Int, _ channels: Int, _ factors: UnsafePointer<Int32>,
  _ output: UnsafeMutablePointer<Int32>
) -> UInt32 {
  var largest: UInt32 = 0
  for row in 0..<rows {
    for channel in 0..<channels {
      let index = row &* channels &+ channel
      let value = Int32(errors[index]) &* factors[channel]
      output[index] = value
      largest = max(largest, value.magnitude)
    }
  }
  return largest
}

/// The definition of errors times a factor each: `output[i] = errors[i] · factors[i]`.
///
/// - Returns: The largest magnitude.
public func scaleElementsScalar(
  _ errors: UnsafePointer<Int16>, _ factors: UnsafePointer<Int8>, _ count: Int,
  _ output: UnsafeMutablePointer<Int32>
) -> UInt32 {
  var largest: UInt32 = 0
  for index in 0..<count {
    let value = Int32(errors[index]) &* Int32(factors[index])
    output[index] = value
    largest = max(largest, value.magnitude)
  }
  return largest
}
