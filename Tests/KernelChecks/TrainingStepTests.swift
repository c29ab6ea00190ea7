import FixedPoint
import Kernels

/// What training does with each sum, each gradient and each weight.
struct TrainingStepTests {
  private static let counts = Array(0...40) + [63, 64, 65, 100, 1000]
  private static let edges: [Int32] = [
    0, 1, -1, 127, -128, 2047, -2047, 2048, 32767, -32768, 1 << 16, .max, .max - 1, .min, .min + 1, 1 << 30,
  ]

  /// Numbers of all lengths, extremes among them.
  private func sums(_ random: inout RandomNumbers, _ count: Int) -> [Int32] {
    (0..<count).map { _ in
      random.int(0...3) == 0
        ? random.element(TrainingStepTests.edges) : random.int32() >> Int32(random.int(0...31))
    }
  }

  func largestMagnitude() {
    var random = RandomNumbers(seed: 61)
    for count in TrainingStepTests.counts {
      for shift in [0, 1, 8, 20] as [Int32] {
        var values = (0..<count).map { _ in random.int32() >> shift }
        // At a place of its own, so that each lane's is the largest some time.
        if count > 0 && random.bool() {
          values[random.int(0...count - 1)] = random.element([Int32.min, Int32.max, Int32.min + 1])
        }
        let memory = GuardedMemory(values)
        let expected = largestMagnitudeScalar(memory.constant, count)
        for (name, kernels) in testedSets {
          let actual = kernels.training.largestMagnitude(memory.constant, count)
          check(actual == expected, "\(name): largest of \(count) is \(actual), by definition \(expected)")
        }
      }
    }
  }

  func sumOfSquares() {
    var random = RandomNumbers(seed: 62)
    for count in TrainingStepTests.counts {
      for shift in [0, 1, 5, 15, 16, 17] as [Int32] {
        // At most 2^15 after the shift, as is promised; rounded up it may be just that.
        let values = (0..<count).map { _ in
          random.int(0...4) == 0
            ? random.element([-1, 1]) * (Int32.max >> max(16 - shift, 0))
            : random.int32() >> max(16 - shift, 0)
        }
        let memory = GuardedMemory(values)
        let expected = sumOfSquaresScalar(memory.constant, count, shift)
        for (name, kernels) in testedSets {
          let actual = kernels.training.sumOfSquares(memory.constant, count, shift)
          check(
            actual == expected,
            "\(name): squares of \(count), shift \(shift), are \(actual), by definition \(expected)")
        }
      }
    }
  }

  func renormalize() {
    var random = RandomNumbers(seed: 63)
    for count in TrainingStepTests.counts {
      for shift in Int32(0)...31 where count < 66 || shift % 5 == 1 {
        let values = GuardedMemory(sums(&random, count))
        for isStochastic in [false, true] {
          let renormalization = Renormalization(
            shift: shift, limit: random.element([2047, 127, 1, 32767]), isStochastic: isStochastic,
            key: UInt32(bitPattern: random.int32()), firstIndex: UInt32(bitPattern: random.int32()))
          let expected = GuardedMemory<Int16>(count: count)
          renormalizeScalar(values.constant, count, renormalization, expected.start)
          for (name, kernels) in testedSets {
            let output = GuardedMemory<Int16>(count: count)
            kernels.training.renormalize(values.constant, count, renormalization, output.start)
            expect(
              output.values, equals: expected.values, intact: output.isIntact, name,
              "mantissas of \(count), \(renormalization)")
          }
        }
        withExtendedLifetime(values) {}
      }
    }
  }

  func addErrors() {
    var random = RandomNumbers(seed: 64)
    let shifts: [(Int32, Int32)] = [
      (0, 0), (1, 0), (0, 1), (3, -2), (-5, 4), (15, 16), (16, 1), (31, 0), (0, 31), (-12, -13), (17, 30),
      (-15, 2),
    ]
    for count in TrainingStepTests.counts {
      for (firstShift, secondShift) in shifts {
        let first = GuardedMemory(mantissas(&random, count))
        let second = GuardedMemory(mantissas(&random, count))
        let sum = ErrorSum(
          first: first.constant, firstShift: firstShift, second: second.constant, secondShift: secondShift,
          count: count)
        let expected = GuardedMemory<Int32>(count: count)
        let largest = addErrorsScalar(sum, expected.start)
        for (name, kernels) in testedSets {
          let output = GuardedMemory<Int32>(count: count)
          let actual = kernels.training.addErrors(sum, output.start)
          let context = "sum of \(count) errors, shifts \(firstShift) and \(secondShift)"
          check(actual == largest, "\(name): \(context): largest is \(actual), by definition \(largest)")
          expect(output.values, equals: expected.values, intact: output.isIntact, name, context)
        }
        withExtendedLifetime((first, second)) {}
      }
    }
  }

  private func mantissas(_ random: inout RandomNumbers, _ count: Int) -> [Int16] {
    (0..<count).map { _ in
      random.int(0...3) == 0
        ? random.element([2047, -2047, 0, 1, -1, 32767, -32768])
        : Int16(truncatingIfNeeded: random.int(-2047...2047))
    }
  }

  func updateNarrow() { update(Int16.self, 65) { $0.updateNarrow } }

  func updateWide() { update(Int32.self, 66) { $0.updateWide } }

  /// Normalisations of every shift; steps from nothing to what no master can take.
  private func update<Master: MasterWeight>(
    _ type: Master.Type, _ seed: Int, _ kernel: (TrainingKernels) -> (ParameterUpdate<Master>) -> UInt32
  ) {
    var random = RandomNumbers(seed: seed)
    let multipliers: [Int64] = [1 << 30, 1 << 31, (1 << 31) - 1, (1 << 30) + 1]
    for columns in Array(0...34) + [47, 64, 96] {
      for shift in -3...63 as ClosedRange<Int32> {
        updateOnce(
          &random, columns: columns, rows: random.element([1, 2, 3]),
          GradientNormalization(
            multiplier: random.bool()
              ? random.element(multipliers) : Int64(1 << 30 + random.int(0...1 << 30)), shift: shift), kernel)
      }
    }
  }

  private func updateOnce<Master: MasterWeight>(
    _ random: inout RandomNumbers, columns: Int, rows: Int, _ normalization: GradientNormalization,
    _ kernel: (TrainingKernels) -> (ParameterUpdate<Master>) -> UInt32
  ) {
    let count = rows * columns
    // Most gradients come to a momentum of some size.
    let length = Int32(random.int(0...31))
    let scale = min(max(51 - normalization.shift, 0), 31)
    let gradient = GuardedMemory(
      random.bool() ? sums(&random, count) : (0..<count).map { _ in random.int32() >> max(scale, length / 4) }
    )
    let momentum = (0..<count).map { _ in
      random.int(0...3) == 0 ? random.element([32767, -32767, 0]) : Int16(truncatingIfNeeded: random.int32())
    }
    let limit = Int(Master.limit)
    let masters = (0..<count).map { _ in
      Master(
        truncatingIfNeeded: random.int(0...3) == 0
          ? random.element([limit, -limit]) : random.int(-limit...limit))
    }
    let stepSize: Int32 = random.element([0, 1, 655, 6553, 1 << 16, 1 << 20, .max])
    // A large unit makes steps beyond 32 bits, which kernels may leave to the definition.
    let units = GuardedMemory(
      (0..<rows).map { _ in random.int(0...7) == 0 ? Int32.max : Int32(random.int(1...127)) })
    let key = UInt32(bitPattern: random.int32())
    let firstIndex = UInt32(bitPattern: random.int32())
    func updated(
      _ update: (ParameterUpdate<Master>) -> UInt32
    ) -> (largest: UInt32, momentum: [Int16], masters: [Master], weights: [Int8], isIntact: Bool) {
      let (momentum, masters) = (GuardedMemory(momentum), GuardedMemory(masters))
      let weights = GuardedMemory<Int8>(count: count)
      let largest = update(
        ParameterUpdate(
          gradient: gradient.constant, momentum: momentum.start, masters: masters.start,
          weights: weights.start, rowCount: rows, columns: columns, units: units.constant,
          normalization: normalization, stepSize: stepSize, key: key, firstIndex: firstIndex))
      return (
        largest, momentum.values, masters.values, weights.values,
        momentum.isIntact && masters.isIntact && weights.isIntact
      )
    }
    let expected = updated(updateParameterScalar)
    for (name, kernels) in testedSets {
      let actual = updated(kernel(kernels.training))
      let context =
        "step of \(rows) × \(columns) masters of \(Master.fractionBits) bits, multiplier "
        + "\(normalization.multiplier), shift \(normalization.shift), size \(stepSize)"
      check(
        actual.largest == expected.largest,
        "\(name): \(context): largest is \(actual.largest), by definition \(expected.largest)")
      expect(
        actual.momentum, equals: expected.momentum, intact: actual.isIntact, name, context + ", momentum")
      expect(actual.masters, equals: expected.masters, intact: true, name, context + ", masters")
      expect(actual.weights, equals: expected.weights, intact: true, name, context + ", weights")
    }
    withExtendedLifetime((gradient, units)) {}
  }
}
