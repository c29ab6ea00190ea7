import FixedPoint
import Kernels
import TestSupport
import Testing

@testable import Training

/// A parameter's step in plain words: numbers without bounds, a loop for each formula.
private struct PlainParameter {
  let fractionBits: Int32
  let isStochastic: Bool
  var masters: [Int128]
  var momentum: [Int128]
  var units: [Int128]
  let columns: Int
  var scale: Int128 = 0

  /// The step against a gradient; what `deltas` gives is 2^−fractionBits.
  mutating func deltas(
    _ gradient: [Int32], exponent: Int32, stepSize: Int32, key: UInt32
  ) -> [Int128]? {
    var shift: Int32 = 0
    while gradient.contains(where: { Int64($0).magnitude >> UInt64(shift) >= 1 << 15 }) { shift += 1 }
    var squares: Int128 = 0
    for value in gradient {
      let rounded = nearest(Int128(value), byPower: shift)
      squares += rounded * rounded
    }
    let mean = squares / Int128(gradient.count)
    var root: Int128 = 0
    while (root + 1) * (root + 1) <= mean { root += 1 }
    let up = 40 - exponent + shift
    let current = up >= 0 ? root << Int128(up) : root >> Int128(-up)
    scale = scale == 0 ? current : scale + ((current - scale) >> 3)
    if scale == 0 { return nil }
    var length: Int32 = 0
    while scale >> Int128(length) > 0 { length += 1 }
    let top = length > 31 ? scale >> Int128(length - 31) : scale << Int128(31 - length)
    let multiplier = (Int128(1) << 61) / top
    return gradient.indices.map { index in
      let normalized = min(
        max(nearest(Int128(gradient[index]) * multiplier, byPower: length + exponent - 20), -32767), 32767)
      momentum[index] += nearest(normalized - momentum[index], byPower: 3)
      let product = momentum[index] * Int128(stepSize) * units[index / columns]
      return isStochastic
        ? stochastic(product, byPower: 26 - fractionBits, random: counterHash(UInt32(index), key: key))
        : nearest(product, byPower: 26 - fractionBits)
    }
  }

  mutating func step(_ gradient: [Int32], exponent: Int32, stepSize: Int32, key: UInt32) {
    guard let deltas = deltas(gradient, exponent: exponent, stepSize: stepSize, key: key) else { return }
    let limit = (Int128(127) << Int128(fractionBits)) + (Int128(1) << Int128(fractionBits - 1)) - 1
    for index in masters.indices { masters[index] = min(max(masters[index] - deltas[index], -limit), limit) }
  }

  func weight(_ index: Int) -> Int128 { min(max(nearest(masters[index], byPower: fractionBits), -127), 127) }
}

private func key(seed: UInt64, step: UInt64, number: UInt64) -> UInt32 {
  UInt32((seed * 0x51ED_270B + step * 0x2545_F491 + number * 0x6C8E_9CF5) % (1 << 32))
}

/// Gradients of a run: usual ones, none at all, one value alone, the largest there are; exponents of all kinds.
private func gradients(_ count: Int, _ random: inout Generator) -> [(values: [Int32], exponent: Int32)] {
  var runs: [(values: [Int32], exponent: Int32)] = []
  for step in 0..<24 {
    let bits = Int32.random(in: 0...31, using: &random)
    var values = (0..<count).map { _ in Int32.random(in: .min ... .max, using: &random) >> bits }
    switch step {
    case 0, 9: values = values.map { _ in 0 }
    case 4: values = values.indices.map { $0 == 3 ? Int32.max : 0 }
    case 5: values = values.map { _ in Int32.min }
    default: break
    }
    runs.append((values, Int32.random(in: 18...45, using: &random)))
  }
  return runs
}

private func checkSteps<Master: MasterWeight>(_ type: Master.Type, stepSize: Int32) {
  var random = Generator(seed: 21)
  let (rows, columns) = (5, 13)
  let count = rows * columns
  let memory = TestMemory(TrainableParameter<Master>.byteCount(rowCount: rows, columns: columns))
  var parameter = TrainableParameter<Master>(
    memory: memory.address, rowCount: rows, columns: columns, number: 12)
  var initial = (0..<count).map { _ in Int8.random(in: -127...127, using: &random) }
  for column in 0..<columns { initial[column] = 0 }
  parameter.start(from: initial)
  var plain = PlainParameter(
    fractionBits: Master.fractionBits, isStochastic: Master.isStochastic,
    masters: initial.map { Int128($0) << Int128(Master.fractionBits) },
    momentum: initial.map { _ in 0 }, units: [], columns: columns)
  for row in 0..<rows {
    let squares = (0..<columns).reduce(0) {
      $0 + Int(initial[row * columns + $1]) * Int(initial[row * columns + $1])
    }
    var unit = 0
    while (unit + 1) * (unit + 1) <= squares / columns { unit += 1 }
    plain.units.append(Int128(max(unit, 1)))
  }
  for (step, gradient) in gradients(count, &random).enumerated() {
    let largest = gradient.values.withUnsafeBufferPointer {
      parameter.update(
        Gradient(values: $0.baseAddress!, exponent: gradient.exponent),
        StepContext(kernels: .scalar, seed: 0xFFFF_FFF1, step: step, stepSize: stepSize))
    }
    plain.step(
      gradient.values, exponent: gradient.exponent, stepSize: stepSize,
      key: key(seed: 0xFFFF_FFF1, step: UInt64(step), number: 12))
    #expect(Int128(parameter.scale.value) == plain.scale, "step \(step)")
    for index in 0..<count {
      #expect(Int128(parameter.momentum[index]) == plain.momentum[index], "step \(step), \(index)")
      #expect(Int128(parameter.masters[index]) == plain.masters[index], "step \(step), \(index)")
      #expect(Int128(parameter.weights[index]) == plain.weight(index), "step \(step), \(index)")
    }
    if plain.scale != 0 { #expect(Int128(largest) == plain.masters.map { abs($0) }.max()!) }
  }
}

@Test(arguments: [Int32(590), 65535]) func stepsOfNarrowMasters(stepSize: Int32) {
  checkSteps(Int16.self, stepSize: stepSize)
}
@Test(arguments: [Int32(590), 65535]) func stepsOfWideMasters(stepSize: Int32) {
  checkSteps(Int32.self, stepSize: stepSize)
}

/// Rows taken apart, in another order, make the same weights.
@Test func stepsOfRowsAreIndependent() {
  var random = Generator(seed: 22)
  let (rows, columns) = (7, 9)
  let bytes = TrainableParameter<Int16>.byteCount(rowCount: rows, columns: columns)
  let (memory, other) = (TestMemory(bytes), TestMemory(bytes))
  var whole = TrainableParameter<Int16>(memory: memory.address, rowCount: rows, columns: columns, number: 3)
  var parts = TrainableParameter<Int16>(memory: other.address, rowCount: rows, columns: columns, number: 3)
  let initial = (0..<rows * columns).map { _ in Int8.random(in: -100...100, using: &random) }
  whole.start(from: initial)
  parts.start(from: initial)
  let values = initial.map { _ in Int32.random(in: -9999...9999, using: &random) }
  let context = StepContext(kernels: .scalar, seed: 5, step: 1, stepSize: 60000)
  values.withUnsafeBufferPointer { buffer in
    let gradient = Gradient(values: buffer.baseAddress!, exponent: 20)
    whole.update(gradient, context)
    let normalization = parts.scale.normalization(of: gradient, count: rows * columns, kernels: .scalar)!
    for range in [5..<7, 0..<2, 2..<5] {
      var part = gradient
      part.values += range.lowerBound * columns
      _ = parts.update(rows: range, part, normalization, context)
    }
  }
  for index in 0..<rows * columns { #expect(whole.masters[index] == parts.masters[index]) }
}

@Test(arguments: [false, true], [Int32(0), 4]) func stepsOfBiases(isStochastic: Bool, fractionBits: Int32) {
  var random = Generator(seed: 23)
  let count = 11
  let memory = TestMemory(TrainableBias.byteCount(count: count))
  var bias = TrainableBias(memory: memory.address, count: count, number: 13, fractionBits: fractionBits)
  var plain = PlainParameter(
    fractionBits: 8, isStochastic: isStochastic, masters: [], momentum: Array(repeating: 0, count: count),
    units: [], columns: 1)
  var values: [Int128] = []
  for index in 0..<count {
    bias.values[index] = Int32.random(in: -(1 << 30)...1 << 30, using: &random)
    bias.units[index] = index == 0 ? 1 << 24 : Int32.random(in: 1...1 << 20, using: &random)
    values.append(Int128(bias.values[index]))
    plain.units.append(Int128(bias.units[index]))
  }
  bias.start()
  for (step, gradient) in gradients(count, &random).enumerated() {
    gradient.values.withUnsafeBufferPointer {
      bias.update(
        Gradient(values: $0.baseAddress!, exponent: gradient.exponent), isStochastic: isStochastic,
        StepContext(kernels: .scalar, seed: 7, step: step, stepSize: 30000))
    }
    let deltas = plain.deltas(
      gradient.values, exponent: gradient.exponent, stepSize: 30000,
      key: key(seed: 7, step: UInt64(step), number: 13))
    for index in 0..<count {
      if let deltas { values[index] += nearest(-deltas[index], byPower: 8 + fractionBits) }
      values[index] = min(max(values[index], -(1 << 30)), 1 << 30)
      #expect(Int128(bias.values[index]) == values[index], "step \(step), \(index)")
    }
  }
}

/// Weights and biases of a layer draw random words of their own, and lie apart in its memory.
@Test func layersAreNumberedAndLaidOut() {
  var shape = ConvolutionShape(inputChannels: 6, outputChannels: 4)
  shape.groups = 2
  let scaleMemory = TestMemory(WeightScales.byteCount(count: 4))
  let backward = ConvolutionBackward(
    shape: shape, scales: WeightScales(memory: scaleMemory.address, count: 4),
    outputGrid: PatchGrid(height: 1, width: 1, patch: 1))
  let bytes = TrainableConvolution<Int16>.byteCount(shape)
  let memory = TestMemory(bytes)
  let layer = TrainableConvolution<Int16>(backward, memory: memory.address, number: 12)
  #expect(layer.parameter.number == 12 && layer.bias.number == 13)
  #expect(layer.parameter.rowCount == 4 && layer.parameter.columns == 3)
  func offset(_ pointer: UnsafeMutableRawPointer) -> Int { pointer - memory.address }
  let ends = [
    (offset(layer.parameter.masters), 24), (offset(layer.parameter.momentum), 24),
    (offset(layer.parameter.weights), 12), (offset(layer.parameter.units), 16),
    (offset(layer.bias.values), 16), (offset(layer.bias.units), 16), (offset(layer.bias.momentum), 8),
  ].sorted { $0.0 < $1.0 }
  for (part, next) in zip(ends, ends.dropFirst()) { #expect(part.0 + part.1 <= next.0) }
  #expect(ends.allSatisfy { $0.0 % 64 == 0 && $0.0 >= 0 && $0.0 + $0.1 <= bytes })
}

/// 16 / multiplier to the nearest, within 1...2^24.
@Test func unitsOfBiases() {
  for exponent in QuantizedMultiplier.exponents {
    for mantissa: Int32 in [1 << 30, .max, 1_518_500_250, 1_234_567_890] {
      let unit = TrainableBias.unit(of: QuantizedMultiplier(mantissa: mantissa, exponent: exponent))
      let exact = (Int128(1) << Int128(35 - exponent) + Int128(mantissa) / 2) / Int128(mantissa)
      #expect(Int128(unit) == min(max(exact, 1), 1 << 24), "\(exponent) \(mantissa)")
    }
  }
}

@Test func stepSizesFallInALine() {
  let schedule = StepSchedule(total: 7)
  #expect((0...7).map { schedule.stepSize(590, at: $0) } == [590, 505, 421, 337, 252, 168, 84, 0])
  #expect(StepSchedule(total: 1_000_000).stepSize(65535, at: 1) == 65534)
}
