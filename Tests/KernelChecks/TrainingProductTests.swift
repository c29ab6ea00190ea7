import Kernels

/// A product of matrices of the backward pass: `rows` × `depth` times `depth` × `columns`.
struct TrainingProductCase: CustomStringConvertible {
  var rows: Int
  var depth: Int
  var columns: Int
  /// Elements between the end of a row of the left operand, of the right one and of the output and the next.
  var leftGap: Int
  var rightGap: Int
  var outputGap: Int
  /// The largest magnitude of the left operand.
  var largest: Int
  var seed: Int

  var description: String {
    "\(rows) × \(depth) × \(columns), gaps \(leftGap), \(rightGap) and \(outputGap), up to \(largest), seed "
      + "\(seed)"
  }

  /// Every remainder of rows, depth and columns, and what takes several blocks.
  static var all: [TrainingProductCase] {
    var random = RandomNumbers(seed: 41)
    var cases: [TrainingProductCase] = []
    func add(_ rows: Int, _ depth: Int, _ columns: Int) {
      let gaps = [0, 0, 1, 3, 13]
      cases.append(
        TrainingProductCase(
          rows: rows, depth: depth, columns: columns, leftGap: random.element(gaps),
          rightGap: random.element(gaps), outputGap: random.element(gaps),
          largest: random.element([2047, 2047, 32767, 127]), seed: cases.count))
    }
    for columns in Array(1...50) + [63, 64, 65, 96] {
      add(random.int(1...20), random.int(1...40), columns)
      add(random.int(1...40), random.int(1...20), columns)
    }
    for rows in Array(1...34) + [47, 48, 49] { add(rows, random.int(1...70), random.int(1...40)) }
    for depth in Array(0...34) + [63, 64, 65, 127, 128, 129, 130, 191, 192, 193, 255, 256, 257, 300, 516] {
      add(random.int(1...20), depth, random.int(1...40))
      add(16, depth, 16)
    }
    for (rows, depth, columns) in [
      (70, 130, 40), (33, 257, 65), (65, 300, 17), (200, 18, 33), (260, 7, 20), (530, 5, 18), (16, 520, 48),
      (1, 700, 1), (0, 5, 5), (5, 5, 0),
    ] {
      add(rows, depth, columns)
    }
    return cases
  }

  /// The largest magnitude of the right operand for which sums fit, at most `limit`.
  private func rightLimit(_ limit: Int) -> Int {
    min(limit, Int(Int32.max - 1 << 20) / (max(largest, 1) * max(depth, 1)))
  }

  /// Numbers within a magnitude: any, or extremes alone, all of one sign or not; a few zeros among them.
  private static func numbers<Element: FixedWidthInteger>(
    _ random: inout RandomNumbers, _ count: Int, within limit: Int
  ) -> [Element] {
    let kind = random.int(0...4)
    return (0..<count).map { _ in
      switch kind {
      case 0: Element(truncatingIfNeeded: limit)
      case 1: Element(truncatingIfNeeded: random.bool() ? limit : -limit)
      default:
        random.int(0...9) == 0 ? 0 : Element(truncatingIfNeeded: random.int(-limit...limit))
      }
    }
  }

  /// Operands, `gap` elements between lines and none after the last.
  private static func lines<Element: FixedWidthInteger>(
    _ random: inout RandomNumbers, _ count: Int, _ length: Int, gap: Int, within limit: Int
  ) -> GuardedMemory<Element> {
    GuardedMemory(numbers(&random, max(count * (length + gap) - gap, 0), within: limit))
  }

  private func output(_ random: inout RandomNumbers) -> [Int32] {
    (0..<max(rows * (columns + outputGap) - outputGap, 0)).map { _ in
      Int32(random.int(-1 << 20...1 << 20))
    }
  }

  /// Checks a kernel of errors times weights.
  func checkErrors<Weight: FixedWidthInteger>(
    _ kind: String, limit: Int, _ kernel: (TrainingKernels) -> (ErrorProduct<Weight>) -> Void
  ) {
    var random = RandomNumbers(seed: seed + 41000)
    let errors: GuardedMemory<Int16> = TrainingProductCase.lines(
      &random, rows, depth, gap: leftGap, within: largest)
    let weights: GuardedMemory<Weight> = TrainingProductCase.lines(
      &random, depth, columns, gap: rightGap, within: rightLimit(limit))
    compare(kind, output(&random)) { kernels, output in
      kernel(kernels)(
        ErrorProduct(
          rows: errors.constant, rowStride: depth + leftGap, rowCount: rows, depth: depth,
          weights: weights.constant, weightStride: columns + rightGap, columns: columns, output: output,
          outputStride: columns + outputGap))
    }
    withExtendedLifetime((errors, weights)) {}
  }

  /// Checks a kernel of errors times inputs, whose sums are over places.
  func checkGradient<Input: FixedWidthInteger>(
    _ kind: String, limit: Int, _ kernel: (TrainingKernels) -> (GradientProduct<Input>) -> Void
  ) {
    var random = RandomNumbers(seed: seed + 42000)
    let errors: GuardedMemory<Int16> = TrainingProductCase.lines(
      &random, depth, rows, gap: leftGap, within: largest)
    let inputs: GuardedMemory<Input> = TrainingProductCase.lines(
      &random, depth, columns, gap: rightGap, within: rightLimit(limit))
    compare(kind, output(&random)) { kernels, output in
      kernel(kernels)(
        GradientProduct(
          errors: errors.constant, errorStride: rows + leftGap, errorColumns: rows,
          inputs: inputs.constant, inputStride: columns + rightGap, inputColumns: columns, rowCount: depth,
          output: output, outputStride: columns + outputGap))
    }
    withExtendedLifetime((errors, inputs)) {}
  }

  /// Checks the kernel of logits, whose operands have no gaps.
  func checkLogits() {
    var random = RandomNumbers(seed: seed + 43000)
    let features: GuardedMemory<Int16> = TrainingProductCase.lines(
      &random, rows, depth, gap: 0, within: min(largest, 255))
    let weights: GuardedMemory<Int8> = TrainingProductCase.lines(
      &random, columns, depth, gap: 0, within: 127)
    compare("logits", (0..<rows * columns).map { _ in random.int32() }) { kernels, output in
      kernels.multiplyLogits(
        LogitProduct(
          rows: features.constant, rowCount: rows, depth: depth, weights: weights.constant,
          columns: columns), output)
    }
    withExtendedLifetime((features, weights)) {}
  }

  private func compare(
    _ kind: String, _ start: [Int32], _ body: (TrainingKernels, UnsafeMutablePointer<Int32>) -> Void
  ) {
    let expected = GuardedMemory(start)
    body(.scalar, expected.start)
    for (name, kernels) in testedSets {
      let output = GuardedMemory(start)
      body(kernels.training, output.start)
      expect(output.values, equals: expected.values, intact: output.isIntact, name, "\(kind), \(self)")
    }
  }
}

struct TrainingProductTests {
  func errors() {
    for item in TrainingProductCase.all {
      item.checkErrors("errors times weights", limit: 127) { $0.multiplyErrors }
    }
  }

  /// Sums of a kernel's taps: up to 49 weights, or as many as there are.
  func errorsBySums() {
    for item in TrainingProductCase.all {
      item.checkErrors("errors times sums", limit: item.seed % 2 == 0 ? 6223 : 32767) {
        $0.multiplyErrorsBySums
      }
    }
  }

  /// Single inputs, or sums of a patch of up to 128.
  func gradient() {
    for item in TrainingProductCase.all {
      item.checkGradient("gradient", limit: item.seed % 2 == 0 ? 255 : 32640) { $0.multiplyGradient }
    }
  }

  func wideGradient() {
    for item in TrainingProductCase.all {
      item.checkGradient("wide gradient", limit: 1 << 24) { $0.multiplyWideGradient }
    }
  }

  func logits() {
    for item in TrainingProductCase.all { item.checkLogits() }
  }

  /// The least numbers there are, at each place of a group of depths: pairs of their products do not fit.
  func leastNumbers() {
    let least = Int(Int16.min)
    for place in 0..<8 {
      let errors = GuardedMemory((0..<5 * 8).map { Int16($0 % 8 == place ? least : 1) })
      let inputs = GuardedMemory((0..<8 * 18).map { Int16($0 / 18 == place ? least : 1) })
      let sideways = GuardedMemory((0..<8 * 5).map { Int16($0 / 5 == place ? least : 1) })
      let expected = [Int32](repeating: 1 << 30 + 7, count: 5 * 18)
      for (name, kernels) in testedSets {
        let first = GuardedMemory([Int32](repeating: 0, count: 5 * 18))
        kernels.training.multiplyErrorsBySums(
          ErrorProduct(
            rows: errors.constant, rowStride: 8, rowCount: 5, depth: 8, weights: inputs.constant,
            weightStride: 18, columns: 18, output: first.start, outputStride: 18))
        let second = GuardedMemory([Int32](repeating: 0, count: 5 * 18))
        kernels.training.multiplyGradient(
          GradientProduct(
            errors: sideways.constant, errorStride: 5, errorColumns: 5, inputs: inputs.constant,
            inputStride: 18, inputColumns: 18, rowCount: 8, output: second.start, outputStride: 18))
        expect(
          first.values, equals: expected, intact: first.isIntact, name, "least numbers at depth \(place)")
        expect(
          second.values, equals: expected, intact: second.isIntact, name, "least numbers at place \(place)")
      }
      withExtendedLifetime((errors, inputs, sideways)) {}
    }
  }
}
