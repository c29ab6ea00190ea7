// The products of matrices of the backward pass. A row of errors is a place of the map: a pixel or a patch.

/// Errors of a layer's outputs times its weights, towards the errors of its inputs:
/// `output[r, c] += Σ_k rows[r, k] · weights[k, c]`.
///
/// A row holds the errors of all outputs at one place, a row of weights what one output is made of, so both lie as they
/// are stored: nothing is transposed. Sums must fit in 32 bits whatever their order.
public struct ErrorProduct<Weight: FixedWidthInteger> {
  /// First row of errors; elements from one row to the next.
  public var rows: UnsafePointer<Int16>
  public var rowStride: Int
  public var rowCount: Int
  public var depth: Int
  public var weights: UnsafePointer<Weight>
  public var weightStride: Int
  public var columns: Int
  public var output: UnsafeMutablePointer<Int32>
  public var outputStride: Int

  public init(
    rows: UnsafePointer<Int16>, rowStride: Int, rowCount: Int, depth: Int, weights: UnsafePointer<Weight>,
    weightStride: Int, columns: Int, output: UnsafeMutablePointer<Int32>, outputStride: Int
  ) {
    self.rows = rows
    self.rowStride = rowStride
    self.rowCount = rowCount
    self.depth = depth
    self.weights = weights
    self.weightStride = weightStride
    self.columns = columns
    self.output = output
    self.outputStride = outputStride
  }
}

/// The definition of errors times weights.
@inlinable
public func multiplyErrorsScalar<Weight>(_ product: ErrorProduct<Weight>) {
  for row in 0..<product.rowCount {
    let errors = product.rows + row &* product.rowStride
    let output = product.output + row &* product.outputStride
    for index in 0..<product.depth {
      let error = Int32(errors[index])
      if error == 0 { continue }
      let weights = product.weights + index &* product.weightStride
      for column in 0..<product.columns {
        output[column] = output[column] &+ error &* Int32(truncatingIfNeeded: weights[column])
      }
    }
  }
}

/// Errors of a layer's outputs times its inputs, towards the gradient of its weights:
/// `output[a, b] += Σ_r errors[r, a] · inputs[r, b]`.
///
/// Inputs are sums over patches (of the quantised input without its zero point), or single inputs. Sums must fit in 32
/// bits whatever their order.
public struct GradientProduct<Input: FixedWidthInteger> {
  public var errors: UnsafePointer<Int16>
  public var errorStride: Int
  /// Outputs of the layer: rows of the gradient.
  public var errorColumns: Int
  public var inputs: UnsafePointer<Input>
  public var inputStride: Int
  /// Inputs of the layer: columns of the gradient.
  public var inputColumns: Int
  /// Places that are added up.
  public var rowCount: Int
  public var output: UnsafeMutablePointer<Int32>
  public var outputStride: Int

  public init(
    errors: UnsafePointer<Int16>, errorStride: Int, errorColumns: Int, inputs: UnsafePointer<Input>,
    inputStride: Int, inputColumns: Int, rowCount: Int, output: UnsafeMutablePointer<Int32>, outputStride: Int
  ) {
    self.errors = errors
    self.errorStride = errorStride
    self.errorColumns = errorColumns
    self.inputs = inputs
    self.inputStride = inputStride
    self.inputColumns = inputColumns
    self.rowCount = rowCount
    self.output = output
    self.outputStride = outputStride
  }
}

/// The definition of errors times inputs.
@inlinable
public func multiplyGradientScalar<Input>(_ product: GradientProduct<Input>) {
  for row in 0..<product.rowCount {
    let errors = product.errors + row &* product.errorStride
    let inputs = product.inputs + row &* product.inputStride
    for index in 0..<product.errorColumns {
      let error = Int32(errors[index])
      if error == 0 { continue }
      let output = product.output + index &* product.outputStride
      for column in 0..<product.inputColumns {
        output[column] = output[column] &+ error &* Int32(truncatingIfNeeded: inputs[column])
      }
    }
  }
}
