#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Rows that are multiplied with all panels, one after the other, at a time; their corrections are an int32 each.
  private let blockRows = 256
  /// The outputs of a tile whose panels are not whole.
  private let partBytes = 64
  private let correctionsOffset = partBytes + TileBias.bytes

  extension MatrixKernel {
    /// The kernel that multiplies tiles by these products.
    @inline(__always)
    public init<Products: MatrixProducts>(_ products: Products.Type) {
      self.init(
        packing: products.packing, rowBlock: 4, scratchBytes: { _ in correctionsOffset + blockRows * 4 },
        multiply: { product, requantization, output, stride in
          if !requantization.isPlain {
            product.multiply(Products.Exact.self, GeneralMultipliers.self, requantization, output, stride)
          } else if product.hasExtremePairs {
            product.multiply(Products.Exact.self, PlainMultipliers<1, 1>.self, requantization, output, stride)
          } else if requantization.low > -128 || requantization.high < 127 {
            product.multiply(Products.self, PlainMultipliers<1, 1>.self, requantization, output, stride)
          } else if requantization.zeroPoint > -128 {
            product.multiply(Products.self, PlainMultipliers<1, 0>.self, requantization, output, stride)
          } else {
            product.multiply(Products.self, PlainMultipliers<0, 0>.self, requantization, output, stride)
          }
        },
        accumulate: { product, output, stride in
          product.accumulate(Products.Exact.self, output, stride)
        })
    }
  }

  extension MatrixMultiply {
    /// Calls `body` for each block of rows that have their corrections, with the first row.
    @inline(__always)
    private func forEachBlock(
      panelBytes: Int, _ body: (_ first: Int, _ count: Int, _ operands: TileOperands) -> Void
    ) {
      let corrections = (scratch + correctionsOffset).assumingMemoryBound(to: Int32.self)
      // Blocks alike, of whole tiles: a small last one would read all weights for few rows.
      let blockCount = max((rowCount &+ blockRows &- 1) / blockRows, 1)
      let height = ((rowCount &+ blockCount &- 1) / blockCount &+ 3) & ~3
      var first = 0
      while first < rowCount {
        let count = min(rowCount &- first, height)
        let block = rows + first &* rowStride
        if weightZeroPoint != 0 {
          correctRows(
            block, stride: rowStride, count: count, depth: depth, factor: 0 &- weightZeroPoint, corrections)
        }
        body(
          first, count,
          TileOperands(
            rows: block, stride: rowStride, depth: depth,
            weights: UnsafeRawPointer(weights).assumingMemoryBound(to: Int8.self), panelBytes: panelBytes,
            bias: TileBias(scratch + partBytes),
            corrections: weightZeroPoint == 0 ? nil : UnsafePointer(corrections)))
        first &+= count
      }
    }

    @inline(never)
    func multiply<Products: MatrixProducts, Multipliers: ColumnMultipliers>(
      _ products: Products.Type, _ multipliers: Multipliers.Type, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, _ outputStride: Int
    ) {
      forEachBlock(panelBytes: products.packing.panelBytes(depth: depth)) { first, count, operands in
        let target = output + first &* outputStride
        var operands = operands
        var column = 0
        while column < columns {
          let width = min(columns &- column, 16)
          let panels = requantization.dropping(column)
          if width > 8 {
            multiply(
              MatrixPanels<2>.self, products, multipliers, operands, count, panels, target + column,
              outputStride, width)
          } else {
            multiply(
              MatrixPanels<1>.self, products, multipliers, operands, count, panels, target + column,
              outputStride, width)
          }
          operands.weights += 2 &* operands.panelBytes
          column &+= 16
        }
      }
    }

    /// The outputs of one or two panels, `width` columns.
    @inline(__always)
    private func multiply<let panelCount: Int, Products: MatrixProducts, Multipliers: ColumnMultipliers>(
      _ panels: MatrixPanels<panelCount>.Type, _ products: Products.Type, _ multipliers: Multipliers.Type,
      _ operands: TileOperands, _ count: Int, _ requantization: Requantization,
      _ output: UnsafeMutablePointer<Int8>, _ stride: Int, _ width: Int
    ) {
      // Of a matrix's last columns whole panels are computed aside, a tile at a time.
      let isWhole = width == 8 &* panelCount
      let part = scratch.assumingMemoryBound(to: Int8.self)
      var operands = operands
      var row = 0
      while row < count {
        let height = isWhole ? count : min(count &- row, 4)
        let target = output + row &* stride
        panels.multiply(
          products, multipliers, operands, height, requantization, isWhole ? target : part,
          isWhole ? stride : 16)
        if !isWhole {
          for index in 0..<height {
            for column in 0..<width { target[index &* stride &+ column] = part[16 &* index &+ column] }
          }
        }
        operands.advance(height)
        row &+= height
      }
    }

    @inline(never)
    func accumulate<Products: MatrixProducts>(
      _ products: Products.Type, _ output: UnsafeMutablePointer<Int32>, _ outputStride: Int
    ) {
      forEachBlock(panelBytes: products.packing.panelBytes(depth: depth)) { first, count, operands in
        let target = output + first &* outputStride
        var operands = operands
        var column = 0
        while column < columns {
          if columns &- column > 8 {
            MatrixPanels<2>.accumulate(products, operands, count, target + column, outputStride)
          } else {
            MatrixPanels<1>.accumulate(products, operands, count, target + column, outputStride)
          }
          operands.weights += 2 &* operands.panelBytes
          column &+= 16
        }
      }
    }
  }

  /// One or two panels.
  private struct MatrixPanels<let panelCount: Int> {
    /// The outputs of `count` rows.
    @inline(__always)
    static func multiply<Products: MatrixProducts, Multipliers: ColumnMultipliers>(
      _ products: Products.Type, _ multipliers: Multipliers.Type, _ operands: TileOperands, _ count: Int,
      _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>, _ stride: Int
    ) {
      let panels = PanelOutput<panelCount, Multipliers>(requantization)
      let bias = PanelColumns(requantization.bias)
      operands.bias.set(bias, panelCount > 1 ? PanelColumns(requantization.bias + 8) : bias)
      var operands = operands
      var output = output
      var remaining = count
      while remaining >= 4 {
        let tile = MatrixTile<4, panelCount>.self
        panels.write(tile, tile.sums(products, operands), output, stride: stride)
        operands.advance(4)
        output += 4 &* stride
        remaining &-= 4
      }
      while remaining > 0 {
        let tile = MatrixTile<1, panelCount>.self
        panels.write(tile, tile.sums(products, operands), output, stride: stride)
        operands.advance(1)
        output += stride
        remaining &-= 1
      }
    }

    /// The sums of `count` rows.
    @inline(never)
    static func accumulate<Products: MatrixProducts>(
      _ products: Products.Type, _ operands: TileOperands, _ count: Int,
      _ output: UnsafeMutablePointer<Int32>, _ stride: Int
    ) {
      let zero = PanelColumns(even: vdupq_n_s32(0), odd: vdupq_n_s32(0))
      operands.bias.set(zero, zero)
      var operands = operands
      var output = output
      var remaining = count
      while remaining >= 4 {
        let tile = MatrixTile<4, panelCount>.self
        tile.write(tile.sums(products, operands), output, stride: stride)
        operands.advance(4)
        output += 4 &* stride
        remaining &-= 4
      }
      while remaining > 0 {
        let tile = MatrixTile<1, panelCount>.self
        tile.write(tile.sums(products, operands), output, stride: stride)
        operands.advance(1)
        output += stride
        remaining &-= 1
      }
    }
  }

  extension TileOperands {
    @inline(__always)
    fileprivate mutating func advance(_ count: Int) {
      rows += count &* stride
      if let first = corrections { corrections = first + count }
    }
  }
#endif
