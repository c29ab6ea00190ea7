// The products of a depthwise convolution's backward pass: each channel by itself.

/// Errors times inputs of the same channel, added up over places: `output[c] += Σ_r errors[r, c] · inputs[r, c]`.
public struct ChannelProductSums<Input: FixedWidthInteger> {
  public var errors: UnsafePointer<Int16>
  public var errorStride: Int
  public var inputs: UnsafePointer<Input>
  public var inputStride: Int
  public var rowCount: Int
  public var channels: Int
  public var output: UnsafeMutablePointer<Int32>

  public init(
    errors: UnsafePointer<Int16>, errorStride: Int, inputs: UnsafePointer<Input>, inputStride: Int,
    rowCount: Int, channels: Int, output: UnsafeMutablePointer<Int32>
  ) {
    self.errors = errors
    self.errorStride = errorStride
    self.inputs = inputs
    self.inputStride = inputStride
    self.rowCount = rowCount
    self.channels = channels
    self.output = output
  }
}

/// The definition of sums of products by channel.
@inlinable
public func sumChannelProductsScalar<Input>(_ run: ChannelProductSums<Input>) {
  for row in 0..<run.rowCount {
    let errors = run.errors + row &* run.errorStride
    let inputs = run.inputs + row &* run.inputStride
    for channel in 0..<run.channels {
      run.output[channel] =
        run.output[channel] &+ Int32(errors[channel]) &* Int32(truncatingIfNeeded: inputs[channel])
    }
  }
}

/// Errors times a weight of their channel, each to a place of its own: `output[r, c] += errors[r, c] · weights[c]`.
public struct ChannelSpread {
  public var errors: UnsafePointer<Int16>
  public var errorStride: Int
  public var weights: UnsafePointer<Int16>
  public var rowCount: Int
  public var channels: Int
  public var output: UnsafeMutablePointer<Int32>
  public var outputStride: Int

  public init(
    errors: UnsafePointer<Int16>, errorStride: Int, weights: UnsafePointer<Int16>, rowCount: Int,
    channels: Int, output: UnsafeMutablePointer<Int32>, outputStride: Int
  ) {
    self.errors = errors
    self.errorStride = errorStride
    self.weights = weights
    self.rowCount = rowCount
    self.channels = channels
    self.output = output
    self.outputStride = outputStride
  }
}

/// The definition of errors spread by channel.
public func spreadChannelsScalar(_ run: ChannelSpread) {
  for row in 0..<run.rowCount {
    let errors = run.errors + row &* run.errorStride
    let output = run.output + row &* run.outputStride
    for channel in 0..<run.channels {
      output[channel] = output[channel] &+ Int32(errors[channel]) &* Int32(run.weights[channel])
    }
  }
}
