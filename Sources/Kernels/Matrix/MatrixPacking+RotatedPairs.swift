extension MatrixPacking {
  /// Packs one panel for kernels that multiply sixteen bytes of a row with weights of four columns at once, and add
  /// neighbouring products to the sum of their column.
  ///
  /// Sixteen depths are eight pairs. A vector of 16 bytes holds two pairs of each of four columns: column c of vector j
  /// (0 ... 3) has pair c + j in the lower half and pair c + j + 4, modulo 8, in the upper one. So bytes meet their
  /// weights when the row's are rotated by j pairs, and after all four vectors every column has met all sixteen.
  /// Vector j of all columns, four at a time, precedes vector j + 1.
  ///
  /// Where eight or fewer depths remain, vectors are of 8 bytes: column c of vector j has pair c + j, modulo 4.
  ///
  /// Example, the first bytes of a panel of columns A to D and the depths 0 to 15:
  /// A0 A1 B2 B3 C4 C5 D6 D7 | A8 A9 B10 B11 C12 C13 D14 D15, then A2 A3 B4 B5 C6 C7 D8 D9 | A10 A11 … D0 D1.
  ///
  /// - Parameter columns: Of the panel; those it lacks are stored as 0.
  /// - Returns: Whether a column has −128 at two depths, of the same sixteen, eight apart.
  func packRotatedPairs(
    _ weights: UnsafePointer<Int8>, _ columns: Int, depth: Int, into panel: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let padded = paddedDepth(depth)
    var extremes: UInt64 = 0
    for column in 0..<panelColumns {
      let lane = column & 3
      let source = UnsafeRawPointer(weights + column * depth)
      let target = UnsafeMutableRawPointer(panel)
      var first = 0
      while first < padded {
        let count = column < columns ? depth &- first : 0
        let low = MatrixPacking.word(source + first, count)
        let block = target + first &* panelColumns
        if padded &- first > 8 {
          let high = MatrixPacking.word(source + (first &+ 8), count &- 8)
          extremes |= MatrixPacking.commonExtremes(low, high)
          store(low, high, lane, at: block + ((column &- lane) &* 4 &+ lane &* 2))
        } else {
          store(low, lane, at: block + ((column &- lane) &* 2 &+ lane &* 2))
        }
        first &+= 16
      }
    }
    return extremes != 0
  }

  /// Stores a column's sixteen bytes.
  @inline(__always)
  private func store(_ low: UInt64, _ high: UInt64, _ lane: Int, at target: UnsafeMutableRawPointer) {
    for vector in 0..<4 {
      let pair = UInt64(truncatingIfNeeded: lane &+ vector)
      let shift = (pair & 3) &* 16
      let (lower, upper) = pair < 4 ? (low, high) : (high, low)
      let place = vector &* panelColumns &* 4
      target.storeBytes(of: UInt16(truncatingIfNeeded: lower &>> shift), toByteOffset: place, as: UInt16.self)
      target.storeBytes(
        of: UInt16(truncatingIfNeeded: upper &>> shift), toByteOffset: place &+ 8, as: UInt16.self)
    }
  }

  /// Stores a column's last eight bytes.
  @inline(__always)
  private func store(_ bytes: UInt64, _ lane: Int, at target: UnsafeMutableRawPointer) {
    for vector in 0..<4 {
      let shift = UInt64(truncatingIfNeeded: (lane &+ vector) & 3) &* 16
      target.storeBytes(
        of: UInt16(truncatingIfNeeded: bytes &>> shift), toByteOffset: vector &* panelColumns &* 2,
        as: UInt16.self)
    }
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
