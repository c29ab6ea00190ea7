import Kernels

/// A layer's inputs as its weights' gradient needs them: for each patch and channel the sum of `q − z`. On a grid of
/// pixels that is each input by itself.
public enum PatchSums {
  case narrow(UnsafeMutablePointer<Int16>)
  /// Where a patch has so many pixels that 16 bits would not do.
  case wide(UnsafeMutablePointer<Int32>)

  public static func byteCount(images: Int, grid: PatchGrid, channels: Int) -> Int {
    let count = images * grid.count * channels
    return grid.hasWideSums ? alignedBytes(count, of: Int32.self) : alignedBytes(count, of: Int16.self)
  }

  /// - Parameter memory: `byteCount` bytes, aligned to 64.
  public init(memory: UnsafeMutableRawPointer, images: Int, grid: PatchGrid, channels: Int) {
    let count = images * grid.count * channels
    self =
      grid.hasWideSums
      ? .wide(memory.bindMemory(to: Int32.self, capacity: count))
      : .narrow(memory.bindMemory(to: Int16.self, capacity: count))
  }

  /// Keeps what an image's map gives.
  ///
  /// - Parameter input: Row, column, channel.
  public func save(
    _ input: UnsafePointer<Int8>, image: Int, grid: PatchGrid, channels: Int, zeroPoint: Int32,
    kernels: TrainingKernels
  ) {
    let first = image * grid.count * channels
    switch self {
    case .narrow(let sums):
      grid.forEachPatch(of: input, channels: channels) { patch, index, _ in
        kernels.sumPatch(patch, zeroPoint, sums + (first + index * channels))
      }
    case .wide(let sums):
      grid.forEachPatch(of: input, channels: channels) { patch, index, _ in
        kernels.sumWidePatch(patch, zeroPoint, sums + (first + index * channels))
      }
    }
  }
}

extension PatchGrid {
  /// Calls `body` with each patch of a map, its index, and its count of pixels. A grid of pixels is one call: its
  /// pixels lie as one pixel with the channels of all does.
  @inline(__always)
  func forEachPatch(
    of input: UnsafePointer<Int8>, channels: Int,
    _ body: (_ patch: Patch, _ index: Int, _ pixels: Int) -> Void
  ) {
    if isExact {
      body(Patch(input: input, rowCount: 1, rowStride: 0, columnCount: 1, channels: pixels * channels), 0, 1)
      return
    }
    for row in 0..<rows {
      let y = pixelRows(of: row)
      for column in 0..<columns {
        let x = pixelColumns(of: column)
        body(
          Patch(
            input: input + (y.lowerBound * width + x.lowerBound) * channels, rowCount: y.count,
            rowStride: width * channels, columnCount: x.count, channels: channels),
          row * columns + column, y.count * x.count)
      }
    }
  }
}
