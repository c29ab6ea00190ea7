/// How an instruction set multiplies matrices of int16 numbers: `TiledProduct` does with it all that sets have in common.
///
/// A tile is `height` rows times the sixteen columns of a panel. Its operands are packed: `depthGroup` depths of each line
/// (row or column) side by side, then the next line's, then the next depths:
/// `packed[(group · width + line) · depthGroup + place]`.
public struct ProductKernel {
  /// Rows of a tile: at most 16.
  public var height: Int
  public var depthGroup: Int

  /// Adds the products of the packed rows of `count` tiles and a packed panel to sums, `stride` from one row to the next.
  public var addTiles:
    (
      _ rows: UnsafePointer<Int16>, _ panel: UnsafePointer<Int16>, _ groups: Int, _ count: Int,
      _ output: UnsafeMutablePointer<Int32>, _ stride: Int
    ) -> Void

  /// Packs a block of an operand, filled up with zeros.
  public typealias Packing = (
    _ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>
  ) -> Void

  /// Rows of a tile, of int16 numbers whose depths lie side by side.
  public var packRows: Packing
  /// The same of numbers whose rows lie side by side.
  public var packRowsAcross: Packing
  /// A panel of int8 numbers whose columns lie side by side, and of int16 and int32 numbers.
  public var packBytes: Packing
  public var packShorts: Packing
  public var packWords: Packing
  /// A panel of int8 numbers whose depths lie side by side.
  public var packBytesAlong: Packing

  public init(
    height: Int, depthGroup: Int,
    addTiles:
      @escaping (
        UnsafePointer<Int16>, UnsafePointer<Int16>, Int, Int, UnsafeMutablePointer<Int32>, Int
      ) -> Void, packRows: @escaping Packing, packRowsAcross: @escaping Packing, packBytes: @escaping Packing,
    packShorts: @escaping Packing, packWords: @escaping Packing, packBytesAlong: @escaping Packing
  ) {
    self.height = height
    self.depthGroup = depthGroup
    self.addTiles = addTiles
    self.packRows = packRows
    self.packRowsAcross = packRowsAcross
    self.packBytes = packBytes
    self.packShorts = packShorts
    self.packWords = packWords
    self.packBytesAlong = packBytesAlong
  }
}

/// An operand before it is packed: a number is `elements[line · lineStride + depth · depthStride]`.
public struct ProductOperand {
  public var elements: UnsafeRawPointer
  public var lineStride: Int
  public var depthStride: Int
  /// The part of int32 numbers that is packed: for 0 the lowest 16 bits, as a number with a sign, for 16 what is left
  /// without that number.
  public var shift: Int32
  public var packing: ProductKernel.Packing

  public init<Element>(
    _ elements: UnsafePointer<Element>, lineStride: Int, depthStride: Int, shift: Int32 = 0,
    _ packing: @escaping ProductKernel.Packing
  ) {
    self.elements = UnsafeRawPointer(elements)
    self.lineStride = lineStride
    self.depthStride = depthStride
    self.shift = shift
    self.packing = packing
  }
}

/// What is packed at a time: lines of an operand, and depths of these.
public struct OperandBlock {
  public var line: Int
  public var lines: Int
  public var depth: Int
  public var depths: Int
}
