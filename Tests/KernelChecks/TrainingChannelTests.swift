import Kernels

/// What training does channel by channel: depthwise products, factors, and sums over patches.
struct TrainingChannelTests {
  /// Every remainder of a vector.
  private static let channelCounts = Array(1...35) + [40, 47, 48, 64, 72, 96]

  private func numbers<Element: FixedWidthInteger>(
    _ random: inout RandomNumbers, _ count: Int, within limit: Int
  ) -> [Element] {
    let isExtreme = random.int(0...3) == 0
    return (0..<count).map { _ in
      Element(truncatingIfNeeded: isExtreme ? random.bool() ? limit : -limit : random.int(-limit...limit))
    }
  }

  /// - Parameter largest: A sum's largest magnitude is `largest · rows · limit`, within 32 bits.
  private func sumProducts<Input: FixedWidthInteger>(
    _ kind: String, within limit: Int, _ kernel: (TrainingKernels) -> (ChannelProductSums<Input>) -> Void
  ) {
    var random = RandomNumbers(seed: 51)
    for channels in TrainingChannelTests.channelCounts {
      for rows in [0, 1, 2, 3, 4, 5, 16, 49] {
        let (errorStride, inputStride) = (
          channels + random.element([0, 3]), channels + random.element([0, 5])
        )
        let largest = random.element([2047, 32767])
        let errors = GuardedMemory<Int16>(numbers(&random, rows * errorStride, within: largest))
        let fitting = min(limit, Int(Int32.max - 1 << 20) / (largest * max(rows, 1)))
        let inputs = GuardedMemory<Input>(numbers(&random, rows * inputStride, within: fitting))
        let start: [Int32] = numbers(&random, channels, within: 1 << 20)
        let context = "\(kind), \(rows) rows of \(channels) channels"
        compare(start, context) { kernels, output in
          kernel(kernels)(
            ChannelProductSums(
              errors: errors.constant, errorStride: errorStride, inputs: inputs.constant,
              inputStride: inputStride, rowCount: rows, channels: channels, output: output))
        }
        withExtendedLifetime((errors, inputs)) {}
      }
    }
  }

  func sumProducts() { sumProducts("channel products", within: 32767) { $0.sumChannelProducts } }

  func sumWideProducts() {
    sumProducts("wide channel products", within: 1 << 24) { $0.sumWideChannelProducts }
  }

  func spread() {
    var random = RandomNumbers(seed: 52)
    for channels in TrainingChannelTests.channelCounts {
      for rows in [0, 1, 2, 3, 7] {
        let (errorStride, outputStride) = (
          channels + random.element([0, 3]), channels + random.element([0, 5])
        )
        let errors = GuardedMemory<Int16>(
          numbers(&random, rows * errorStride, within: random.element([2047, 32767])))
        let weights = GuardedMemory<Int16>(numbers(&random, channels, within: 32767))
        let start: [Int32] = numbers(&random, rows * outputStride, within: 1 << 20)
        compare(start, "spread over \(rows) rows of \(channels) channels") { kernels, output in
          kernels.spreadChannels(
            ChannelSpread(
              errors: errors.constant, errorStride: errorStride, weights: weights.constant, rowCount: rows,
              channels: channels, output: output, outputStride: outputStride))
        }
        withExtendedLifetime((errors, weights)) {}
      }
    }
  }

  func scale() {
    var random = RandomNumbers(seed: 53)
    for channels in TrainingChannelTests.channelCounts {
      for rows in [0, 1, 2, 3, 7] {
        let largest = random.element([2047, 32767])
        let errors = GuardedMemory<Int16>(numbers(&random, rows * channels, within: largest))
        let factors = GuardedMemory<Int32>(
          numbers(&random, channels, within: random.element([127, Int(Int32.max) / largest])))
        let start = [Int32](repeating: 77, count: rows * channels)
        compare(start, "factors of \(channels) channels, \(rows) rows") { kernels, output in
          kernels.scaleChannels(errors.constant, rows, channels, factors.constant, output)
        }
        withExtendedLifetime((errors, factors)) {}
      }
    }
  }

  func scaleElements() {
    var random = RandomNumbers(seed: 54)
    for count in Array(0...70) + [127, 128, 129, 1000] {
      let errors = GuardedMemory<Int16>(numbers(&random, count, within: random.element([2047, 32767])))
      let factors = GuardedMemory(random.bytes(count))
      compare([Int32](repeating: 77, count: count), "factors of \(count) elements") { kernels, output in
        kernels.scaleElements(errors.constant, factors.constant, count, output)
      }
      withExtendedLifetime((errors, factors)) {}
    }
  }

  /// A patch's rows lie apart as a map's do.
  private func forEachPatch(
    _ body: (_ random: inout RandomNumbers, _ patch: Patch, _ pixels: Int, _ context: String) -> Void
  ) {
    var random = RandomNumbers(seed: 55)
    let shapes = [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (7, 7), (4, 32), (8, 16), (0, 0), (1, 0)]
    for channels in TrainingChannelTests.channelCounts + [200, 1100] {
      for (rows, columns) in shapes {
        let rowStride = columns * channels + random.element([0, 11])
        let input = GuardedMemory(random.bytes(rows * rowStride))
        body(
          &random,
          Patch(
            input: input.constant, rowCount: rows, rowStride: rowStride, columnCount: columns,
            channels: channels), rows * columns, "patch of \(rows) × \(columns) with \(channels) channels")
        withExtendedLifetime(input) {}
      }
    }
  }

  func sumPatch() {
    forEachPatch { random, patch, _, context in
      let zeroPoint = Int32(random.element([-128, 127, 0, random.int(-128...127)]))
      compare([Int16](repeating: 77, count: patch.channels), context) { kernels, output in
        kernels.sumPatch(patch, zeroPoint, output)
      }
    }
  }

  func sumWidePatch() {
    forEachPatch { random, patch, _, context in
      let zeroPoint = Int32(random.element([-128, 127, 0, random.int(-128...127)]))
      compare([Int32](repeating: 77, count: patch.channels), context) { kernels, output in
        kernels.sumWidePatch(patch, zeroPoint, output)
      }
    }
    // More pixels than 16 bits can sum.
    var random = RandomNumbers(seed: 56)
    let input = GuardedMemory(random.bytes(40 * 30 * 33))
    let patch = Patch(
      input: input.constant, rowCount: 40, rowStride: 30 * 33, columnCount: 30, channels: 33)
    compare([Int32](repeating: 77, count: 33), "patch of 40 × 30 with 33 channels") { kernels, output in
      kernels.sumWidePatch(patch, -128, output)
    }
    withExtendedLifetime(input) {}
  }

  func averageTable() {
    forEachPatch { random, patch, pixels, context in
      let table = GuardedMemory(random.bytes(256))
      let reciprocal = pixels == 0 ? 0 : Int32((1 << 15 + pixels / 2) / pixels)
      compare([Int8](repeating: 77, count: patch.channels), context) { kernels, output in
        kernels.averageTable(patch, table.constant, reciprocal, output)
      }
      withExtendedLifetime(table) {}
    }
  }

  private func compare<Element: FixedWidthInteger>(
    _ start: [Element], _ context: String, _ body: (TrainingKernels, UnsafeMutablePointer<Element>) -> Void
  ) {
    compare(start, context) { kernels, output -> UInt32 in
      body(kernels, output)
      return 0
    }
  }

  /// - Parameter body: Gives the largest magnitude.
  private func compare<Element: FixedWidthInteger>(
    _ start: [Element], _ context: String, _ body: (TrainingKernels, UnsafeMutablePointer<Element>) -> UInt32
  ) {
    let expected = GuardedMemory(start)
    let largest = body(.scalar, expected.start)
    for (name, kernels) in testedSets {
      let output = GuardedMemory(start)
      let actual = body(kernels.training, output.start)
      check(actual == largest, "\(name): \(context): largest is \(actual), by definition \(largest)")
      expect(output.values, equals: expected.values, intact: output.isIntact, name, context)
    }
  }
}
