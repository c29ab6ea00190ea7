/// Lays out the windows of a convolution as the rows of a matrix.
///
/// A row holds a window's taps from top to bottom and from left to right, `groupChannels` bytes a tap; taps outside
/// the image are `zeroPoint`. Bytes are copied 16 at a time: up to 15 bytes beyond the image's end are read, and as
/// many beyond the last row are written.
struct WindowRows {
  var geometry: WindowGeometry
  /// Bytes of a pixel.
  var channels: Int
  /// Bytes of a pixel's part that the group sees.
  var groupChannels: Int
  var zeroPoint: Int8

  /// Lays out `count` windows from output pixel `firstRow` on, in the order batch, y, x.
  ///
  /// - Parameter image: The group's first channel of the first batch's first pixel.
  func stage(
    _ image: UnsafePointer<Int8>, _ firstRow: Int, _ count: Int, _ staged: UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    let imageBytes = height.input * width.input * channels
    var target = staged
    var x = firstRow % width.output
    var y = firstRow / width.output % height.output
    var image = image + firstRow / width.output / height.output * imageBytes
    var remaining = count
    while remaining > 0 {
      let end = min(x + remaining, width.output)
      stage(image, y, x..<end, &target)
      remaining -= end - x
      x = 0
      y += 1
      if y == height.output {
        y = 0
        image += imageBytes
      }
    }
  }

  /// Some windows of one row of output pixels.
  private func stage(
    _ image: UnsafePointer<Int8>, _ y: Int, _ range: Range<Int>,
    _ target: inout UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    let top = y * height.stride - height.padding
    let isInside = top >= 0 && top + height.reach <= height.input
    let isRun = width.dilation == 1 && groupChannels == channels
    // Windows inside the image: from the first whose left edge is, to the last whose right edge is.
    let room = width.input - width.reach + width.padding
    let last = room < 0 ? -1 : room / width.stride
    let first = (width.padding + width.stride - 1) / width.stride
    let inside = max(first, range.lowerBound)..<max(min(last + 1, range.upperBound), first, range.lowerBound)
    guard isInside && isRun && !inside.isEmpty else {
      for x in range { stageTaps(image, top, x * width.stride - width.padding, &target) }
      return
    }
    for x in range.lowerBound..<inside.lowerBound {
      stageTaps(image, top, x * width.stride - width.padding, &target)
    }
    let left = inside.lowerBound * width.stride - width.padding
    stageRuns(image + (top * width.input + left) * channels, inside.count, &target)
    for x in inside.upperBound..<range.upperBound {
      stageTaps(image, top, x * width.stride - width.padding, &target)
    }
  }

  /// `count` windows that lie in the image, a copy for each of their rows.
  private func stageRuns(
    _ first: UnsafePointer<Int8>, _ count: Int, _ target: inout UnsafeMutablePointer<Int8>
  ) {
    let rowBytes = geometry.width.input &* channels &* geometry.height.dilation
    let runBytes = geometry.width.kernel &* channels
    let step = geometry.width.stride &* channels
    let rows = geometry.height.kernel
    var output = target
    var window = first
    for _ in 0..<count {
      var source = window
      for _ in 0..<rows {
        copy(source, output, runBytes)
        source += rowBytes
        output += runBytes
      }
      window += step
    }
    target = output
  }

  /// One window, tap by tap, its upper left corner at (`top`, `left`).
  private func stageTaps(
    _ image: UnsafePointer<Int8>, _ top: Int, _ left: Int, _ target: inout UnsafeMutablePointer<Int8>
  ) {
    let (height, width) = (geometry.height, geometry.width)
    var line = top
    for _ in 0..<height.kernel {
      var position = left
      for _ in 0..<width.kernel {
        if line < 0 || line >= height.input || position < 0 || position >= width.input {
          fill(target, groupChannels)
        } else {
          copy(image + (line * width.input + position) * channels, target, groupChannels)
        }
        position += width.dilation
        target += groupChannels
      }
      line += height.dilation
    }
  }

  /// Copies `count` bytes and up to 15 more, which are not part of what was asked for: windows are short, and a call
  /// of `memcpy` costs more than the copy.
  @inline(__always)
  private func copy(_ source: UnsafePointer<Int8>, _ target: UnsafeMutablePointer<Int8>, _ count: Int) {
    var position = 0
    repeat {
      let chunk = UnsafeRawPointer(source + position).loadUnaligned(as: SIMD16<Int8>.self)
      UnsafeMutableRawPointer(target + position).storeBytes(of: chunk, as: SIMD16<Int8>.self)
      position &+= 16
    } while position < count
  }

  @inline(__always)
  private func fill(_ target: UnsafeMutablePointer<Int8>, _ count: Int) {
    var position = 0
    repeat {
      UnsafeMutableRawPointer(target + position)
        .storeBytes(of: SIMD16(repeating: zeroPoint), as: SIMD16<Int8>.self)
      position &+= 16
    } while position < count
  }
}
