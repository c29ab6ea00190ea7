/// How a camera's frame is resized: sixteen rows of the result, a strip, at a time.
///
/// 1. `weighRows` makes each of the strip's rows of the frame's rows, byte by byte: whichever components lie
///    side by side in a row (YUYV, NV12's chroma, RGB), all bytes of a row weigh the same.
/// 2. `toColumns` turns the strip over: each column's sixteen bytes lie together, so that a component is
///    picked out of its neighbours by an address, and what happens along rows happens to sixteen rows at once.
/// 3. `weighColumns` makes the sums of the result's columns, for each component.
/// 4. `expand`, `colors` or `gray` make pixels of them, lowered by 128.
/// 5. `toRows` turns the pixels back into rows of the input tensor.
///
/// Weights are bytes, 255 for the whole: the weight of a pixel that is taken as it is fits in, and a sum of
/// weighted bytes is at most 255 · 255, which fits in 16 bits.
public enum PixelStrip {
  public static let rows = 16

  /// A sum of bytes times weights that add up to 255, divided by 255: rounded to the nearest.
  @inline(__always)
  static func mean(_ sum: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: (sum &+ (sum &+ 128) &>> 8 &+ 128) &>> 8)
  }
}

/// The kernels that make a model's input of a camera's frame, or of a photograph, of which `fineRows` and `fineColumns`
/// are the passes; what the others are for, `PixelStrip` tells.
public struct PixelKernels {
  public var weighRows: (_ run: WeightedRows, _ output: UnsafeMutablePointer<UInt8>) -> Void
  public var toColumns:
    (
      _ rows: UnsafePointer<UInt8>, _ stride: Int, _ count: Int,
      _ columns: UnsafeMutablePointer<UInt8>
    ) -> Void
  public var weighColumns: (_ run: WeightedColumns, _ sums: UnsafeMutablePointer<UInt16>) -> Void
  public var expand:
    (
      _ sums: UnsafePointer<UInt16>, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>,
      _ count: Int
    ) -> Void
  public var colors:
    (_ sums: ComponentSums, _ factors: ColorFactors, _ output: ColorPlanes, _ count: Int) -> Void
  public var gray:
    (
      _ sums: ComponentSums, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>,
      _ count: Int
    ) -> Void
  public var toRows: (_ run: PixelRows, _ output: UnsafeMutablePointer<Int8>) -> Void
  public var fineRows: (_ run: FineRows, _ output: UnsafeMutablePointer<UInt8>) -> Void
  public var fineColumns: (_ run: FineColumns, _ output: UnsafeMutablePointer<UInt8>) -> Void

  /// The definitions.
  public static var scalar: PixelKernels {
    PixelKernels(
      weighRows: weighRowsScalar, toColumns: toColumnsScalar, weighColumns: weighColumnsScalar,
      expand: expandScalar, colors: colorsScalar, gray: grayScalar, toRows: toRowsScalar,
      fineRows: fineRowsScalar, fineColumns: fineColumnsScalar)
  }
}
