import Kernels

/// Weights as kernels of rotated pairs read them.
private struct RotatedPairs {
  let weights: [Int8]
  let depth: Int
  private let packed: [Int8]
  let hasExtremePairs: Bool

  init(_ weights: [Int8], depth: Int) {
    self.weights = weights
    self.depth = depth
    let packing = MatrixPacking.rotatedPairs
    let columns = weights.count / depth
    let memory = GuardedMemory<UInt8>(count: packing.bytes(columns: columns, depth: depth))
    hasExtremePairs = packing.pack(
      GuardedMemory(weights).constant, columns: columns, depth: depth, into: memory.start)
    packed = memory.values.map { Int8(bitPattern: $0) }
    check(memory.isIntact, "packing wrote beyond its memory, depth \(depth)")
  }

  /// The product of a row with a column, vector by vector, as the kernels go about it; and whether the sum of two
  /// products that one lane of 16 bits holds was beyond it.
  func multiply(_ row: [Int8], _ column: Int) -> (sum: Int, overflows: Bool) {
    let padded = MatrixPacking.rotatedPairs.paddedDepth(depth)
    let row = row + [Int8](repeating: 99, count: padded - depth)
    let lane = column % 8 / 2
    var sum = 0
    var overflows = false
    var first = 0
    while first < padded {
      let isWhole = padded - first > 8
      for vector in 0..<(isWhole ? 4 : 2) {
        let start = column / 8 * 8 * padded + 8 * first + 32 * vector + column % 2 * 16 + 2 * lane
        for byte in 0..<2 {
          let pairs =
            isWhole ? [lane + vector, lane + vector + 4] : [lane + 2 * vector, lane + 2 * vector + 1]
          let depths = pairs.map { first + $0 % (isWhole ? 8 : 4) * 2 + byte }
          let products = zip(depths, [start + byte, start + byte + 8]).map { Int(row[$0]) * Int(packed[$1]) }
          overflows = overflows || Int16(exactly: products[0] + products[1]) == nil
          sum += products[0] + products[1]
        }
      }
      first += 16
    }
    return (sum, overflows)
  }
}

struct PackingTests {
  func rotatedPairsMeetTheirDepths() {
    var random = RandomNumbers(seed: 3)
    for depth in 1...50 {
      for columns in [1, 3, 8, 11] {
        let matrix = RotatedPairs(random.bytes(columns * depth), depth: depth)
        let row = random.bytes(depth)
        for column in 0..<columns {
          let expected = (0..<depth).reduce(0) {
            $0 + Int(row[$1]) * Int(matrix.weights[column * depth + $1])
          }
          check(
            matrix.multiply(row, column).sum == expected, "depth \(depth), column \(column) of \(columns)")
        }
      }
    }
  }

  /// Sums in 16 bits overflow only where packing has said that they may, and it does not cry wolf: of sixteen depths
  /// exactly then, of a last eight for some columns needlessly.
  func extremePairsAreFound() {
    let row = [Int8](repeating: -128, count: 40)
    for depth in [8, 16, 24, 40] {
      for first in 0..<depth {
        for second in 0..<depth where second != first {
          var weights = [Int8](repeating: -127, count: 3 * depth)
          weights[depth + first] = -128
          check(!RotatedPairs(weights, depth: depth).hasExtremePairs, "depth \(depth), \(first)")
          weights[depth + second] = -128
          let matrix = RotatedPairs(weights, depth: depth)
          let overflows = (0..<3).contains { matrix.multiply(Array(row[..<depth]), $0).overflows }
          let isNeedless = matrix.hasExtremePairs && !overflows
          check(matrix.hasExtremePairs || !overflows, "depth \(depth), \(first) and \(second)")
          check(
            !isNeedless || min(first, second) >= depth / 16 * 16, "depth \(depth), \(first) and \(second)")
        }
      }
    }
  }
}
