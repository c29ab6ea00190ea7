#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// Weights are the unsigned operand of `vpdpbusd`: they are stored 128 too high, and what that adds to a row's
  /// products, 128 times the row's sum, is taken off where the sums start.
  var matrixKernel: MatrixKernel {
    MatrixKernel(
      packing: MatrixPacking(panelColumns: lanes, depthGroup: 4, weightOffset: 128), rowBlock: 12,
      scratchBytes: { _ in correctionCount * 4 + accumulatorCount * 4 }, multiply: multiplyRows,
      accumulate: accumulateRows)
  }

  /// Rows whose corrections are known at a time, a multiple of every tile's height.
  private let correctionCount = 192
  /// Sums of one tile, for multipliers that are not plain.
  private let accumulatorCount = 12 * 32

  extension MatrixMultiply {
    /// Calls `body` for each block of rows that have their corrections, with the first row.
    @inline(__always)
    fileprivate func forEachBlock(_ body: (_ first: Int, _ count: Int, _ operands: TileOperands) -> Void) {
      let corrections = scratch.assumingMemoryBound(to: Int32.self)
      let groups = (depth &+ 3) / 4
      var first = 0
      while first < rowCount {
        let count = min(rowCount &- first, correctionCount)
        let block = rows + first &* rowStride
        correctRows(
          block, stride: rowStride, count: count, depth: depth,
          factor: -128 &- weightZeroPoint, corrections)
        body(
          first, count,
          TileOperands(
            rows: block, stride: rowStride, groups: groups, weights: weights,
            panelBytes: groups &* 64, corrections: UnsafePointer(corrections)))
        first &+= count
      }
    }
  }

  private func multiplyRows(
    _ product: MatrixMultiply, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>,
    _ outputStride: Int
  ) {
    if !requantization.isPlain {
      return multiplyGeneral(product, requantization, output, outputStride)
    }
    product.forEachBlock { first, count, operands in
      let target = output + first &* outputStride
      var operands = operands
      var column = 0
      while product.columns &- column > lanes {
        multiplyPanels(
          operands, count, requantization.dropping(column), target + column, outputStride,
          min(product.columns &- column, 2 &* lanes))
        operands.weights += 2 &* operands.panelBytes
        column &+= 2 &* lanes
      }
      if column < product.columns {
        multiplyPanel(
          operands, count, requantization.dropping(column), target + column, outputStride,
          product.columns &- column)
      }
    }
  }

  /// Two panels of `count` rows.
  @inline(never)
  private func multiplyPanels(
    _ operands: TileOperands, _ count: Int, _ requantization: Requantization,
    _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int, _ columns: Int
  ) {
    var position = TilePosition(operands, count, requantization, output, outputStride, columns)
    while position.remaining >= 12 { MatrixTile<12, 2>.multiply(&position) }
    if position.remaining >= 8 { MatrixTile<8, 2>.multiply(&position) }
    if position.remaining >= 4 { MatrixTile<4, 2>.multiply(&position) }
    if position.remaining >= 2 { MatrixTile<2, 2>.multiply(&position) }
    if position.remaining >= 1 { MatrixTile<1, 2>.multiply(&position) }
  }

  /// One panel of `count` rows.
  @inline(never)
  private func multiplyPanel(
    _ operands: TileOperands, _ count: Int, _ requantization: Requantization,
    _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int, _ columns: Int
  ) {
    var position = TilePosition(operands, count, requantization, output, outputStride, columns)
    while position.remaining >= 12 { MatrixTile<12, 1>.multiply(&position) }
    if position.remaining >= 8 { MatrixTile<8, 1>.multiply(&position) }
    if position.remaining >= 4 { MatrixTile<4, 1>.multiply(&position) }
    if position.remaining >= 2 { MatrixTile<2, 1>.multiply(&position) }
    if position.remaining >= 1 { MatrixTile<1, 1>.multiply(&position) }
  }

  /// How far the rows of one or two panels have come.
  private struct TilePosition {
    var operands: TileOperands
    var remaining: Int
    var output: TileOutput
    let multipliersA: PlainMultipliers
    let multipliersB: PlainMultipliers

    @inline(__always)
    init(
      _ operands: TileOperands, _ count: Int, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int, _ columns: Int
    ) {
      self.operands = operands
      remaining = count
      self.output = TileOutput(
        address: output, stride: outputStride, columns: columns,
        range: OutputRange(
          zeroPoint: requantization.zeroPoint, low: requantization.low, high: requantization.high))
      // Where there is only one panel, its values again: the arrays may end with it.
      let second = columns > lanes ? lanes : 0
      multipliersA = PlainMultipliers(requantization, column: 0)
      multipliersB = PlainMultipliers(requantization, column: second)
    }

    @inline(__always)
    mutating func advance(_ rows: Int) {
      remaining &-= rows
      operands.rows += rows &* operands.stride
      operands.corrections += rows
      output.address += rows &* output.stride
    }
  }

  extension MatrixTile {
    @inline(__always)
    fileprivate static func multiply(_ position: inout TilePosition) {
      let sums = sums(
        position.operands, position.multipliersA.start, position.multipliersB.start)
      write(sums, position.multipliersA, position.multipliersB, position.output)
      position.advance(rowCount)
    }

    @inline(__always)
    fileprivate static func accumulate(
      _ operands: inout TileOperands, _ remaining: inout Int, _ output: inout UnsafeMutablePointer<Int32>,
      _ stride: Int, _ columns: Int
    ) {
      let sums = sums(operands, zero(), zero())
      write(
        sums, output, stride: stride, first: laneMask(columns), second: laneMask(max(columns &- lanes, 0)))
      operands.rows += rowCount &* operands.stride
      operands.corrections += rowCount
      remaining &-= rowCount
      output += rowCount &* stride
    }
  }

  private func accumulateRows(
    _ product: MatrixMultiply, _ output: UnsafeMutablePointer<Int32>, _ outputStride: Int
  ) {
    product.forEachBlock { first, count, operands in
      let target = output + first &* outputStride
      var operands = operands
      var column = 0
      while column < product.columns {
        accumulatePanels(
          operands, count, target + column, outputStride, min(product.columns &- column, 2 &* lanes))
        operands.weights += 2 &* operands.panelBytes
        column &+= 2 &* lanes
      }
    }
  }

  /// The sums of one or two panels.
  @inline(never)
  private func accumulatePanels(
    _ operands: TileOperands, _ count: Int, _ output: UnsafeMutablePointer<Int32>, _ stride: Int,
    _ columns: Int
  ) {
    var operands = operands
    var output = output
    var remaining = count
    if columns > lanes {
      while remaining >= 12 {
        MatrixTile<12, 2>.accumulate(&operands, &remaining, &output, stride, columns)
      }
      while remaining >= 4 {
        MatrixTile<4, 2>.accumulate(&operands, &remaining, &output, stride, columns)
      }
      while remaining >= 1 {
        MatrixTile<1, 2>.accumulate(&operands, &remaining, &output, stride, columns)
      }
    } else {
      while remaining >= 12 {
        MatrixTile<12, 1>.accumulate(&operands, &remaining, &output, stride, columns)
      }
      while remaining >= 4 {
        MatrixTile<4, 1>.accumulate(&operands, &remaining, &output, stride, columns)
      }
      while remaining >= 1 {
        MatrixTile<1, 1>.accumulate(&operands, &remaining, &output, stride, columns)
      }
    }
  }

  /// Any multipliers: the sums of a few rows of two panels at a time, then their requantisation.
  private func multiplyGeneral(
    _ product: MatrixMultiply, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>,
    _ outputStride: Int
  ) {
    let stride = 2 &* lanes
    product.forEachBlock { first, count, operands in
      let accumulators = product.scratch.assumingMemoryBound(to: Int32.self) + correctionCount
      var column = 0
      var panels = operands
      while column < product.columns {
        let columns = min(product.columns &- column, stride)
        var rows = panels
        var row = 0
        while row < count {
          let height = min(count &- row, 12)
          accumulatePanels(rows, height, accumulators, stride, columns)
          requantize(
            UnsafePointer(accumulators), stride: stride, rows: height, columns: columns,
            requantization.dropping(column), output + ((first &+ row) &* outputStride &+ column),
            outputStride)
          rows.rows += height &* rows.stride
          rows.corrections += height
          row &+= height
        }
        panels.weights += 2 &* panels.panelBytes
        column &+= stride
      }
    }
  }
#endif
