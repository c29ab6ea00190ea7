/// The two passes of a resize, one row at a time. Sums start at a half and have 22 fraction bits; both
/// passes end in 8 bits.

/// One half, with the fraction bits of the weights.
private let half: Int32 = 1 << (ResampleAxis.fractionBits - 1)

@inline(__always)
private func pixel(_ sum: Int32) -> UInt8 {
  // Rounded weights may add up to a little more than 1.
  UInt8(truncatingIfNeeded: min(max(sum &>> ResampleAxis.fractionBits, 0), 255))
}

/// The horizontal pass of one row.
///
/// - Parameters:
///   - row: Source pixels from the first one that `axis` needs on.
///   - output: Pixels of the part of the result that `axis` is for.
func resampleColumns(
  _ row: UnsafePointer<UInt8>, channels: Int, _ axis: borrowing ResampleAxis,
  into output: UnsafeMutablePointer<UInt8>
) {
  let base = axis.sourceRange.lowerBound
  if channels == 1 {
    resampleGrayColumns(row, base, axis.ranges, axis.weights, axis.taps, axis.key.count, output)
  } else {
    resampleColorColumns(row, base, axis.ranges, axis.weights, axis.taps, axis.key.count, output)
  }
}

private func resampleGrayColumns(
  _ row: UnsafePointer<UInt8>, _ base: Int, _ ranges: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>,
  _ taps: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  for column in 0..<count {
    let source = row + (Int(ranges[2 &* column]) &- base)
    let share = weights + column &* taps
    var sum = half
    for tap in 0..<Int(ranges[2 &* column &+ 1]) { sum = sum &+ Int32(source[tap]) &* share[tap] }
    output[column] = pixel(sum)
  }
}

private func resampleColorColumns(
  _ row: UnsafePointer<UInt8>, _ base: Int, _ ranges: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>,
  _ taps: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  for column in 0..<count {
    var source = row + 3 &* (Int(ranges[2 &* column]) &- base)
    let share = weights + column &* taps
    var (red, green, blue) = (half, half, half)
    for tap in 0..<Int(ranges[2 &* column &+ 1]) {
      let weight = share[tap]
      red = red &+ Int32(source[0]) &* weight
      green = green &+ Int32(source[1]) &* weight
      blue = blue &+ Int32(source[2]) &* weight
      source += 3
    }
    output[3 &* column] = pixel(red)
    output[3 &* column &+ 1] = pixel(green)
    output[3 &* column &+ 2] = pixel(blue)
  }
}

/// The vertical pass: adds a row, weighted, to the sums of `count` values.
func accumulateRow(
  _ row: UnsafePointer<UInt8>, weight: Int32, count: Int, into sums: UnsafeMutablePointer<Int32>
) {
  for index in 0..<count { sums[index] = sums[index] &+ Int32(row[index]) &* weight }
}

/// Starts the sums of a row.
func startSums(_ sums: UnsafeMutablePointer<Int32>, count: Int) {
  sums.update(repeating: half, count: count)
}

/// Ends the sums of a row.
func finishSums(
  _ sums: UnsafePointer<Int32>, count: Int, into output: UnsafeMutablePointer<UInt8>
) {
  for index in 0..<count { output[index] = pixel(sums[index]) }
}

/// Red, green and blue to gray as ITU-R 601 weighs them, with 16 fraction bits: Pillow's "L".
@inline(__always)
func luma(_ pixel: UnsafePointer<UInt8>) -> UInt8 {
  let sum = 19595 &* UInt32(pixel[0]) &+ 38470 &* UInt32(pixel[1]) &+ 7471 &* UInt32(pixel[2]) &+ 0x8000
  return UInt8(truncatingIfNeeded: sum &>> 16)
}
