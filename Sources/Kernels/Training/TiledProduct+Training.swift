// The products of training by tiles.

extension TiledProduct {
  @inline(__always)
  fileprivate init<Weight>(
    _ product: ErrorProduct<Weight>, _ kernel: ProductKernel, _ packing: @escaping ProductKernel.Packing
  ) {
    self.init(
      rowCount: product.rowCount, depth: product.depth, columns: product.columns,
      left: ProductOperand(product.rows, lineStride: product.rowStride, depthStride: 1, kernel.packRows),
      right: ProductOperand(product.weights, lineStride: 1, depthStride: product.weightStride, packing),
      output: product.output, outputStride: product.outputStride)
  }

  @inline(__always)
  fileprivate init<Input>(
    _ product: GradientProduct<Input>, shift: Int32 = 0, _ kernel: ProductKernel,
    _ packing: @escaping ProductKernel.Packing
  ) {
    self.init(
      rowCount: product.errorColumns, depth: product.rowCount, columns: product.inputColumns,
      left: ProductOperand(
        product.errors, lineStride: 1, depthStride: product.errorStride, kernel.packRowsAcross),
      right: ProductOperand(
        product.inputs, lineStride: 1, depthStride: product.inputStride, shift: shift, packing),
      output: product.output, outputStride: product.outputStride)
  }
}

extension ErrorProduct<Int8> {
  /// `multiplyErrorsScalar`.
  @export(interface)
  public func add(by kernel: ProductKernel) { TiledProduct(self, kernel, kernel.packBytes).add(kernel) }
}

extension ErrorProduct<Int16> {
  @export(interface)
  public func add(by kernel: ProductKernel) { TiledProduct(self, kernel, kernel.packShorts).add(kernel) }
}

extension GradientProduct<Int16> {
  /// `multiplyGradientScalar`.
  @export(interface)
  public func add(by kernel: ProductKernel) { TiledProduct(self, kernel, kernel.packShorts).add(kernel) }
}

extension GradientProduct<Int32> {
  /// An input is `high · 2^16 + low`, and so is its product with an error.
  @export(interface)
  public func add(by kernel: ProductKernel) {
    TiledProduct(self, shift: 0, kernel, kernel.packWords).add(kernel)
    TiledProduct(self, shift: 16, kernel, kernel.packWords).add(kernel)
  }
}

extension LogitProduct {
  /// `multiplyLogitsScalar`.
  @export(interface)
  public func compute(_ output: UnsafeMutablePointer<Int32>, by kernel: ProductKernel) {
    output.update(repeating: 0, count: rowCount &* columns)
    TiledProduct(
      rowCount: rowCount, depth: depth, columns: columns,
      left: ProductOperand(rows, lineStride: depth, depthStride: 1, kernel.packRows),
      right: ProductOperand(weights, lineStride: depth, depthStride: 1, kernel.packBytesAlong),
      output: output, outputStride: columns
    ).add(kernel)
  }
}
