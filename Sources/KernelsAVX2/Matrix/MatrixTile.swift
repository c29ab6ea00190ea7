#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  /// The accumulators of up to six rows by sixteen columns: `a` columns 0–7, `b` columns 8–15.
  ///
  /// Twelve vectors, two of weights and one of inputs are all but one of the registers there are. They have names
  /// and are no array so that they stay in registers; the height is a generic parameter so that each height is
  /// compiled by itself, the rows that it has not left out.
  struct MatrixTile<let height: Int> {
    var a0: Vector, b0: Vector
    var a1: Vector, b1: Vector
    var a2: Vector, b2: Vector
    var a3: Vector, b3: Vector
    var a4: Vector, b4: Vector
    var a5: Vector, b5: Vector

    /// Multiplies staged rows with one panel.
    ///
    /// Two depths at a time: 32 bytes of weights are widened to int16, each row's pair is broadcast, and
    /// `vpmaddwd` adds two exact products. (`vpmaddubsw` would take four depths, but saturates.)
    ///
    /// - Parameters:
    ///   - isNarrow: Columns 8–15 are left out; a constant where this is inlined.
    ///   - rows: The first of `height` rows among `staged`.
    ///   - pairs: Pairs of depths.
    ///   - initialA, initialB: What a column starts from; a row's offset is added.
    @inline(__always)
    init(
      isNarrow: Bool, _ staged: StagedRows, _ rows: UnsafeRawPointer, _ panel: UnsafeRawPointer,
      pairs: Int, initialA: Vector, initialB: Vector
    ) {
      let row0 = rows + StagedRows.headerBytes
      let row1 = ocellus_opaque(row0 + staged.rowBytes)!
      let row2 = ocellus_opaque(row0 + 2 &* staged.rowBytes)!
      let row3 = ocellus_opaque(row0 + 3 &* staged.rowBytes)!
      let row4 = ocellus_opaque(row0 + 4 &* staged.rowBytes)!
      let row5 = ocellus_opaque(row0 + 5 &* staged.rowBytes)!
      (a0, a1, a2, a3, a4, a5) = (initialA, initialA, initialA, initialA, initialA, initialA)
      (b0, b1, b2, b3, b4, b5) = (initialB, initialB, initialB, initialB, initialB, initialB)
      if staged.hasOffsets {
        MatrixTile.addOffset(row0, &a0, &b0)
        if height > 1 { MatrixTile.addOffset(row1, &a1, &b1) }
        if height > 2 { MatrixTile.addOffset(row2, &a2, &b2) }
        if height > 3 { MatrixTile.addOffset(row3, &a3, &b3) }
        if height > 4 { MatrixTile.addOffset(row4, &a4, &b4) }
        if height > 5 { MatrixTile.addOffset(row5, &a5, &b5) }
      }
      let end = pairs &* 4
      var index = 0
      while index < end {
        let weightsA = _mm256_cvtepi8_epi16(ocellus_load_128(panel + 8 &* index))
        let weightsB =
          isNarrow ? weightsA : _mm256_cvtepi8_epi16(ocellus_load_128(panel + (8 &* index &+ 16)))
        MatrixTile.add(isNarrow, row0 + index, weightsA, weightsB, &a0, &b0)
        if height > 1 { MatrixTile.add(isNarrow, row1 + index, weightsA, weightsB, &a1, &b1) }
        if height > 2 { MatrixTile.add(isNarrow, row2 + index, weightsA, weightsB, &a2, &b2) }
        if height > 3 { MatrixTile.add(isNarrow, row3 + index, weightsA, weightsB, &a3, &b3) }
        if height > 4 { MatrixTile.add(isNarrow, row4 + index, weightsA, weightsB, &a4, &b4) }
        if height > 5 { MatrixTile.add(isNarrow, row5 + index, weightsA, weightsB, &a5, &b5) }
        index &+= 4
      }
    }

    @inline(__always)
    private static func addOffset(_ row: UnsafeRawPointer, _ a: inout Vector, _ b: inout Vector) {
      let offset = ocellus_broadcast_32(row - StagedRows.headerBytes)
      a = _mm256_add_epi32(a, offset)
      b = _mm256_add_epi32(b, offset)
    }

    @inline(__always)
    private static func add(
      _ isNarrow: Bool, _ pair: UnsafeRawPointer, _ weightsA: Vector, _ weightsB: Vector,
      _ a: inout Vector, _ b: inout Vector
    ) {
      let inputs = ocellus_broadcast_32(pair)
      a = _mm256_add_epi32(a, _mm256_madd_epi16(inputs, weightsA))
      if !isNarrow { b = _mm256_add_epi32(b, _mm256_madd_epi16(inputs, weightsB)) }
    }
  }
#endif
