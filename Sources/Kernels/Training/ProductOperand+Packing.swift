// What the packing of all instruction sets consists of.

extension ProductOperand {
  /// Packs a block of `width` lines or fewer.
  ///
  /// - Parameters:
  ///   - unit: Depths of a step of `whole`, a multiple of `depthGroup`.
  ///   - whole: Packs steps of all `width` lines; what is left over is packed number by number.
  @inlinable @inline(__always)
  public func pack<Element: FixedWidthInteger>(
    _ block: OperandBlock, width: Int, depthGroup: Int, unit: Int, _ target: UnsafeMutablePointer<Int16>,
    _ whole: (_ source: UnsafePointer<Element>, _ steps: Int, _ target: UnsafeMutablePointer<Int16>) -> Void
  ) {
    let source =
      elements.assumingMemoryBound(to: Element.self)
      + (block.line &* lineStride &+ block.depth &* depthStride)
    let steps = block.lines == width ? block.depths / unit : 0
    if steps > 0 { whole(source, steps, target) }
    let first = steps &* unit
    if first < block.depths {
      packRest(
        source + first &* depthStride, lines: block.lines, depths: block.depths &- first, width: width,
        depthGroup: depthGroup, target + first &* width)
    }
  }

  /// The definition of packing.
  @inlinable @inline(never) @_optimize(size)
  func packRest<Element: FixedWidthInteger>(
    _ source: UnsafePointer<Element>, lines: Int, depths: Int, width: Int, depthGroup: Int,
    _ target: UnsafeMutablePointer<Int16>
  ) {
    let step = width &* depthGroup
    target.update(repeating: 0, count: (depths &+ depthGroup &- 1) / depthGroup &* step)
    for line in 0..<lines {
      for place in 0..<depthGroup {
        var number = source + (line &* lineStride &+ place &* depthStride)
        var target = target + (line &* depthGroup &+ place)
        var depth = place
        while depth < depths {
          target.pointee = part(number.pointee)
          number += depthGroup &* depthStride
          target += step
          depth &+= depthGroup
        }
      }
    }
  }

  @inlinable @inline(__always)
  func part<Element: FixedWidthInteger>(_ number: Element) -> Int16 {
    let word = Int32(truncatingIfNeeded: number)
    return Element.bitWidth > 16
      ? Int16(truncatingIfNeeded: (word &+ (1 &<< shift) &>> 1) &>> shift) : Int16(truncatingIfNeeded: word)
  }

  /// The same, a group at a time, all of which is read before any is written: then the compiler turns it into vectors.
  ///
  /// - Parameter isAlong: Depths lie side by side, or else lines; a constant where this is inlined, as are the others.
  @inlinable @inline(__always)
  public func packGroups<Element: FixedWidthInteger>(
    _ type: Element.Type, _ block: OperandBlock, width: Int, depthGroup: Int, isAlong: Bool,
    _ target: UnsafeMutablePointer<Int16>
  ) {
    let lineStride = isAlong ? lineStride : 1
    let depthStride = isAlong ? 1 : depthStride
    pack(block, width: width, depthGroup: depthGroup, unit: depthGroup, target) {
      (source: UnsafePointer<Element>, steps, target) in
      var (source, target) = (source, target)
      for _ in 0..<steps {
        var numbers = InlineArray<32, Int16>(repeating: 0)
        for line in 0..<width {
          for place in 0..<depthGroup {
            numbers[line &* depthGroup &+ place] = part(source[line &* lineStride &+ place &* depthStride])
          }
        }
        for index in 0..<width &* depthGroup { target[index] = numbers[index] }
        source += depthGroup &* depthStride
        target += width &* depthGroup
      }
    }
  }
}
