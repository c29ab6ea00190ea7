#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  var depthwiseKernel: DepthwiseKernel {
    DepthwiseKernel(
      packedCount: { shape in DepthwisePacking(shape: shape).bytes / 2 }, pack: packDepthwise,
      convolve: convolveDepthwise)
  }

  private func convolveDepthwise(
    _ row: DepthwiseRow, _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let packing = DepthwisePacking(
      shape: DepthwiseShape(
        height: row.kernelHeight, width: row.kernelWidth, channels: row.channels))
    let mode = packing.mode(row.weights)
    if requantization.isPlain && mode != .unsigned && row.dilation == 1
      && row.kernelHeight == row.kernelWidth
    {
      switch (row.kernelHeight, row.stride, mode) {
      case (3, 1, .signed):
        return DepthwiseThree<1, 1>.convolve(row, packing, requantization, output)
      case (3, 2, .signed):
        return DepthwiseThree<2, 1>.convolve(row, packing, requantization, output)
      case (3, 1, _): return DepthwiseThree<1, 2>.convolve(row, packing, requantization, output)
      case (3, 2, _): return DepthwiseThree<2, 2>.convolve(row, packing, requantization, output)
      case (5, 1, .signed):
        return DepthwiseFive<1, 1>.convolve(row, packing, requantization, output)
      case (5, 2, .signed):
        return DepthwiseFive<2, 1>.convolve(row, packing, requantization, output)
      case (5, 1, _): return DepthwiseFive<1, 2>.convolve(row, packing, requantization, output)
      case (5, 2, _): return DepthwiseFive<2, 2>.convolve(row, packing, requantization, output)
      default: break
      }
    }
    convolveAny(row, packing, mode, requantization, output)
  }

  /// Any window, any multipliers.
  private func convolveAny(
    _ row: DepthwiseRow, _ packing: DepthwisePacking, _ mode: DepthwisePacking.Mode,
    _ requantization: Requantization, _ output: UnsafeMutablePointer<Int8>
  ) {
    let parts = mode == .signedParts ? 2 : 1
    let read = ColumnReader(isUnsigned: mode != .unsigned)
    for block in 0..<packing.blocks {
      let channel = block &* lanes
      let bias = add(load(packing.start(row.weights, block: block)), load(requantization.bias + channel))
      let mask = laneMask(row.channels &- channel)
      let multipliers = GeneralMultipliers(
        mantissas: load(requantization.mantissas + channel),
        exponents: load(requantization.exponents + channel))
      let weights = packing.weights(row.weights, block: block)
      for x in 0..<row.outputWidth {
        var sum = bias
        for column in 0..<row.kernelWidth {
          let offset = (x &* row.stride &+ column &* row.dilation) &* row.channels &+ channel
          for quad in 0..<packing.quads {
            let first = quad &* 4
            let last = row.kernelHeight &- 1
            let pixels = read(
              row.rows[first &* row.rowStep] + offset,
              row.rows[min(first &+ 1, last) &* row.rowStep] + offset,
              row.rows[min(first &+ 2, last) &* row.rowStep] + offset,
              row.rows[min(first &+ 3, last) &* row.rowStep] + offset)
            var place = weights + (column &* packing.quads &+ quad) &* 64
            for _ in 0..<parts {
              let weight = load(place)
              sum = mode == .unsigned ? dot(sum, weight, pixels) : dot(sum, pixels, weight)
              place += packing.partBytes
            }
          }
        }
        let value = add(multipliers.multiply(sum), splat(requantization.zeroPoint))
        let limited = _mm512_min_epi32(
          _mm512_max_epi32(value, splat(requantization.low)), splat(requantization.high))
        _mm512_mask_cvtepi32_storeu_epi8(output + (x &* row.channels &+ channel), mask, limited)
      }
    }
  }
#endif
