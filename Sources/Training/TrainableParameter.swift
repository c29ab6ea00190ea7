import FixedPoint
import Kernels

/// The weights of a layer while they are trained: masters, momentum, and the int8 weights in use.
///
/// Rows are outputs of the layer, each with its own scale; a row's columns lie as kernel row, kernel column, input. The
/// scales stay: weights move in their own last bits, and are limited to ±127.
public struct TrainableParameter<Master: MasterWeight>: ~Copyable {
  /// Sets the parameter's random words apart from those of others.
  public let number: UInt32
  public let rowCount: Int
  public let columns: Int
  public let masters: UnsafeMutablePointer<Master>
  /// Q10, of the normalised gradient.
  public let momentum: UnsafeMutablePointer<Int16>
  public let weights: UnsafeMutablePointer<Int8>
  /// For each row the unit of its steps: the root mean square of its weights at the start, at least 1.
  public let units: UnsafeMutablePointer<Int32>
  public var scale = RunningScale()

  /// - Parameter ownsWeights: False where the weights in use lie elsewhere.
  public static func byteCount(rowCount: Int, columns: Int, ownsWeights: Bool = true) -> Int {
    let count = rowCount * columns
    return alignedBytes(count, of: Master.self) + alignedBytes(count, of: Int16.self)
      + (ownsWeights ? alignedBytes(count, of: Int8.self) : 0) + alignedBytes(rowCount, of: Int32.self)
  }

  /// - Parameters:
  ///   - memory: `byteCount` bytes, aligned to 64.
  ///   - weights: The weights in use, where they lie elsewhere.
  public init(
    memory: UnsafeMutableRawPointer, rowCount: Int, columns: Int, number: UInt32,
    weights: UnsafeMutablePointer<Int8>? = nil
  ) {
    var parts = MemoryParts(memory)
    let count = rowCount * columns
    masters = parts.take(count, of: Master.self)
    momentum = parts.take(count, of: Int16.self)
    self.weights = weights ?? parts.take(count, of: Int8.self)
    units = parts.take(rowCount, of: Int32.self)
    self.rowCount = rowCount
    self.columns = columns
    self.number = number
  }

  public var count: Int { rowCount * columns }

  /// Begins with the weights that `weights` holds.
  public mutating func start() {
    for row in 0..<rowCount {
      var sum: UInt64 = 0
      for index in row * columns..<(row + 1) * columns {
        let weight = Int32(weights[index])
        masters[index] = Master(truncatingIfNeeded: weight &<< Master.fractionBits)
        sum += UInt64(weight.magnitude) &* UInt64(weight.magnitude)
      }
      units[row] = max(
        1, Int32(truncatingIfNeeded: squareRoot(sum / UInt64(truncatingIfNeeded: max(columns, 1)))))
    }
    momentum.update(repeating: 0, count: count)
    scale = RunningScale()
  }

  /// Begins with int8 weights, none of which is −128.
  public mutating func start(from initial: UnsafePointer<Int8>) {
    weights.update(from: initial, count: count)
    start()
  }

  /// Makes the weights in use of the masters.
  public func roundMasters() {
    for index in 0..<count { weights[index] = Master.weight(Int32(truncatingIfNeeded: masters[index])) }
  }

  /// One step against a gradient.
  ///
  /// - Returns: The largest magnitude of a master.
  @discardableResult
  public mutating func update(_ gradient: Gradient, _ context: StepContext) -> UInt32 {
    guard
      let normalization = scale.normalization(of: gradient, count: count, kernels: context.kernels)
    else { return 0 }
    return update(rows: 0..<rowCount, gradient, normalization, context)
  }

  /// The step of some rows, which may be taken in any order, or at the same time as others.
  ///
  /// - Parameter gradient: Of these rows.
  public func update(
    rows: Range<Int>, _ gradient: Gradient, _ normalization: GradientNormalization, _ context: StepContext
  ) -> UInt32 {
    let first = rows.lowerBound * columns
    return Master.update(
      ParameterUpdate(
        gradient: gradient.values, momentum: momentum + first, masters: masters + first,
        weights: weights + first, rowCount: rows.count, columns: columns, units: units + rows.lowerBound,
        normalization: normalization, stepSize: context.stepSize, key: context.key(of: number),
        firstIndex: UInt32(truncatingIfNeeded: first)), with: context.kernels)
  }

  /// Halves all weights, halves up, and with them their steps.
  mutating func halve() {
    for index in 0..<count {
      let master = shiftRightHalvesUp(Int32(truncatingIfNeeded: masters[index]), by: 1)
      masters[index] = Master(truncatingIfNeeded: master)
      weights[index] = Master.weight(master)
    }
    for row in 0..<rowCount { units[row] = max(1, units[row] &>> 1) }
  }
}
