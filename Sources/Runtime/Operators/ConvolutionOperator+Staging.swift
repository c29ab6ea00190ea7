import Kernels

extension ConvolutionOperator {
  /// Lays out the windows of some output pixels, one a row; taps outside the image are the zero point.
  ///
  /// `staged` has room for the rows and 64 bytes more.
  func stage(
    _ firstRow: Int, _ count: Int, _ group: Int, _ staged: UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    let rowBytes = height.kernel * width.kernel * (channels / groups)
    var target = staged
    var x = firstRow % width.output
    var y = firstRow / width.output % height.output
    var batch = firstRow / (width.output * height.output)
    var left = count
    while left > 0 {
      // What remains of one line of output pixels.
      let last = min(x + left, width.output)
      stageLine(batch, y, x..<last, group, target)
      target += (last - x) * rowBytes
      left -= last - x
      x = 0
      y += 1
      if y == height.output {
        y = 0
        batch += 1
      }
    }
  }

  /// The windows of neighbouring pixels of one output line.
  private func stageLine(
    _ batch: Int, _ y: Int, _ pixels: Range<Int>, _ group: Int, _ staged: UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    let rowBytes = height.kernel * width.kernel * (channels / groups)
    let top = y * height.stride - height.padding
    var inside = pixels.upperBound..<pixels.upperBound
    // One line of a window is one run of bytes, if it is of all channels and without gaps.
    if width.dilation == 1 && groups == 1 && top >= 0 && top + height.reach <= height.input {
      inside = insidePixels.clamped(to: pixels)
    }
    var target = staged
    for x in pixels.lowerBound..<inside.lowerBound {
      copyClipped(batch, top, x * width.stride - width.padding, group, target)
      target += rowBytes
    }
    let left = inside.lowerBound * width.stride - width.padding
    copyInside(batch, top, left, inside.count, target)
    target += inside.count * rowBytes
    for x in inside.upperBound..<pixels.upperBound {
      copyClipped(batch, top, x * width.stride - width.padding, group, target)
      target += rowBytes
    }
  }

  /// Windows that lie on the image, all channels, without horizontal dilation: `count` in one line from `left` on.
  private func copyInside(
    _ batch: Int, _ top: Int, _ left: Int, _ count: Int, _ staged: UnsafeMutablePointer<Int8>
  ) {
    if count == 0 { return }
    let (height, width) = (geometry.height, geometry.width)
    let lineBytes = width.input * channels
    let lineStep = height.dilation * lineBytes
    let step = width.stride * channels
    let run = width.kernel * channels
    var window = inputAddress + (batch * height.input + top) * lineBytes + left * channels
    var target = staged
    let lines = height.kernel
    if run <= 16 {
      // Few channels, as in a first layer: each line is one copy.
      if lines == 3 {
        for _ in 0..<count {
          copyChunk(window, target)
          copyChunk(window + lineStep, target + run)
          copyChunk(window + 2 &* lineStep, target + 2 &* run)
          target += 3 &* run
          window += step
        }
        return
      }
      for _ in 0..<count {
        var source = window
        for _ in 0..<lines {
          copyChunk(source, target)
          source += lineStep
          target += run
        }
        window += step
      }
      return
    }
    for _ in 0..<count {
      var source = window
      for _ in 0..<lines {
        copyRun(source, target, run)
        source += lineStep
        target += run
      }
      window += step
    }
  }

  /// A window of one group, wherever it lies.
  private func copyClipped(
    _ batch: Int, _ top: Int, _ left: Int, _ group: Int, _ target: UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    let groupChannels = channels / groups
    let image = inputAddress + batch * height.input * width.input * channels + group * groupChannels
    var target = target
    for i in 0..<height.kernel {
      let line = top + i * height.dilation
      if line < 0 || line >= height.input {
        fillRun(target, inputZeroPoint, width.kernel * groupChannels)
        target += width.kernel * groupChannels
        continue
      }
      let pixels = image + line * width.input * channels
      if width.dilation == 1 && groups == 1 {
        // What lies on the image is one run.
        let first = min(max(-left, 0), width.kernel)
        let end = min(max(width.input - left, first), width.kernel)
        fillRun(target, inputZeroPoint, first * channels)
        copyRun(pixels + (left + first) * channels, target + first * channels, (end - first) * channels)
        fillRun(target + end * channels, inputZeroPoint, (width.kernel - end) * channels)
        target += width.kernel * channels
        continue
      }
      for j in 0..<width.kernel {
        let position = left + j * width.dilation
        if position < 0 || position >= width.input {
          fillRun(target, inputZeroPoint, groupChannels)
        } else {
          copyRun(pixels + position * channels, target, groupChannels)
        }
        target += groupChannels
      }
    }
  }
}

/// Copies 16 bytes.
@inline(__always)
private func copyChunk(_ source: UnsafePointer<Int8>, _ target: UnsafeMutablePointer<Int8>) {
  let bytes = UnsafeRawPointer(source).loadUnaligned(as: SIMD16<UInt8>.self)
  UnsafeMutableRawPointer(target).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
}

/// Copies `count` bytes, 16 at a time: up to 15 more are read and written, which both sides must bear.
@inline(__always)
private func copyRun(
  _ source: UnsafePointer<Int8>, _ target: UnsafeMutablePointer<Int8>, _ count: Int
) {
  // A call is worth its while for long runs only.
  if count > 256 {
    target.copy(from: source, count: count)
    return
  }
  let (source, target) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
  var offset = 0
  while offset < count {
    let bytes = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    target.storeBytes(of: bytes, toByteOffset: offset, as: SIMD16<UInt8>.self)
    offset &+= 16
  }
}

/// Fills `count` bytes, 16 at a time: up to 15 more are written.
@inline(__always)
private func fillRun(_ target: UnsafeMutablePointer<Int8>, _ value: Int8, _ count: Int) {
  let target = UnsafeMutableRawPointer(target)
  var offset = 0
  while offset < count {
    target.storeBytes(of: SIMD16(repeating: value), toByteOffset: offset, as: SIMD16<Int8>.self)
    offset &+= 16
  }
}
