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
    ///   - initialA, initialB: What a column starts from; a row's offset is added.
    ///   - pairs: Pairs of depths.
    @inline(__always)
    init(
      _ staged: StagedRows, _ panel: UnsafeRawPointer, pairs: Int, initialA: Vector,
      initialB: Vector
    ) {
      let offsets = staged.offsets
      let row0 = staged.address(0)
      let row1 = height > 1 ? staged.address(1) : row0
      let row2 = height > 2 ? staged.address(2) : row0
      let row3 = height > 3 ? staged.address(3) : row0
      let row4 = height > 4 ? staged.address(4) : row0
      let row5 = height > 5 ? staged.address(5) : row0
      (a0, b0) = MatrixTile.start(0, initialA, initialB, offsets)
      (a1, b1) = MatrixTile.start(1, initialA, initialB, offsets)
      (a2, b2) = MatrixTile.start(2, initialA, initialB, offsets)
      (a3, b3) = MatrixTile.start(3, initialA, initialB, offsets)
      (a4, b4) = MatrixTile.start(4, initialA, initialB, offsets)
      (a5, b5) = MatrixTile.start(5, initialA, initialB, offsets)
      let end = pairs &* 4
      var index = 0
      while index < end {
        let weightsA = _mm256_cvtepi8_epi16(ocellus_load_128(panel + 8 &* index))
        let weightsB = _mm256_cvtepi8_epi16(ocellus_load_128(panel + (8 &* index &+ 16)))
        MatrixTile.add(row0 + index, weightsA, weightsB, &a0, &b0)
        if height > 1 { MatrixTile.add(row1 + index, weightsA, weightsB, &a1, &b1) }
        if height > 2 { MatrixTile.add(row2 + index, weightsA, weightsB, &a2, &b2) }
        if height > 3 { MatrixTile.add(row3 + index, weightsA, weightsB, &a3, &b3) }
        if height > 4 { MatrixTile.add(row4 + index, weightsA, weightsB, &a4, &b4) }
        if height > 5 { MatrixTile.add(row5 + index, weightsA, weightsB, &a5, &b5) }
        index &+= 4
      }
    }

    @inline(__always)
    private static func start(
      _ row: Int, _ a: Vector, _ b: Vector, _ offsets: UnsafePointer<Int32>
    ) -> (Vector, Vector) {
      if row >= height { return (a, b) }
      let offset = ocellus_broadcast_32(offsets + row)
      return (_mm256_add_epi32(a, offset), _mm256_add_epi32(b, offset))
    }

    @inline(__always)
    private static func add(
      _ pair: UnsafeRawPointer, _ weightsA: Vector, _ weightsB: Vector, _ a: inout Vector,
      _ b: inout Vector
    ) {
      let inputs = ocellus_broadcast_32(pair)
      a = _mm256_add_epi32(a, _mm256_madd_epi16(inputs, weightsA))
      b = _mm256_add_epi32(b, _mm256_madd_epi16(inputs, weightsB))
    }
  }
#endif
