import Kernels

/// Accumulators, mantissas and exponents at which roundings, shifts and saturations change their course.
///
/// Inputs are zero, so that a column's accumulator is its bias.
struct RequantizationSweep {
  private let bias: GuardedMemory<Int32>
  private let mantissas: GuardedMemory<Int32>
  private let exponents: GuardedMemory<Int32>
  let columns: Int
  let isPlain: Bool

  init(isPlain: Bool) {
    var random = RandomNumbers(seed: 7)
    var values: [Int32] = [Int32.min, Int32.max]
    for bit in 0..<31 {
      for offset in -1...1 {
        values.append(Int32(1) << Int32(bit) &+ Int32(offset))
        values.append(0 &- Int32(1) << Int32(bit) &+ Int32(offset))
      }
      values.append(random.int32() >> Int32(bit))
    }
    var factors: [Int32] = [Int32.min, Int32.min + 1, -1, 0, 1, 1 << 30, 1 << 30 + 1, Int32.max]
    for _ in 0..<4 { factors.append(random.int32()) }
    if isPlain {
      values = values.filter { $0.magnitude < 1 << 30 }
      factors = factors.filter { $0 >= 0 }
    }
    let shifts: [Int32] = isPlain ? Array(-22 ... -1) : Array(-31...30)
    columns = values.count * factors.count * shifts.count
    self.isPlain = isPlain
    // Bias innermost, so that one vector holds several.
    var all: (bias: [Int32], mantissas: [Int32], exponents: [Int32]) = ([], [], [])
    for shift in shifts {
      for factor in factors {
        all.bias += values
        all.mantissas += [Int32](repeating: factor, count: values.count)
        all.exponents += [Int32](repeating: shift, count: values.count)
      }
    }
    let slack = [Int32](repeating: isPlain ? -1 : 0, count: 16)
    bias = GuardedMemory(all.bias + slack)
    mantissas = GuardedMemory(all.mantissas + slack)
    exponents = GuardedMemory(all.exponents + slack)
  }

  func requantization(zeroPoint: Int32) -> Requantization {
    Requantization(
      bias: bias.constant, mantissas: mantissas.constant, exponents: exponents.constant,
      zeroPoint: zeroPoint, low: -128, high: 127, isPlain: isPlain)
  }

  /// By definition.
  func expected(zeroPoint: Int32) -> [Int8] {
    let requantization = requantization(zeroPoint: zeroPoint)
    return (0..<columns).map { requantization.output(0, column: $0) }
  }

  func multiply(_ kernel: MatrixKernel, zeroPoint: Int32) -> [Int8] {
    let inputs = GuardedMemory([Int8](repeating: 0, count: 2), slack: 64)
    let weights = GuardedMemory([Int8](repeating: 0, count: columns))
    let packed = GuardedMemory<UInt8>(count: kernel.packing.bytes(columns: columns, depth: 1))
    let hasExtremePairs = kernel.packing.pack(
      weights.constant, columns: columns, depth: 1, into: packed.start)
    let scratch = GuardedMemory<UInt8>(count: kernel.scratchBytes(1))
    let output = GuardedMemory<Int8>(count: 2 * columns)
    kernel.multiply(
      MatrixMultiply(
        rows: inputs.constant, rowStride: 1, rowCount: 2, depth: 1, weights: packed.constant,
        columns: columns, weightZeroPoint: 0, hasExtremePairs: hasExtremePairs,
        scratch: UnsafeMutableRawPointer(scratch.start)),
      requantization(zeroPoint: zeroPoint), output.start, columns)
    return output.values
  }

  func convolve(_ kernel: DepthwiseKernel, zeroPoint: Int32) -> [Int8] {
    let inputs = GuardedMemory([Int8](repeating: 0, count: columns), slack: 64)
    let weights = GuardedMemory([Int8](repeating: 0, count: columns))
    let shape = DepthwiseShape(height: 1, width: 1, channels: columns)
    let packed = GuardedMemory<Int16>(count: kernel.packedCount(shape))
    kernel.pack(weights.constant, 0, shape, packed.start)
    let output = GuardedMemory<Int8>(count: columns)
    withUnsafePointer(to: inputs.constant) { rows in
      kernel.convolve(
        DepthwiseRow(
          rows: rows, rowStep: 1, kernelHeight: 1, kernelWidth: 1, stride: 1, dilation: 1,
          channels: columns, outputWidth: 1, weights: packed.constant),
        requantization(zeroPoint: zeroPoint), output.start)
    }
    return output.values
  }
}

struct RequantizationTests {
  func sweep(isPlain: Bool) {
    let sweep = RequantizationSweep(isPlain: isPlain)
    for zeroPoint: Int32 in [0, -128, 127] {
      let expected = sweep.expected(zeroPoint: zeroPoint)
      let context = "requantisation, plain \(isPlain), zero point \(zeroPoint)"
      for (name, kernels) in testedSets {
        expect(
          sweep.multiply(kernels.matrix, zeroPoint: zeroPoint), equals: expected + expected,
          intact: true, name, "\(context), matrix")
        expect(
          sweep.convolve(kernels.depthwise, zeroPoint: zeroPoint), equals: expected, intact: true,
          name, "\(context), depthwise")
      }
    }
  }
}
