extension MatrixPacking {
  /// Packs one panel of eight columns, for kernels that multiply sixteen bytes of a row with weights of four columns at
  /// once and add neighbouring products to the sum of their column.
  ///
  /// Vectors alternate between the even and the odd columns; lane l of a vector belongs to the l-th of the four.
  /// Sixteen depths are eight pairs. A vector of 16 bytes holds two pairs of each of its columns: lane l of the j-th
  /// vector (0 ... 3) has pair l + j in the lower half and pair l + j + 4, modulo 8, in the upper one. So bytes meet
  /// their weights when the row's are rotated by j pairs, and after all four vectors every column has met all sixteen.
  /// Where eight or fewer depths remain there are two vectors: lane l of the j-th has pair l + 2j in the lower half and
  /// pair l + 2j + 1, modulo 4, in the upper one.
  ///
  /// Example, the first bytes of a panel of columns A to H and the depths 0 to 15:
  /// A0 A1 C2 C3 E4 E5 G6 G7 | A8 A9 C10 C11 E12 E13 G14 G15, the odd columns likewise, then
  /// A2 A3 C4 C5 E6 E7 G8 G9 | A10 A11 C12 C13 E14 E15 G0 G1.
  ///
  /// - Parameter columns: Of the panel; those it lacks are stored as 0.
  /// - Returns: Whether a column has −128 at two depths whose bytes lie at the same place in the two halves of a
  ///   vector.
  func packRotatedPairs(
    _ weights: UnsafePointer<Int8>, _ columns: Int, depth: Int, into panel: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let padded = paddedDepth(depth)
    var extremes: UInt64 = 0
    for column in 0..<8 {
      let lane = column / 2
      let source = UnsafeRawPointer(weights + column * depth)
      let target = UnsafeMutableRawPointer(panel) + (16 * (column % 2) + 2 * lane)
      var first = 0
      while first < padded {
        let count = column < columns ? depth &- first : 0
        let low = MatrixPacking.word(source + first, count)
        if padded &- first > 8 {
          let high = MatrixPacking.word(source + (first &+ 8), count &- 8)
          extremes |= MatrixPacking.commonExtremes(low, high)
          for vector in 0..<4 {
            let isSwapped = lane &+ vector > 3
            MatrixPacking.store(
              isSwapped ? high : low, isSwapped ? low : high, pair: lane &+ vector,
              at: target + (8 &* first &+ 32 &* vector))
          }
        } else {
          let next = low &>> 16 | low &<< 48
          extremes |= MatrixPacking.commonExtremes(low, next)
          for vector in 0..<2 {
            MatrixPacking.store(
              low, next, pair: lane &+ 2 &* vector, at: target + (8 &* first &+ 32 &* vector))
          }
        }
        first &+= 16
      }
    }
    return extremes != 0
  }

  /// Stores a pair, modulo 4, of each word in one half of a vector.
  @inline(__always)
  private static func store(_ lower: UInt64, _ upper: UInt64, pair: Int, at target: UnsafeMutableRawPointer) {
    let shift = UInt64(truncatingIfNeeded: pair & 3) &* 16
    target.storeBytes(of: UInt16(truncatingIfNeeded: lower &>> shift), as: UInt16.self)
    target.storeBytes(of: UInt16(truncatingIfNeeded: upper &>> shift), toByteOffset: 8, as: UInt16.self)
  }

  /// Eight bytes; those beyond `count` are 0, and not read.
  @inline(__always)
  private static func word(_ address: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 8 { return UInt64(littleEndian: address.loadUnaligned(as: UInt64.self)) }
    var word: UInt64 = 0
    var index = 0
    while index < count {
      word |= UInt64(address.load(fromByteOffset: index, as: UInt8.self)) &<< UInt64(index &* 8)
      index &+= 1
    }
    return word
  }

  /// Not 0 if some byte is −128 in both.
  @inline(__always)
  private static func commonExtremes(_ a: UInt64, _ b: UInt64) -> UInt64 {
    // Such a byte is 0 in `others`: the one test for a zero byte.
    let others = (a ^ 0x8080_8080_8080_8080) | (b ^ 0x8080_8080_8080_8080)
    return (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
  }
}
