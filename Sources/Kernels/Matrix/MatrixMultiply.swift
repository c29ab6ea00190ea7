/// One product of int8 rows with packed weights:
/// `accumulator[r, c] = Σ_k row[r, k] · weight[c, k] − weightZeroPoint · Σ_k row[r, k]`.
public struct MatrixMultiply {
  /// First row; successive rows are `rowStride` bytes apart. Kernels may read up to 64 bytes beyond a row's end.
  public var rows: UnsafePointer<Int8>
  public var rowStride: Int
  public var rowCount: Int
  public var depth: Int
  /// Packed weights of the first column; the layout is the kernel's own (`MatrixPacking`).
  public var weights: UnsafePointer<UInt8>
  /// The number of columns; a kernel is given whole panels, except for the last.
  public var columns: Int
  public var weightZeroPoint: Int32
  /// Two of a column's weights whose products a kernel adds in 16 bits may both be −128. Their sum fits but where both
  /// products are (−128)². Found when the weights are packed; kernels that add in 32 bits need not care.
  public var hasExtremePairs: Bool
  /// The kernel's scratch: `MatrixKernel.scratchBytes(depth:)` bytes.
  public var scratch: UnsafeMutableRawPointer

  public init(
    rows: UnsafePointer<Int8>, rowStride: Int, rowCount: Int, depth: Int,
    weights: UnsafePointer<UInt8>, columns: Int, weightZeroPoint: Int32,
    hasExtremePairs: Bool, scratch: UnsafeMutableRawPointer
  ) {
    self.rows = rows
    self.rowStride = rowStride
    self.rowCount = rowCount
    self.depth = depth
    self.weights = weights
    self.columns = columns
    self.weightZeroPoint = weightZeroPoint
    self.hasExtremePairs = hasExtremePairs
    self.scratch = scratch
  }
}

/// The matrix kernels of one instruction set.
public struct MatrixKernel {
  public var packing: MatrixPacking
  /// Rows that the kernel takes at a time; work is split between threads at multiples of it.
  public var rowBlock: Int
  /// Scratch bytes for a depth.
  public var scratchBytes: (_ depth: Int) -> Int
  /// Requantised outputs, rows `outputStride` bytes apart.
  public var multiply:
    (
      _ product: MatrixMultiply, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int
    ) -> Void
  /// Accumulators without bias, rows `outputStride` elements apart. `output` has room for whole panels.
  public var accumulate:
    (_ product: MatrixMultiply, _ output: UnsafeMutablePointer<Int32>, _ outputStride: Int) -> Void

  public init(
    packing: MatrixPacking, rowBlock: Int, scratchBytes: @escaping (Int) -> Int,
    multiply:
      @escaping (
        MatrixMultiply, Requantization, UnsafeMutablePointer<Int8>, Int
      ) -> Void,
    accumulate: @escaping (MatrixMultiply, UnsafeMutablePointer<Int32>, Int) -> Void
  ) {
    self.packing = packing
    self.rowBlock = rowBlock
    self.scratchBytes = scratchBytes
    self.multiply = multiply
    self.accumulate = accumulate
  }

  /// The definition: weights unpacked, one product at a time.
  public static var scalar: MatrixKernel {
    MatrixKernel(
      packing: MatrixPacking(panelColumns: 1, depthGroup: 1), rowBlock: 1, scratchBytes: { _ in 0 },
      multiply: multiplyScalar, accumulate: accumulateScalar)
  }
}

private func multiplyScalar(
  _ product: MatrixMultiply, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>,
  _ outputStride: Int
) {
  for row in 0..<product.rowCount {
    let sum = product.weightZeroPoint == 0 ? 0 : product.rowSum(row)
    for column in 0..<product.columns {
      let accumulator = product.dotProduct(row, column) &- product.weightZeroPoint &* sum
      output[row &* outputStride &+ column] = requantization.output(accumulator, column: column)
    }
  }
}

private func accumulateScalar(
  _ product: MatrixMultiply, _ output: UnsafeMutablePointer<Int32>, _ outputStride: Int
) {
  for row in 0..<product.rowCount {
    let sum = product.weightZeroPoint == 0 ? 0 : product.rowSum(row)
    for column in 0..<product.columns {
      output[row &* outputStride &+ column] =
        product.dotProduct(row, column) &- product.weightZeroPoint &* sum
    }
  }
}

extension MatrixMultiply {
  /// Σ_k of one row.
  @inline(__always)
  public func rowSum(_ row: Int) -> Int32 {
    let values = rows + row &* rowStride
    var sum: Int32 = 0
    for index in 0..<depth { sum = sum &+ Int32(values[index]) }
    return sum
  }

  /// The product of a row with a column of canonical weights.
  @inline(__always)
  fileprivate func dotProduct(_ row: Int, _ column: Int) -> Int32 {
    let values = rows + row &* rowStride
    let weights = UnsafeRawPointer(self.weights + column &* depth).assumingMemoryBound(to: Int8.self)
    var sum: Int32 = 0
    for index in 0..<depth { sum = sum &+ Int32(values[index]) &* Int32(weights[index]) }
    return sum
  }
}
