/// A convolution's geometry. A fully connected layer is one of 1×1 on a map of one pixel.
public struct ConvolutionShape: Equatable, Sendable {
  public var inputHeight = 1
  public var inputWidth = 1
  public var inputChannels: Int
  public var outputHeight = 1
  public var outputWidth = 1
  public var outputChannels: Int
  /// Groups of channels that see nothing of each other; a depthwise convolution has one for each input.
  public var groups = 1
  public var kernelHeight = 1
  public var kernelWidth = 1
  public var strideHeight = 1
  public var strideWidth = 1
  public var dilationHeight = 1
  public var dilationWidth = 1
  /// Padding before the first row and column; what comes after the last follows from the sizes.
  public var paddingTop = 0
  public var paddingLeft = 0

  public init(inputChannels: Int, outputChannels: Int) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
  }

  public var taps: Int { kernelHeight * kernelWidth }
  public var groupInputs: Int { inputChannels / groups }
  public var groupOutputs: Int { outputChannels / groups }
  /// Weights of an output, in the order kernel row, kernel column, input of the group.
  public var rowLength: Int { taps * groupInputs }
  public var weightCount: Int { outputChannels * rowLength }
  public var isDepthwise: Bool { groups == inputChannels && groups == outputChannels }
  /// Whether each output sees the input of its own place and no other.
  public var isPointwise: Bool {
    taps == 1 && strideHeight == 1 && strideWidth == 1 && paddingTop == 0 && paddingLeft == 0
      && inputHeight == outputHeight && inputWidth == outputWidth
  }

  /// Calls `body` for each row of outputs and each tap of the kernel, with the outputs whose input under that tap is
  /// not padding: the tap, the first output's pixel, its input's pixel, and how many.
  @inline(__always)
  func forEachTapRow(_ body: (_ tap: Int, _ output: Int, _ input: Int, _ count: Int) -> Void) {
    for outputRow in 0..<outputHeight {
      for kernelRow in 0..<kernelHeight {
        let inputRow = outputRow * strideHeight + kernelRow * dilationHeight - paddingTop
        guard inputRow >= 0, inputRow < inputHeight else { continue }
        for kernelColumn in 0..<kernelWidth {
          let offset = kernelColumn * dilationWidth - paddingLeft
          // 0 ≤ column · stride + offset < width
          let first = offset >= 0 ? 0 : (strideWidth - 1 - offset) / strideWidth
          let end = offset >= inputWidth ? 0 : (inputWidth - 1 - offset) / strideWidth + 1
          let last = min(end, outputWidth)
          guard first < last else { continue }
          body(
            kernelRow * kernelWidth + kernelColumn, outputRow * outputWidth + first,
            inputRow * inputWidth + first * strideWidth + offset, last - first)
        }
      }
    }
  }
}
