import FirmwareModel

/// How a window of taps moves over an image in NHWC order.
struct WindowGeometry {
  struct Axis {
    var input: Int
    var output: Int
    var kernel: Int
    var stride: Int
    var dilation: Int
    /// Positions before the first that lie outside the image.
    var padding: Int

    /// Positions from a window's first tap to its last, inclusive.
    var reach: Int { (kernel - 1) * dilation + 1 }
    /// Positions from the first window's first tap to the last window's last tap, inclusive.
    var extent: Int { (output - 1) * stride + reach }
    /// The windows that lie on the image, all of them.
    var insideWindows: Range<Int> {
      if reach > input { return 0..<0 }
      let first = min((padding + stride - 1) / stride, output)
      let end = min((input - reach + padding) / stride + 1, output)
      return first..<max(first, end)
    }
  }

  var batches: Int
  var height: Axis
  var width: Axis

  /// Reads strides, dilations and paddings, and checks that every window lies over the image at least in part.
  init(
    reading reader: inout OperatorReader, input: Shape, output: Shape, kernelHeight: Int,
    kernelWidth: Int
  ) throws(ModelError) {
    let limit = 0...65535
    let steps = 1...65535
    let strideHeight = try reader.parameter(steps, "a stride of at least 1")
    let strideWidth = try reader.parameter(steps, "a stride of at least 1")
    let dilationHeight = try reader.parameter(steps, "a dilation of at least 1")
    let dilationWidth = try reader.parameter(steps, "a dilation of at least 1")
    let paddingTop = try reader.parameter(limit, "a padding of at least 0")
    let paddingLeft = try reader.parameter(limit, "a padding of at least 0")
    try reader.require(
      input.rank == 4 && output.rank == 4 && input[0] == output[0],
      "an input and an output of four dimensions and as many batches")
    batches = input[0]
    height = Axis(
      input: input[1], output: output[1], kernel: kernelHeight, stride: strideHeight,
      dilation: dilationHeight, padding: paddingTop)
    width = Axis(
      input: input[2], output: output[2], kernel: kernelWidth, stride: strideWidth,
      dilation: dilationWidth, padding: paddingLeft)
    try WindowGeometry.check(height, reader)
    try WindowGeometry.check(width, reader)
  }

  private static func check(_ axis: Axis, _ reader: OperatorReader) throws(ModelError) {
    let reach = Int64(axis.kernel - 1) * Int64(axis.dilation) + 1
    let last = Int64(axis.output - 1) * Int64(axis.stride) - Int64(axis.padding)
    try reader.require(
      reach <= 1 << 24 && Int64(axis.padding) < reach && last < Int64(axis.input),
      "every window over the image at least in part", axis.padding)
  }
}
