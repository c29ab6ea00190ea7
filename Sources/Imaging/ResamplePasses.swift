/// The two passes of a resize, one row at a time. Sums start at a half and have 22 fraction bits; both
/// passes end in 8 bits.

/// One half, with the fraction bits of the weights.
private let half: Int32 = 1 << (ResampleAxis.fractionBits - 1)

@inline(__always)
private func pixel(_ sum: Int32) -> UInt8 {
  // Rounded weights may add up to a little more than 1.
  UInt8(truncatingIfNeeded: min(max(sum &>> ResampleAxis.fractionBits, 0), 255))
}

// MARK: - Along a row

/// Resamples one row along itself.
///
/// - Parameters:
///   - row: The source's pixel `base` and those after it that `axis` needs, with `PixelRow.padding`.
///   - sums: Room for a value of the result each, and one more.
///   - output: Pixels of the part of the result that `axis` is for.
func resampleAlong(
  _ row: UnsafePointer<UInt8>, base: Int, channels: Int, _ axis: borrowing ResampleAxis,
  _ sums: UnsafeMutablePointer<Int32>, into output: UnsafeMutablePointer<UInt8>
) {
  let (starts, weights, count) = (axis.starts, axis.weights, axis.key.count)
  // Loops of a known number of turns are unrolled.
  if channels == 1 {
    switch axis.taps {
    case 2: resampleGray(row, base, starts, weights, 2, count, sums)
    case 3: resampleGray(row, base, starts, weights, 3, count, sums)
    case 4: resampleGray(row, base, starts, weights, 4, count, sums)
    case 5: resampleGray(row, base, starts, weights, 5, count, sums)
    default: resampleGray(row, base, starts, weights, axis.taps, count, sums)
    }
  } else {
    switch axis.taps {
    case 2: resampleColor(row, base, starts, weights, 2, count, sums)
    case 3: resampleColor(row, base, starts, weights, 3, count, sums)
    case 4: resampleColor(row, base, starts, weights, 4, count, sums)
    case 5: resampleColor(row, base, starts, weights, 5, count, sums)
    default: resampleColor(row, base, starts, weights, axis.taps, count, sums)
    }
  }
  finishSums(sums, count: count * channels, into: output)
}

@inline(__always)
private func resampleGray(
  _ row: UnsafePointer<UInt8>, _ base: Int, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>,
  _ taps: Int, _ count: Int, _ sums: UnsafeMutablePointer<Int32>
) {
  var share = weights
  for column in 0..<count {
    let source = row + (Int(starts[column]) &- base)
    var sum = half
    for tap in 0..<taps { sum = sum &+ Int32(source[tap]) &* share[tap] }
    sums[column] = sum
    share += taps
  }
}

@inline(__always)
private func resampleColor(
  _ row: UnsafePointer<UInt8>, _ base: Int, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>,
  _ taps: Int, _ count: Int, _ sums: UnsafeMutablePointer<Int32>
) {
  var share = weights
  for column in 0..<count {
    let source = UnsafeRawPointer(row + 3 &* (Int(starts[column]) &- base))
    // The fourth is the next pixel's, or the padding; its sum is overwritten.
    var sum = SIMD4<Int32>(repeating: half)
    for tap in 0..<taps {
      let bytes = source.loadUnaligned(fromByteOffset: 3 &* tap, as: SIMD4<UInt8>.self)
      sum = sum &+ SIMD4<Int32>(truncatingIfNeeded: bytes) &* SIMD4<Int32>(repeating: share[tap])
    }
    UnsafeMutableRawPointer(sums + 3 &* column).storeBytes(of: sum, as: SIMD4<Int32>.self)
    share += taps
  }
}

// MARK: - Across rows

/// Begins the sums of a row of the result with the first of its source rows, weighted.
func startSums(
  _ sums: UnsafeMutablePointer<Int32>, with row: UnsafePointer<UInt8>, weight: Int32, count: Int
) {
  for index in 0..<count { sums[index] = half &+ Int32(row[index]) &* weight }
}

/// Adds another one.
func addToSums(
  _ sums: UnsafeMutablePointer<Int32>, _ row: UnsafePointer<UInt8>, weight: Int32, count: Int
) {
  for index in 0..<count { sums[index] = sums[index] &+ Int32(row[index]) &* weight }
}

/// Ends the sums of a row of the result.
func finishSums(
  _ sums: UnsafePointer<Int32>, count: Int, into output: UnsafeMutablePointer<UInt8>
) {
  for index in 0..<count { output[index] = pixel(sums[index]) }
}
