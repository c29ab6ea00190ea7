/// One output row of a depthwise convolution: every channel has its own filter.
///
/// `accumulator[x, c] = Σ_{i,j} rows[i · rowStep][(x · stride + j · dilation) · channels + c] · weight[i, j, c]`.
/// Rows are given as they should be seen, padding included (its pixels hold the input's zero point).
public struct DepthwiseRow {
  /// Pointers to input rows, each to the first channel of the row's first pixel. Kernels may read up to 64
  /// bytes beyond a row's end.
  public var rows: UnsafePointer<UnsafePointer<Int8>>
  /// Pointers from one row of taps to the next: the vertical dilation.
  public var rowStep: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  /// Columns from one output pixel to the next.
  public var stride: Int
  public var dilation: Int
  public var channels: Int
  public var outputWidth: Int
  /// Weights less their zero point, in the kernel's layout.
  public var weights: UnsafePointer<Int16>

  public init(
    rows: UnsafePointer<UnsafePointer<Int8>>, rowStep: Int, kernelHeight: Int, kernelWidth: Int,
    stride: Int, dilation: Int, channels: Int, outputWidth: Int, weights: UnsafePointer<Int16>
  ) {
    self.rows = rows
    self.rowStep = rowStep
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.dilation = dilation
    self.channels = channels
    self.outputWidth = outputWidth
    self.weights = weights
  }
}

/// The shape of a depthwise convolution's weights, a filter of `height` rows and `width` columns a channel.
public struct DepthwiseShape {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  @inline(__always)
  public var count: Int { height * width * channels }
}

/// The depthwise kernels of one instruction set.
public struct DepthwiseKernel {
  /// The number of weights after packing.
  public var packedCount: (_ shape: DepthwiseShape) -> Int
  /// Packs `[height, width, channels]` weights, less their zero point, to an address that is a multiple of 64.
  public var pack:
    (
      _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
      _ packed: UnsafeMutablePointer<Int16>
    ) -> Void
  /// Computes one output row, `channels` bytes a pixel.
  public var convolve:
    (_ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>) -> Void

  public init(
    packedCount: @escaping (DepthwiseShape) -> Int,
    pack: @escaping (UnsafePointer<Int8>, Int32, DepthwiseShape, UnsafeMutablePointer<Int16>) -> Void,
    convolve: @escaping (DepthwiseRow, Requantization, UnsafeMutablePointer<Int8>) -> Void
  ) {
    self.packedCount = packedCount
    self.pack = pack
    self.convolve = convolve
  }

  /// The definition.
  public static var scalar: DepthwiseKernel {
    DepthwiseKernel(
      packedCount: { shape in shape.count }, pack: packScalar, convolve: convolveScalar)
  }
}

private func packScalar(
  _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
  _ packed: UnsafeMutablePointer<Int16>
) {
  for index in 0..<shape.count {
    packed[index] = Int16(truncatingIfNeeded: Int32(weights[index]) &- zeroPoint)
  }
}

private func convolveScalar(
  _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
) {
  for x in 0..<row.outputWidth {
    for channel in 0..<row.channels {
      var accumulator: Int32 = 0
      for i in 0..<row.kernelHeight {
        for j in 0..<row.kernelWidth {
          let pixel = x &* row.stride &+ j &* row.dilation
          let weight = row.weights[(i &* row.kernelWidth &+ j) &* row.channels &+ channel]
          accumulator =
            accumulator &+ Int32(row.rows[i &* row.rowStep][pixel &* row.channels &+ channel])
            &* Int32(weight)
        }
      }
      output[x &* row.channels &+ channel] = requantization.output(accumulator, column: channel)
    }
  }
}
