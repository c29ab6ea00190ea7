import Kernels

/// The backward pass of a convolution (dense, grouped, depthwise, or fully connected).
///
/// An output is y[o] = Σ s_w[o] · w[o, t, i] · s_x (q − z) over taps t and inputs i. With E the derivative of the loss
/// by y, the derivative by an input is Σ s_w[o] · E[o] · w[o, t, i] over the outputs that see it; so errors are first
/// multiplied by their output's scale, then by int8 weights. The derivative by a weight is Σ E[o] · (q − z) but for
/// factors of its row, which the row's own unit of steps makes up for.
///
/// **On patches** all errors of a patch are their mean E ("Efficient On-device Training via Gradient Filtering", Yang, Li,
/// Marculescu, CVPR 2023). Away from the patch's border every tap sees the same error: an input's derivative is E times
/// the *sum* of the kernel's taps, and a weight's, whatever its tap, is E times the sum of the patch's inputs. With
/// stride s a patch of outputs is one of s · s times as many inputs, of which each tap sees one in s · s; both
/// derivatives are divided by s · s. The gradient is then that of a 1×1 convolution of patches.
///
/// Weights lie as output, kernel row, kernel column, input of the group.
public struct ConvolutionBackward {
  public let shape: ConvolutionShape
  public let scales: WeightScales
  public let outputGrid: PatchGrid
  public let inputGrid: PatchGrid

  /// - Parameter outputGrid: How the output's map is cut; the input's follows from it.
  public init(shape: ConvolutionShape, scales: WeightScales, outputGrid: PatchGrid) {
    self.shape = shape
    self.scales = scales
    self.outputGrid = outputGrid
    inputGrid = ConvolutionBackward.inputGrid(of: shape, outputGrid: outputGrid)
  }

  /// The grid in front of a convolution: of pixels if the other is, else of as many patches.
  public static func inputGrid(of shape: ConvolutionShape, outputGrid: PatchGrid) -> PatchGrid {
    outputGrid.isExact
      ? PatchGrid(height: shape.inputHeight, width: shape.inputWidth, patch: 1)
      : PatchGrid(
        height: shape.inputHeight, width: shape.inputWidth,
        patchHeight: outputGrid.patchHeight * shape.strideHeight,
        patchWidth: outputGrid.patchWidth * shape.strideWidth, rows: outputGrid.rows,
        columns: outputGrid.columns)
  }

  /// Whether outputs and inputs meet on patches, of which a pointwise convolution's may be pixels.
  var isOnGrid: Bool { shape.isPointwise || !outputGrid.isExact }
  /// Whether the sums of taps are needed.
  var hasKernelSums: Bool { isOnGrid && shape.taps > 1 }

  public func workspaceSize(images: Int) -> WorkspaceSize {
    ConvolutionBackward.workspaceSize(shape, inputGrid: inputGrid, outputGrid: outputGrid, images: images)
  }

  static func workspaceSize(
    _ shape: ConvolutionShape, inputGrid: PatchGrid, outputGrid: PatchGrid, images: Int
  ) -> WorkspaceSize {
    let errors = images * outputGrid.count * shape.outputChannels
    let inputs = images * inputGrid.count * shape.inputChannels
    // A depthwise gradient is made in another order first.
    let gradient =
      shape.isDepthwise ? 2 * shape.weightCount : rowsAtATime(shape, outputGrid) * shape.rowLength
    return WorkspaceSize(
      accumulators: max(errors, inputs, gradient, shape.outputChannels), mantissas: errors,
      weights: shape.taps > 1 ? shape.weightCount : 0, factors: shape.outputChannels)
  }

  /// Rows of the gradient that are made at a time.
  ///
  /// A layer of one pixel has few multiply-accumulates for its many weights. Its gradient is made in pieces, once more
  /// each time that something is asked of it, and never takes the memory of a whole one.
  var rowsAtATime: Int { ConvolutionBackward.rowsAtATime(shape, outputGrid) }

  private static func rowsAtATime(_ shape: ConvolutionShape, _ outputGrid: PatchGrid) -> Int {
    guard outputGrid.pixels == 1, shape.isPointwise, shape.groups == 1 else { return shape.outputChannels }
    return min(shape.outputChannels, max(1, (1 << 16) / shape.rowLength))
  }

  /// The most images of a mini-batch for which every sum is proved to fit in 32 bits.
  public func largestBatch(_ format: ErrorFormat) -> Int {
    format.largestPixelCount / max(inputGrid.pixels, outputGrid.pixels)
  }

  /// Derivatives by the inputs.
  ///
  /// - Parameters:
  ///   - weights: Those of the forward pass.
  ///   - salt: The parameter's number.
  ///   - output: Room for the input's errors; not the memory of `error`.
  public func inputError(
    _ error: ErrorTensor, weights: UnsafePointer<Int8>, salt: UInt32, _ pass: BackwardPass,
    into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    let folded = fold(error, salt: salt, pass)
    let count = error.images * inputGrid.count * shape.inputChannels
    var largest: UInt32?
    if isOnGrid && shape.isDepthwise {
      largest = multiplyDepthwiseOnGrid(folded, weights, pass)
    } else {
      pass.clearAccumulators(count)
      if isOnGrid {
        multiplyOnGrid(folded, weights, pass)
      } else if shape.isDepthwise {
        multiplyDepthwise(folded, weights, pass)
      } else {
        multiplyExactly(folded, weights, pass)
      }
    }
    let exponent = pass.renormalize(
      count, largest: largest ?? pass.kernels.largestMagnitude(pass.workspace.accumulators, count),
      exponent: folded.exponent, salt: salt &+ 7, into: output)
    return ErrorTensor(
      mantissas: output, exponent: exponent, images: error.images, patches: inputGrid.count,
      channels: shape.inputChannels)
  }

  /// Derivatives by the weights, in the workspace.
  public func weightGradient(_ error: ErrorTensor, inputs: PatchSums, _ pass: BackwardPass) -> Gradient {
    let exponent = error.exponent &+ (isOnGrid ? strideExponent : 0)
    if shape.isDepthwise {
      return Gradient(values: depthwiseGradient(error, inputs, pass), exponent: exponent)
    }
    pass.clearAccumulators(shape.weightCount)
    if isOnGrid {
      accumulateGradientOnGrid(error, inputs, pass)
    } else {
      accumulateGradientExactly(error, inputs, pass)
    }
    return Gradient(values: pass.workspace.accumulators, exponent: exponent)
  }

  /// Derivatives by the weights of some rows, in the workspace; of a layer that `rowsAtATime` cuts in pieces.
  func weightGradient(
    rows: Range<Int>, _ error: ErrorTensor, inputs: PatchSums, _ pass: BackwardPass
  ) -> Gradient {
    pass.clearAccumulators(rows.count * shape.rowLength)
    // One input's sum is narrow.
    if case .narrow(let values) = inputs {
      pass.kernels.multiplyGradient(
        GradientProduct(
          errors: error.mantissas + rows.lowerBound, errorStride: shape.outputChannels,
          errorColumns: rows.count, inputs: UnsafePointer(values), inputStride: shape.inputChannels,
          inputColumns: shape.inputChannels, rowCount: error.rows, output: pass.workspace.accumulators,
          outputStride: shape.rowLength))
    }
    return Gradient(values: pass.workspace.accumulators, exponent: error.exponent)
  }

  /// Derivatives by the biases, in the workspace: errors times the pixels that they stand for.
  public func biasGradient(_ error: ErrorTensor, _ pass: BackwardPass) -> Gradient {
    let sums = pass.workspace.accumulators
    let channels = shape.outputChannels
    pass.clearAccumulators(channels)
    var errors = UnsafePointer(error.mantissas)
    for _ in 0..<error.images {
      for row in 0..<outputGrid.rows {
        for column in 0..<outputGrid.columns {
          let pixels = Int32(truncatingIfNeeded: outputGrid.pixelCount(row: row, column: column))
          for channel in 0..<channels { sums[channel] = sums[channel] &+ Int32(errors[channel]) &* pixels }
          errors += channels
        }
      }
    }
    return Gradient(values: sums, exponent: error.exponent)
  }

  /// 1 / (s · s) is `strideFactor · 2^−strideExponent`, the factor in (1/2, 1].
  var strideExponent: Int32 {
    let area = shape.strideHeight * shape.strideWidth
    return Int32(truncatingIfNeeded: Int.bitWidth - (area - 1).leadingZeroBitCount)
  }

  /// Errors times the scales of their outputs and, on patches, 1 / (s · s).
  private func fold(_ error: ErrorTensor, salt: UInt32, _ pass: BackwardPass) -> ErrorTensor {
    let area = shape.strideHeight * shape.strideWidth
    var factors = scales.factors
    if isOnGrid && area & (area - 1) != 0 {
      factors = pass.workspace.factors
      for index in 0..<shape.outputChannels {
        let scaled = Int64(scales.factors[index]) &<< Int64(strideExponent)
        factors[index] = Int32(truncatingIfNeeded: (scaled &+ Int64(area / 2)) / Int64(area))
      }
    }
    let largest = pass.kernels.scaleChannels(
      error.mantissas, error.rows, error.channels, factors, pass.workspace.accumulators)
    let terms = shape.taps * (shape.isDepthwise ? 1 : shape.groupOutputs)
    let exponent = pass.renormalize(
      error.count, largest: largest,
      exponent: error.exponent &+ scales.exponent &+ (isOnGrid ? strideExponent : 0), salt: salt,
      bits: pass.format.mantissaBits(forSumsOf: terms), into: pass.workspace.mantissas)
    var folded = error
    folded.mantissas = pass.workspace.mantissas
    folded.exponent = exponent
    return folded
  }
}
