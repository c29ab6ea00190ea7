/// What an instruction set's tiles are: `height` rows times sixteen columns, `depthGroup` depths of each side by side.
public struct ProductTile<let height: Int, let depthGroup: Int> {
  public let add: TiledProduct.Tiles

  public init(_ add: @escaping TiledProduct.Tiles) { self.add = add }
}

/// What is packed of an operand's number.
public protocol PackedPart {
  associatedtype Element
  static func part(_ element: Element) -> Int16
}

/// The number, or its lowest 16 bits.
public enum LowPart<Element: FixedWidthInteger>: PackedPart {
  @inlinable @inline(__always)
  public static func part(_ element: Element) -> Int16 { Int16(truncatingIfNeeded: element) }
}

/// What a number is without its lowest 16 bits, these taken as a number with a sign.
public enum HighPart: PackedPart {
  @inlinable @inline(__always)
  public static func part(_ element: Int32) -> Int16 {
    Int16(truncatingIfNeeded: (element &+ 1 << 15) &>> 16)
  }
}

/// An operand before it is packed: a number is `elements[line · lineStride + depth · depthStride]`.
public struct ProductOperand<Element> {
  public var elements: UnsafePointer<Element>
  public var lineStride: Int
  public var depthStride: Int

  @inlinable @inline(__always)
  public init(_ elements: UnsafePointer<Element>, lineStride: Int, depthStride: Int) {
    self.elements = elements
    self.lineStride = lineStride
    self.depthStride = depthStride
  }

  /// Packs `lines` of them, filled up with zeros to `width`, and `depths` of each, filled up to whole groups:
  /// `target[(group · width + line) · depthGroup + place]`.
  @inlinable @inline(__always)
  public func pack<Part: PackedPart>(
    _ type: Part.Type, _ line: Int, _ lines: Int, _ depth: Int, _ depths: Int, width: Int, depthGroup: Int,
    _ target: UnsafeMutablePointer<Int16>
  ) where Part.Element == Element {
    let source = elements + (line &* lineStride &+ depth &* depthStride)
    let wholeGroups = lines == width ? depths / depthGroup : 0
    var target = target
    for group in 0..<wholeGroups {
      let source = source + group &* depthGroup &* depthStride
      // All are read before any is written: only then does the compiler take vectors.
      var numbers = InlineArray<32, Int16>(repeating: 0)
      for line in 0..<width {
        for place in 0..<depthGroup {
          numbers[line &* depthGroup &+ place] = Part.part(
            source[line &* lineStride &+ place &* depthStride])
        }
      }
      for index in 0..<width &* depthGroup { target[index] = numbers[index] }
      target += width &* depthGroup
    }
    let first = wholeGroups &* depthGroup
    if first >= depths { return }
    target.update(
      repeating: 0, count: (depths &- first &+ depthGroup &- 1) / depthGroup &* width &* depthGroup)
    for depth in first..<depths {
      let place = (depth &- first) / depthGroup &* width &* depthGroup &+ depth % depthGroup
      for line in 0..<lines {
        target[place &+ line &* depthGroup] = Part.part(
          source[line &* lineStride &+ depth &* depthStride])
      }
    }
  }
}

extension ErrorProduct {
  /// `multiplyErrorsScalar` by tiles.
  @inlinable @inline(__always)
  public func add<let height: Int, let depthGroup: Int>(_ tile: ProductTile<height, depthGroup>) {
    TiledProduct(
      rowCount: rowCount, depth: depth, columns: columns, output: output, outputStride: outputStride
    ).add(height: height, depthGroup: depthGroup, tile.add) { line, lines, depth, depths, target in
      ProductOperand(rows, lineStride: rowStride, depthStride: 1).pack(
        LowPart.self, line, lines, depth, depths, width: height, depthGroup: depthGroup, target)
    } packColumns: { line, lines, depth, depths, target in
      ProductOperand(weights, lineStride: 1, depthStride: weightStride).pack(
        LowPart.self, line, lines, depth, depths, width: TiledProduct.panelColumns, depthGroup: depthGroup,
        target)
    }
  }
}

extension GradientProduct {
  /// `multiplyGradientScalar` by tiles, of a part of each input, times `2^shift`.
  @inlinable @inline(__always)
  public func add<let height: Int, let depthGroup: Int, Part: PackedPart>(
    _ tile: ProductTile<height, depthGroup>, _ part: Part.Type, shift: Int32 = 0
  ) where Part.Element == Input {
    TiledProduct(
      rowCount: errorColumns, depth: rowCount, columns: inputColumns, output: output,
      outputStride: outputStride, shift: shift
    ).add(height: height, depthGroup: depthGroup, tile.add) { line, lines, depth, depths, target in
      ProductOperand(errors, lineStride: 1, depthStride: errorStride).pack(
        LowPart.self, line, lines, depth, depths, width: height, depthGroup: depthGroup, target)
    } packColumns: { line, lines, depth, depths, target in
      ProductOperand(inputs, lineStride: 1, depthStride: inputStride).pack(
        part, line, lines, depth, depths, width: TiledProduct.panelColumns, depthGroup: depthGroup, target)
    }
  }
}

extension GradientProduct<Int16> {
  @inlinable @inline(__always)
  public func add<let height: Int, let depthGroup: Int>(_ tile: ProductTile<height, depthGroup>) {
    add(tile, LowPart.self)
  }
}

extension GradientProduct<Int32> {
  /// Two products of int16 numbers: with an input's low part, and with its high part.
  @inlinable @inline(__always)
  public func add<let height: Int, let depthGroup: Int>(_ tile: ProductTile<height, depthGroup>) {
    add(tile, LowPart.self)
    add(tile, HighPart.self, shift: 16)
  }
}

extension LogitProduct {
  /// `multiplyLogitsScalar` by tiles.
  @inlinable @inline(__always)
  public func compute<let height: Int, let depthGroup: Int>(
    _ tile: ProductTile<height, depthGroup>, _ output: UnsafeMutablePointer<Int32>
  ) {
    output.update(repeating: 0, count: rowCount &* columns)
    TiledProduct(rowCount: rowCount, depth: depth, columns: columns, output: output, outputStride: columns)
      .add(height: height, depthGroup: depthGroup, tile.add) { line, lines, depth, depths, target in
        ProductOperand(rows, lineStride: self.depth, depthStride: 1).pack(
          LowPart.self, line, lines, depth, depths, width: height, depthGroup: depthGroup, target)
      } packColumns: { line, lines, depth, depths, target in
        ProductOperand(weights, lineStride: self.depth, depthStride: 1).pack(
          LowPart.self, line, lines, depth, depths, width: TiledProduct.panelColumns, depthGroup: depthGroup,
          target)
      }
  }
}
