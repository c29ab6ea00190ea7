import Kernels

/// One pooling window.
struct PoolCase: CustomStringConvertible {
  var height: Int
  var width: Int
  var rowGap: Int
  var channels: Int
  var low: Int32
  var high: Int32
  var seed: Int

  var description: String {
    "pool over \(height) × \(width), row gap \(rowGap), \(channels) channels, within \(low)...\(high), "
      + "seed \(seed)"
  }

  static var all: [PoolCase] {
    var random = RandomNumbers(seed: 5)
    let windows = [(1, 1), (2, 2), (3, 3), (1, 2), (2, 3), (7, 7), (3, 5), (19, 21)]
    var cases: [PoolCase] = []
    for channels in Array(1...35) + [40, 47, 64, 72] {
      for (height, width) in windows {
        let isLimited = random.bool()
        let (a, b) = (Int32(random.int(-128...127)), Int32(random.int(-128...127)))
        cases.append(
          PoolCase(
            height: height, width: width, rowGap: random.bool() ? 0 : 11, channels: channels,
            low: isLimited ? min(a, b) : -128, high: isLimited ? max(a, b) : 127,
            seed: cases.count))
      }
    }
    return cases
  }

  private func run(_ body: (PoolWindow, UnsafeMutablePointer<Int8>) -> Void) -> (
    values: [Int8], isIntact: Bool
  ) {
    var random = RandomNumbers(seed: seed + 4000)
    let rowStride = width * channels + rowGap
    let input = GuardedMemory(random.bytes(height * rowStride), slack: 64)
    let output = GuardedMemory<Int8>(count: channels)
    body(
      PoolWindow(
        input: input.constant, rowStride: rowStride, height: height, width: width,
        channels: channels),
      output.start)
    return withExtendedLifetime(input) { (output.values, output.isIntact) }
  }

  func average(_ kernels: KernelTable, _ rounding: AverageRounding) -> (
    values: [Int8], isIntact: Bool
  ) {
    run { kernels.averagePool($0, rounding, low, high, $1) }
  }

  func maximum(_ kernels: KernelTable) -> (values: [Int8], isIntact: Bool) {
    run { kernels.maximumPool($0, low, high, $1) }
  }
}

struct PoolingTests {
  func average() {
    for item in PoolCase.all {
      for rounding in [AverageRounding.awayFromZero, .up] {
        let expected = item.average(.scalar, rounding).values
        for (name, kernels) in testedSets {
          let (actual, isIntact) = item.average(kernels, rounding)
          expect(
            actual, equals: expected, intact: isIntact, name,
            "average \(rounding == .up ? "up" : "away from zero"), \(item)")
        }
      }
    }
  }

  /// Every sum of a few counts, a channel each, so that every place where a quotient changes is met.
  func averageOfEverySum() {
    for count in [1, 2, 3, 5, 6, 7, 9, 12, 25, 49, 63, 64] {
      let sums = Array(-128 * count...127 * count)
      // A channel's sum is spread over the pixels.
      let pixels = (0..<count).flatMap { pixel in
        sums.map { sum in
          let base = (sum + 128 * count) / count - 128
          return Int8(base + (pixel < sum - base * count ? 1 : 0))
        }
      }
      let input = GuardedMemory(pixels, slack: 64)
      let window = PoolWindow(
        input: input.constant, rowStride: pixels.count, height: 1, width: count,
        channels: sums.count)
      for rounding in [AverageRounding.awayFromZero, .up] {
        let expected = GuardedMemory<Int8>(count: sums.count)
        averagePoolScalar(window, rounding, -128, 127, expected.start)
        for (name, kernels) in testedSets {
          let output = GuardedMemory<Int8>(count: sums.count)
          kernels.averagePool(window, rounding, -128, 127, output.start)
          expect(
            output.values, equals: expected.values, intact: output.isIntact, name,
            "average \(rounding == .up ? "up" : "away from zero") of \(count) pixels, sums from \(sums[0]) on"
          )
        }
      }
    }
  }

  func maximum() {
    for item in PoolCase.all {
      let expected = item.maximum(.scalar).values
      for (name, kernels) in testedSets {
        let (actual, isIntact) = item.maximum(kernels)
        expect(actual, equals: expected, intact: isIntact, name, "maximum, \(item)")
      }
    }
  }

  func sumRows() {
    var random = RandomNumbers(seed: 6)
    for columns in Array(1...35) + [48, 64] {
      for rows in [0, 1, 2, 7, 49, 255, 256, 257, 600] {
        let stride = columns + random.int(0...3)
        let input = GuardedMemory(random.bytes(rows * stride))
        let start = (0..<columns).map { _ in random.int32() }
        let expected = GuardedMemory(start)
        sumRowsScalar(input.constant, rows, stride, columns, expected.start)
        for (name, kernels) in testedSets {
          let sums = GuardedMemory(start)
          kernels.sumRows(input.constant, rows, stride, columns, sums.start)
          expect(
            sums.values, equals: expected.values, intact: sums.isIntact, name,
            "sum of \(rows) rows, \(columns) columns, seed 6")
        }
      }
    }
  }
}
