import Kernels

/// One product of rows and weights.
struct MatrixCase: CustomStringConvertible {
  var rows: Int
  var depth: Int
  var columns: Int
  var rowGap: Int
  var outputGap: Int
  var weightZeroPoint: Int32
  var isPlain: Bool
  var seed: Int

  var description: String {
    "matrix of \(rows) rows, \(depth) deep, \(columns) columns, row gap \(rowGap), output gap "
      + "\(outputGap), weight zero point \(weightZeroPoint), plain \(isPlain), seed \(seed)"
  }

  /// Every remainder of rows and columns with depths, zero points and multipliers of every kind.
  static var all: [MatrixCase] {
    var random = RandomNumbers(seed: 1)
    let depths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 27, 31, 32, 33, 63, 64, 65, 130]
    var cases: [MatrixCase] = []
    for rows in Array(1...14) + [23] {
      for columns in Array(1...18) + [24, 31, 32, 33, 40, 47] {
        cases.append(
          MatrixCase(
            rows: rows, depth: depths[cases.count % depths.count], columns: columns,
            rowGap: random.bool() ? 0 : 5, outputGap: random.bool() ? 0 : 7,
            weightZeroPoint: random.bool() ? 0 : Int32(random.int(-128...127)),
            isPlain: random.bool(), seed: cases.count))
      }
    }
    // More rows than kernels stage at a time.
    for (rows, depth, columns) in [(67, 64, 40), (80, 700, 24), (140, 27, 9), (25, 2000, 17)] {
      for isPlain in [false, true] {
        cases.append(
          MatrixCase(
            rows: rows, depth: depth, columns: columns, rowGap: 0, outputGap: 0,
            weightZeroPoint: random.bool() ? 0 : 3, isPlain: isPlain, seed: cases.count))
      }
    }
    return cases
  }

  /// The output of one set's kernel, with the gaps between rows.
  func multiply(_ kernel: MatrixKernel) -> (values: [Int8], isIntact: Bool) {
    run(kernel) { product, requantization in
      let stride = columns + outputGap
      let output = GuardedMemory<Int8>(count: rows * stride)
      kernel.multiply(product, requantization, output.start, stride)
      return (output.values, output.isIntact)
    }
  }

  /// Accumulators; whole panels are written, of which the matrix's columns count.
  func accumulate(_ kernel: MatrixKernel) -> (values: [Int32], isIntact: Bool) {
    run(kernel) { product, _ in
      let stride = kernel.packing.panels(columns: columns) * kernel.packing.panelColumns
      let output = GuardedMemory<Int32>(count: rows * stride)
      kernel.accumulate(product, output.start, stride)
      let values = output.values
      return (
        (0..<rows).flatMap { values[$0 * stride..<$0 * stride + columns] }, output.isIntact
      )
    }
  }

  private func run<Result>(
    _ kernel: MatrixKernel, _ body: (MatrixMultiply, Requantization) -> Result
  ) -> Result {
    var random = RandomNumbers(seed: seed + 1000)
    let stride = depth + rowGap
    let inputs = GuardedMemory(random.bytes(rows * stride), slack: 64)
    let weights = GuardedMemory(random.bytes(columns * depth))
    let requantization = RequantizationCase(
      &random, columns: columns, largestAccumulator: depth * 128 * 255, isPlain: isPlain)
    let packed = GuardedMemory<UInt8>(count: kernel.packing.bytes(columns: columns, depth: depth))
    let hasExtremePairs = kernel.packing.pack(
      weights.constant, columns: columns, depth: depth, into: packed.start)
    let scratch = GuardedMemory<UInt8>(count: kernel.scratchBytes(depth))
    let result = body(
      MatrixMultiply(
        rows: inputs.constant, rowStride: stride, rowCount: rows, depth: depth,
        weights: packed.constant, columns: columns, weightZeroPoint: weightZeroPoint,
        hasExtremePairs: hasExtremePairs, scratch: UnsafeMutableRawPointer(scratch.start)),
      requantization.requantization)
    check(packed.isIntact && scratch.isIntact, "\(self): wrote beyond its scratch")
    return result
  }
}

struct MatrixTests {
  func multiply() {
    for item in MatrixCase.all {
      let expected = item.multiply(.scalar).values
      for (name, kernels) in testedSets {
        let (actual, isIntact) = item.multiply(kernels.matrix)
        expect(actual, equals: expected, intact: isIntact, name, "\(item)")
      }
    }
  }

  func accumulate() {
    for item in MatrixCase.all {
      let expected = item.accumulate(.scalar).values
      for (name, kernels) in testedSets {
        let (actual, isIntact) = item.accumulate(kernels.matrix)
        expect(actual, equals: expected, intact: isIntact, name, "\(item)")
      }
    }
  }
}
