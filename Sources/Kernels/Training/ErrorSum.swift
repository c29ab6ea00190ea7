import FixedPoint

/// Two tensors of errors and what brings each to the sum's exponent: bits to shift right (halves up), at most 31, or,
/// where negative, left.
public struct ErrorSum {
  public var first: UnsafePointer<Int16>
  public var firstShift: Int32
  public var second: UnsafePointer<Int16>
  public var secondShift: Int32
  public var count: Int

  public init(
    first: UnsafePointer<Int16>, firstShift: Int32, second: UnsafePointer<Int16>, secondShift: Int32,
    count: Int
  ) {
    self.first = first
    self.firstShift = firstShift
    self.second = second
    self.secondShift = secondShift
    self.count = count
  }
}

@inline(__always)
private func aligned(_ error: Int16, _ shift: Int32) -> Int32 {
  shift > 0 ? shiftRightHalvesUp(Int32(error), by: shift) : Int32(error) &<< (0 &- shift)
}

/// The definition of a sum of errors.
///
/// - Returns: The largest magnitude.
public func addErrorsScalar(_ sum: ErrorSum, _ output: UnsafeMutablePointer<Int32>) -> UInt32 {
  var largest: UInt32 = 0
  for index in 0..<sum.count {
    let value = aligned(sum.first[index], sum.firstShift) &+ aligned(sum.second[index], sum.secondShift)
    output[index] = value
    largest = max(largest, value.magnitude)
  }
  return largest
}
