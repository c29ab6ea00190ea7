import Kernels

/// One output row of a depthwise convolution.
struct DepthwiseCase: CustomStringConvertible {
  var kernelHeight: Int
  var kernelWidth: Int
  var stride: Int
  var dilation: Int
  var rowStep: Int
  var channels: Int
  var width: Int
  var zeroPoint: Int32
  var isPlain: Bool
  var seed: Int

  var description: String {
    "depthwise \(kernelHeight) × \(kernelWidth), stride \(stride), dilation \(dilation), row step "
      + "\(rowStep), \(channels) channels, width \(width), weight zero point \(zeroPoint), plain "
      + "\(isPlain), seed \(seed)"
  }

  /// Every remainder of channels, for windows with kernels of their own and for others.
  static var all: [DepthwiseCase] {
    var random = RandomNumbers(seed: 2)
    let windows = [(3, 3), (5, 5), (3, 3), (1, 1), (5, 5), (2, 2), (1, 9), (3, 5), (7, 7), (3, 1)]
    var cases: [DepthwiseCase] = []
    for channels in Array(1...34) + [40, 47, 72] {
      for stride in 1...3 {
        for width in [1, 2, 3, 4, 5, 8] {
          let (height, breadth) = windows[cases.count % windows.count]
          cases.append(
            DepthwiseCase(
              kernelHeight: height, kernelWidth: breadth, stride: stride,
              dilation: random.int(0...3) == 0 ? 2 : 1, rowStep: random.int(0...3) == 0 ? 2 : 1,
              channels: channels, width: width,
              zeroPoint: random.bool() ? 0 : Int32(random.int(-128...127)),
              isPlain: random.int(0...3) != 0, seed: cases.count))
        }
      }
    }
    return cases
  }

  func convolve(_ kernel: DepthwiseKernel) -> (values: [Int8], isIntact: Bool) {
    var random = RandomNumbers(seed: seed + 2000)
    let taps = kernelHeight * kernelWidth
    let shape = DepthwiseShape(height: kernelHeight, width: kernelWidth, channels: channels)
    let weights = GuardedMemory(random.bytes(taps * channels))
    let pixels = (width - 1) * stride + (kernelWidth - 1) * dilation + 1
    let rows = (0...(kernelHeight - 1) * rowStep).map { _ in
      GuardedMemory(random.bytes(pixels * channels), slack: 64)
    }
    let requantization = RequantizationCase(
      &random, columns: channels, largestAccumulator: taps * 128 * 255, isPlain: isPlain)
    let packed = GuardedMemory<Int16>(count: kernel.packedCount(shape))
    kernel.pack(weights.constant, zeroPoint, shape, packed.start)
    check(packed.isIntact, "\(self): packing wrote beyond its memory")
    let output = GuardedMemory<Int8>(count: width * channels)
    rows.map { $0.constant }.withUnsafeBufferPointer { pointers in
      kernel.convolve(
        DepthwiseRow(
          rows: pointers.baseAddress!, rowStep: rowStep, kernelHeight: kernelHeight,
          kernelWidth: kernelWidth, stride: stride, dilation: dilation, channels: channels,
          outputWidth: width, weights: packed.constant),
        requantization.requantization, output.start)
    }
    return withExtendedLifetime(rows) { (output.values, output.isIntact) }
  }
}

struct DepthwiseTests {
  func convolve() {
    for item in DepthwiseCase.all {
      let expected = item.convolve(.scalar).values
      for (name, kernels) in testedSets {
        let (actual, isIntact) = item.convolve(kernels.depthwise)
        expect(actual, equals: expected, intact: isIntact, name, "\(item)")
      }
    }
  }
}
