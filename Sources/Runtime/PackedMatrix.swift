import FirmwareModel
import FixedPoint
import Kernels

/// Weights packed for the kernel, with the bias that takes up the zero points.
struct PackedMatrix {
  let columns: Int
  let depth: Int
  let weightZeroPoint: Int32
  private let panelColumns: Int
  private let panelBytes: Int
  private(set) var weights: UnsafePointer<UInt8>
  private(set) var bias: UnsafePointer<Int32>
  /// No accumulator, whatever the input, reaches 2^30.
  private(set) var isSmall: Bool
  private let hasExtremePairs: Bool

  static func bytes(columns: Int, depth: Int, _ packing: MatrixPacking) -> Int {
    Layout.aligned(packing.bytes(columns: columns, depth: depth)) + vectorBytes(columns)
  }

  /// - Parameters:
  ///   - weights: `columns` rows of `depth` values.
  ///   - bias: A value a column, or nil for none.
  ///   - memory: `bytes(columns:depth:_:)` bytes.
  init(
    _ weights: UnsafePointer<Int8>, bias: UnsafePointer<Int32>?, columns: Int, depth: Int,
    inputZeroPoint: Int32, weightZeroPoint: Int32, _ packing: MatrixPacking,
    memory: UnsafeMutableRawPointer
  ) {
    self.columns = columns
    self.depth = depth
    self.weightZeroPoint = weightZeroPoint
    panelColumns = packing.panelColumns
    panelBytes = packing.panelBytes(depth: depth)
    let packed = memory.assumingMemoryBound(to: UInt8.self)
    hasExtremePairs = packing.pack(weights, columns: columns, depth: depth, into: packed)
    let total = (memory + Layout.aligned(packing.bytes(columns: columns, depth: depth)))
      .assumingMemoryBound(to: Int32.self)
    var small = true
    for column in 0..<columns {
      let (sum, magnitude) = PackedMatrix.sums(
        weights + column * depth, depth, weightZeroPoint: weightZeroPoint)
      let offset = bias.map { $0[column] } ?? 0
      total[column] = offset &- inputZeroPoint &* sum
      if magnitude * 255 + Int64(offset.magnitude) >= 1 << 30 { small = false }
    }
    self.weights = UnsafePointer(packed)
    self.bias = UnsafePointer(total)
    isSmall = small
  }

  /// Σ (w − z) and Σ |w − z| over one column.
  private static func sums(
    _ weights: UnsafePointer<Int8>, _ depth: Int, weightZeroPoint: Int32
  ) -> (Int32, Int64) {
    var sum: Int32 = 0
    var magnitude: Int64 = 0
    var start = 0
    while start < depth {
      // A block's magnitudes, at most 255 each, fit 32 bits.
      let end = min(start &+ 4096, depth)
      var blockMagnitude: Int32 = 0
      for index in start..<end {
        let weight = Int32(weights[index]) &- weightZeroPoint
        sum = sum &+ weight
        blockMagnitude = blockMagnitude &+ max(weight, 0 &- weight)
      }
      magnitude &+= Int64(blockMagnitude)
      start = end
    }
    return (sum, magnitude)
  }

  /// The product of some rows with some columns, of which the first is a multiple of the panel's.
  func product(
    _ rows: UnsafePointer<Int8>, stride: Int, count: Int, columns range: Range<Int>,
    scratch: UnsafeMutableRawPointer
  ) -> MatrixMultiply {
    // Divisions are slow, and most products are of all columns.
    let start = range.lowerBound == 0 ? 0 : range.lowerBound / panelColumns * panelBytes
    return MatrixMultiply(
      rows: rows, rowStride: stride, rowCount: count, depth: depth, weights: weights + start,
      columns: range.count,
      weightZeroPoint: weightZeroPoint, hasExtremePairs: hasExtremePairs, scratch: scratch)
  }
}

/// The multipliers of an operator's output channels, in memory that vector kernels can read.
struct OutputMultipliers {
  private(set) var mantissas: UnsafePointer<Int32>
  private(set) var exponents: UnsafePointer<Int32>
  /// Every exponent lies in −22 ... −1, and no mantissa is negative.
  private(set) var arePlain: Bool

  static func bytes(_ columns: Int) -> Int { 2 * vectorBytes(columns) }

  init(
    mantissas: UnsafePointer<Int32>, exponents: UnsafePointer<Int32>, columns: Int,
    memory: UnsafeMutableRawPointer
  ) {
    let first = memory.assumingMemoryBound(to: Int32.self)
    let second = (memory + vectorBytes(columns)).assumingMemoryBound(to: Int32.self)
    var plain = true
    for column in 0..<columns {
      first[column] = mantissas[column]
      second[column] = exponents[column]
      if exponents[column] < -22 || exponents[column] > -1 || mantissas[column] < 0 { plain = false }
    }
    self.mantissas = UnsafePointer(first)
    self.exponents = UnsafePointer(second)
    arePlain = plain
  }
}

extension OperatorReader {
  /// The multipliers of `columns` output channels: a tensor of mantissas, one of exponents, both checked.
  mutating func multipliers(columns: Int) throws(ModelError) -> (mantissas: Int, exponents: Int) {
    let mantissas = try int32Constant(count: columns)
    let exponents = try int32Constant(count: columns)
    let values = model.constant(exponents).assumingMemoryBound(to: Int32.self)
    for column in 0..<columns {
      guard QuantizedMultiplier.exponents.contains(values[column]) else {
        throw error("exponents in -31...30", Int(values[column]))
      }
    }
    return (mantissas, exponents)
  }

  /// A multiplier among the parameters.
  mutating func multiplier() throws(ModelError) -> QuantizedMultiplier {
    let mantissa = try int32("a multiplier's mantissa")
    let exponent = try parameter(-31...30, "an exponent in -31...30")
    return QuantizedMultiplier(mantissa: mantissa, exponent: Int32(exponent))
  }
}
