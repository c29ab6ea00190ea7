import Kernels

/// What makes an input of a camera's frame, strip by strip.
struct PixelTests {
  private typealias Bytes = GuardedMemory<UInt8>

  private func bytes(_ random: inout RandomNumbers, _ count: Int) -> [UInt8] {
    random.bytes(count).map { UInt8(bitPattern: $0) }
  }

  /// Bytes that add up to 255, some of them 0.
  private func someWeights(_ random: inout RandomNumbers, _ taps: Int) -> [UInt8] {
    var weights = [UInt8](repeating: 0, count: taps)
    var rest = 255
    while rest > 0 {
      let part = min(rest, random.int(1...max(510 / taps, 1)))
      let tap = random.int(0...taps - 1)
      weights[tap] += UInt8(part)
      rest -= part
    }
    return weights
  }

  private static let counts = Array(1...70) + [127, 128, 129, 200, 840]
  private static let tapCounts = [1, 2, 3, 4, 5, 6, 9, 17, 300]

  /// The last row ends where the memory does.
  func weighRows() {
    var random = RandomNumbers(seed: 31)
    for count in PixelTests.counts {
      for taps in PixelTests.tapCounts {
        let stride = count + random.element([0, 1, 13])
        let rows = Bytes(bytes(&random, (taps - 1) * stride + count))
        let weights = GuardedMemory(someWeights(&random, taps))
        let run = WeightedRows(
          rows: rows.constant, stride: stride, weights: weights.constant, taps: taps, count: count)
        let expected = Bytes(count: count)
        weighRowsScalar(run, expected.start)
        for (name, kernels) in testedSets {
          let output = Bytes(count: count)
          kernels.pixels.weighRows(run, output.start)
          expect(
            output.values, equals: expected.values, intact: output.isIntact, name,
            "\(taps) weighted rows of \(count) bytes")
        }
        withExtendedLifetime((rows, weights)) {}
      }
    }
  }

  func weighColumns() {
    var random = RandomNumbers(seed: 32)
    for count in [1, 2, 3, 16, 31] {
      for taps in PixelTests.tapCounts {
        for step in 1...4 {
          let samples = taps + random.int(0...2 * count)
          let columns = Bytes(bytes(&random, ((samples - 1) * step + 1) * PixelStrip.rows))
          let starts = GuardedMemory((0..<count).map { _ in Int32(random.int(0...samples - taps)) })
          let weights = GuardedMemory((0..<count).flatMap { _ in someWeights(&random, taps) })
          let run = WeightedColumns(
            columns: columns.constant, step: step, starts: starts.constant, weights: weights.constant,
            taps: taps, count: count)
          let expected = GuardedMemory<UInt16>(count: count * PixelStrip.rows)
          weighColumnsScalar(run, expected.start)
          for (name, kernels) in testedSets {
            let sums = GuardedMemory<UInt16>(count: count * PixelStrip.rows)
            kernels.pixels.weighColumns(run, sums.start)
            expect(
              sums.values, equals: expected.values, intact: sums.isIntact, name,
              "\(taps) weighted columns, step \(step), for \(count)")
          }
          withExtendedLifetime((columns, starts, weights)) {}
        }
      }
    }
  }

  /// Weights of 22 bits that add up to 1, a little more or a little less, in the forms that kernels take.
  private func fineWeights(
    _ random: inout RandomNumbers, _ taps: Int, count: Int
  ) -> (whole: GuardedMemory<Int32>, high: GuardedMemory<UInt8>, low: GuardedMemory<UInt16>) {
    let whole = (0..<count).flatMap { _ in
      var share = someWeights(&random, taps).map { Int32($0) << 22 / 255 }
      if taps == 1 { share[0] = 1 << 22 }
      for tap in share.indices where share[tap] > 9 && taps > 1 { share[tap] += Int32(random.int(-9...9)) }
      return share
    }
    return (
      GuardedMemory(whole), GuardedMemory(whole.map { FineWeights.high($0) }),
      GuardedMemory(whole.map { FineWeights.low($0) })
    )
  }

  func fineRows() {
    var random = RandomNumbers(seed: 36)
    for count in PixelTests.counts {
      for taps in PixelTests.tapCounts {
        let stride = (count + 31) & ~31
        let bytes = Bytes(bytes(&random, taps * stride))
        let rows = GuardedMemory((0..<taps).map { UInt(bitPattern: bytes.start + $0 * stride) })
        let weights = fineWeights(&random, taps, count: 1)
        let run = FineRows(
          rows: UnsafeRawPointer(rows.start).assumingMemoryBound(to: UnsafePointer<UInt8>.self),
          weights: FineWeights(
            whole: weights.whole.constant, high: weights.high.constant, low: weights.low.constant),
          taps: taps, count: count)
        let expected = Bytes(count: stride)
        fineRowsScalar(run, expected.start)
        for (name, kernels) in testedSets {
          let output = Bytes(count: stride)
          kernels.pixels.fineRows(run, output.start)
          expect(
            Array(output.values.prefix(count)), equals: Array(expected.values.prefix(count)),
            intact: output.isIntact, name, "\(taps) finely weighted rows of \(count) bytes")
        }
        withExtendedLifetime((bytes, rows, weights)) {}
      }
    }
  }

  func fineColumns() {
    var random = RandomNumbers(seed: 37)
    for count in [1, 2, 3, 16, 31] {
      for taps in PixelTests.tapCounts {
        for channels in [1, 3] {
          let pixels = taps + random.int(0...2 * count)
          let columns = Bytes(bytes(&random, pixels * channels * PixelStrip.rows))
          let starts = GuardedMemory((0..<count).map { _ in Int32(random.int(0...pixels - taps)) })
          let weights = fineWeights(&random, taps, count: count)
          let run = FineColumns(
            columns: columns.constant, channels: channels, starts: starts.constant,
            weights: FineWeights(
              whole: weights.whole.constant, high: weights.high.constant, low: weights.low.constant),
            taps: taps, count: count)
          let expected = Bytes(count: count * channels * PixelStrip.rows)
          fineColumnsScalar(run, expected.start)
          for (name, kernels) in testedSets {
            let output = Bytes(count: count * channels * PixelStrip.rows)
            kernels.pixels.fineColumns(run, output.start)
            expect(
              output.values, equals: expected.values, intact: output.isIntact, name,
              "\(taps) finely weighted columns of \(channels) channels for \(count)")
          }
          withExtendedLifetime((columns, starts, weights)) {}
        }
      }
    }
  }

  func toColumns() {
    var random = RandomNumbers(seed: 33)
    for count in PixelTests.counts {
      let whole = (count + 15) & ~15
      let stride = whole + random.element([0, 16, 5])
      let rows = Bytes(bytes(&random, 15 * stride + whole))
      let expected = Bytes(count: whole * PixelStrip.rows)
      toColumnsScalar(rows.constant, stride, count, expected.start)
      for (name, kernels) in testedSets {
        let columns = Bytes(count: whole * PixelStrip.rows)
        kernels.pixels.toColumns(rows.constant, stride, count, columns.start)
        // What lies behind the last column is nobody's.
        let used = count * PixelStrip.rows
        expect(
          Array(columns.values.prefix(used)), equals: Array(expected.values.prefix(used)),
          intact: columns.isIntact, name, "\(count) columns of a strip")
      }
      withExtendedLifetime(rows) {}
    }
  }

  func toRows() {
    var random = RandomNumbers(seed: 34)
    for count in PixelTests.counts {
      for channels in [1, 3] {
        for rows in [16, 1, 7] {
          let planeStride = ((count + 15) & ~15) * PixelStrip.rows
          let planes = GuardedMemory(random.bytes(channels * planeStride))
          let stride = count * channels + random.element([0, 9])
          let run = PixelRows(
            planes: planes.constant, planeStride: planeStride, channels: channels, count: count, rows: rows,
            outputStride: stride)
          let size = (rows - 1) * stride + count * channels
          let expected = GuardedMemory<Int8>(count: size)
          toRowsScalar(run, expected.start)
          for (name, kernels) in testedSets {
            let output = GuardedMemory<Int8>(count: size)
            kernels.pixels.toRows(run, output.start)
            expect(
              output.values, equals: expected.values, intact: output.isIntact, name,
              "\(rows) rows of \(count) pixels of \(channels) channels")
          }
          withExtendedLifetime(planes) {}
        }
      }
    }
  }

  /// The factors of any matrix, and the largest that there may be.
  private func someFactors(_ random: inout RandomNumbers, isExtreme: Bool) -> ColorFactors {
    func factor(_ most: Int) -> Int16 { Int16(isExtreme ? most : random.int(0...most)) }
    // Green is off luma by no more than the other colours: what is taken away does not exceed 16 bits.
    return ColorFactors(
      black: random.bool() ? 16 : 0, luma: factor(19_300), redFromV: factor(17_700),
      greenFromU: factor(5_000), greenFromV: factor(7_000), blueFromU: factor(17_700),
      grayFromRed: factor(6_000), grayFromGreen: factor(12_000), grayFromBlue: factor(3_000))
  }

  private func someSums(_ random: inout RandomNumbers, _ count: Int) -> GuardedMemory<UInt16> {
    let extremes: [UInt16] = [0, 1, 254, 255, 4079, 4080, 32_639, 32_640, 65_024, 65_025]
    return GuardedMemory(
      (0..<count).map { _ in random.bool() ? random.element(extremes) : UInt16(random.int(0...65_025)) })
  }

  func colors() {
    var random = RandomNumbers(seed: 35)
    for count in [16, 32, 48, 160, 1600] {
      for isExtreme in [true, false] {
        let factors = someFactors(&random, isExtreme: isExtreme)
        let (first, second, third) = (
          someSums(&random, count), someSums(&random, count), someSums(&random, count)
        )
        let components = ComponentSums(
          first: first.constant, second: second.constant, third: third.constant)
        func run(_ kernels: PixelKernels, _ kind: Int) -> (values: [Int8], isIntact: Bool) {
          let (red, green) = (GuardedMemory<Int8>(count: count), GuardedMemory<Int8>(count: count))
          let blue = GuardedMemory<Int8>(count: count)
          switch kind {
          case 0: kernels.expand(first.constant, factors, red.start, count)
          case 1: kernels.gray(components, factors, red.start, count)
          default:
            let planes = ColorPlanes(red: red.start, green: green.start, blue: blue.start)
            kernels.colors(components, factors, planes, count)
          }
          return (red.values + green.values + blue.values, red.isIntact && green.isIntact && blue.isIntact)
        }
        for kind in 0...2 {
          let expected = run(.scalar, kind).values
          for (name, kernels) in testedSets {
            let (values, isIntact) = run(kernels.pixels, kind)
            expect(
              values, equals: expected, intact: isIntact, name,
              "\(["expansion", "gray", "colours"][kind]) of \(count) values")
          }
        }
      }
    }
  }
}
