import FirmwareModel
import Kernels

extension FrameResampler {
  /// Makes the input tensor of a frame of the format prepared for.
  ///
  /// - Parameters:
  ///   - bytes: The frame; more than its format takes are left alone.
  ///   - tensor: `elementCount` elements, all of which are written.
  /// - Throws: Where there are too few bytes.
  public mutating func resample(
    _ bytes: UnsafeRawBufferPointer, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    guard let format, let start = bytes.baseAddress, bytes.count >= byteCount else {
      throw ImageError(.shortFrame(bytes: bytes.count, needed: byteCount))
    }
    if geometry.windowWidth < input.width || geometry.windowHeight < input.height {
      input.fillWithGray(tensor)
    }
    let frame = start.assumingMemoryBound(to: UInt8.self)
    let factors = format.colors.factors
    var y = 0
    while y < geometry.windowHeight {
      // The last strip begins higher where rows are left over, and makes some of them again.
      let rows = min(PixelStrip.rows, geometry.windowHeight)
      let first = min(y, geometry.windowHeight - rows)
      for plane in 0..<format.layout.planeCount {
        let window = window(format, plane)
        if !window.isEmpty { resize(frame, format, plane, window, first..<first + rows) }
      }
      convert(format.layout, factors)
      write(first..<first + rows, tensor)
      y += PixelStrip.rows
    }
  }

  /// A plane's components of a strip, as sums.
  private func resize(
    _ frame: UnsafePointer<UInt8>, _ format: FrameFormat, _ plane: Int, _ window: Range<Int>,
    _ rows: Range<Int>
  ) {
    let stride = format.stride(ofPlane: plane)
    let first = frame + format.offset(ofPlane: plane) + window.lowerBound
    let isChroma = format.layout.plane(plane).groupHeight > 1
    for row in rows {
      let (line, weights, taps) = isChroma ? chromaLines.trimmed(row) : lines.trimmed(row)
      kernels.pixels.weighRows(
        WeightedRows(
          rows: first + line * stride, stride: stride, weights: weights, taps: taps, count: window.count),
        strip.rows + (row - rows.lowerBound) * strip.stride)
    }
    kernels.pixels.toColumns(strip.rows, strip.stride, window.count, strip.columns)
    for index in 0..<componentCount(format.layout) {
      let component = format.layout.component(index)
      if component.plane != plane { continue }
      let column = samples(component).lowerBound * component.step + component.offset - window.lowerBound
      let columns = UnsafePointer(strip.columns) + column * PixelStrip.rows
      if component.spacing == 1 {
        weigh(columns, component.step, self.columns, strip.sums(index))
      } else {
        weigh(columns, component.step, chromaColumns, strip.sums(index))
      }
    }
  }

  private func weigh(
    _ columns: UnsafePointer<UInt8>, _ step: Int, _ axis: borrowing FrameAxis,
    _ sums: UnsafeMutablePointer<UInt16>
  ) {
    kernels.pixels.weighColumns(
      WeightedColumns(
        columns: columns, step: step, starts: axis.starts, weights: axis.weights, taps: axis.taps,
        count: axis.count),
      sums)
  }

  /// A strip's sums to its channels' pixels, quantised.
  private func convert(_ layout: FrameFormat.Layout, _ factors: ColorFactors) {
    let count = geometry.windowWidth * PixelStrip.rows
    let sums = ComponentSums(
      first: UnsafePointer(strip.sums(0)), second: UnsafePointer(strip.sums(1)),
      third: UnsafePointer(strip.sums(2)))
    let (red, blue) = input.blueFirst ? (2, 0) : (0, 2)
    if input.channels == 1 && layout.componentCount == 3 && !layout.hasChroma {
      kernels.pixels.gray(sums, factors, strip.pixels(0), count)
    } else if componentCount(layout) == 1 {
      kernels.pixels.expand(sums.first, factors, strip.pixels(0), count)
    } else if layout.hasChroma {
      let planes = ColorPlanes(red: strip.pixels(red), green: strip.pixels(1), blue: strip.pixels(blue))
      kernels.pixels.colors(sums, factors, planes, count)
    } else {
      kernels.pixels.expand(sums.first, factors, strip.pixels(red), count)
      kernels.pixels.expand(sums.second, factors, strip.pixels(1), count)
      kernels.pixels.expand(sums.third, factors, strip.pixels(blue), count)
    }
    // One component's pixels are every channel's: the first channel's, which they are in, comes last.
    let isShared = componentCount(layout) == 1
    for channel in (0..<input.channels).reversed() {
      let source = UnsafePointer(strip.pixels(isShared ? 0 : channel))
      if !hasPlainTables {
        kernels.lookUp(table(channel), source, strip.pixels(channel), count)
      } else if isShared && channel > 0 {
        strip.pixels(channel).copy(from: source, count: count)
      }
    }
  }

  /// A strip's pixels to their rows of the tensor.
  private func write(_ rows: Range<Int>, _ tensor: UnsafeMutablePointer<Int8>) {
    let steps = input.steps
    let isInterleaved = steps.channel == 1
    for channel in 0..<(isInterleaved ? 1 : input.channels) {
      let run = PixelRows(
        planes: UnsafePointer(strip.pixels(channel)), planeStride: strip.planeStride,
        channels: isInterleaved ? input.channels : 1, count: geometry.windowWidth, rows: rows.count,
        outputStride: steps.down)
      kernels.pixels.toRows(
        run,
        tensor
          + (geometry.windowX * steps.right + (geometry.windowY + rows.lowerBound) * steps.down
            + channel * steps.channel))
    }
  }
}
