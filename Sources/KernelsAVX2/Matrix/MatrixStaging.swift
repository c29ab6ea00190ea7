#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Rows widened to int16, so that a pair of depths is one 32-bit broadcast.
  ///
  /// A row is a header, which holds its offset `−weightZeroPoint · Σ_k row[k]`, then its values. What lies beyond
  /// `depth` is whatever the input holds there: its weights are zero.
  struct StagedRows {
    /// Rows of a tile.
    static let tileHeight = 6
    static let headerBytes = 64

    let start: UnsafeMutableRawPointer
    let rowBytes: Int
    /// Rows that can be staged at a time.
    let capacity: Int
    /// Offsets are not all zero.
    let hasOffsets: Bool

    @inline(__always)
    private static func rowBytes(_ depth: Int) -> Int { headerBytes &+ (depth &+ 15) / 16 &* 32 }

    /// Several tiles, of which each panel of weights is multiplied with all, as far as they leave the first
    /// level of cache room for the panel.
    @inline(__always)
    private static func capacity(_ depth: Int) -> Int {
      tileHeight &* min(max(20480 / (tileHeight &* rowBytes(depth)), 1), 11)
    }

    static func scratchBytes(_ depth: Int) -> Int { capacity(depth) * rowBytes(depth) }

    @inline(__always)
    init(_ product: MatrixMultiply) {
      start = product.scratch
      rowBytes = StagedRows.rowBytes(product.depth)
      capacity = StagedRows.capacity(product.depth)
      hasOffsets = product.weightZeroPoint != 0
    }

    /// Stages `count` rows from `first` on, each value and offset times `scale`, 1 or 2.
    func stage(_ product: MatrixMultiply, _ first: Int, _ count: Int, scale: Int32) {
      if scale == 2 {
        stageRows(product, first, count, 2)
      } else {
        stageRows(product, first, count, 1)
      }
    }

    @inline(__always)
    private func stageRows(_ product: MatrixMultiply, _ first: Int, _ count: Int, _ scale: Int32) {
      for row in 0..<count {
        let source = UnsafeRawPointer(product.rows + (first &+ row) &* product.rowStride)
        let target = start + row &* rowBytes
        if hasOffsets {
          let sum = widenAndSum(source, product.depth, target + StagedRows.headerBytes, scale)
          target.storeBytes(of: 0 &- product.weightZeroPoint &* sum, as: Int32.self)
        } else {
          widen(source, product.depth, target + StagedRows.headerBytes, scale)
        }
      }
    }

    @inline(__always)
    private func store(_ bytes: __m128i, _ scale: Int32, _ target: UnsafeMutableRawPointer) -> Vector {
      let values = _mm256_cvtepi8_epi16(bytes)
      let scaled = scale == 2 ? _mm256_add_epi16(values, values) : values
      ocellus_store_256(target, scaled)
      return scaled
    }

    @inline(__always)
    private func widen(
      _ source: UnsafeRawPointer, _ depth: Int, _ target: UnsafeMutableRawPointer, _ scale: Int32
    ) {
      var index = 0
      while index < depth {
        _ = store(ocellus_load_128(source + index), scale, target + 2 &* index)
        index &+= 16
      }
    }

    /// Returns the sum of what it stores.
    @inline(__always)
    private func widenAndSum(
      _ source: UnsafeRawPointer, _ depth: Int, _ target: UnsafeMutableRawPointer, _ scale: Int32
    ) -> Int32 {
      let ones = _mm256_set1_epi16(1)
      var sums = _mm256_setzero_si256()
      var index = 0
      while index &+ 16 <= depth {
        let values = store(ocellus_load_128(source + index), scale, target + 2 &* index)
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(values, ones))
        index &+= 16
      }
      if index < depth {
        let places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        let isInside = _mm_cmpgt_epi8(
          _mm_set1_epi8(Int8(truncatingIfNeeded: depth &- index)), places)
        let bytes = _mm_and_si128(ocellus_load_128(source + index), isInside)
        let values = store(bytes, scale, target + 2 &* index)
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(values, ones))
      }
      return horizontalSum(sums)
    }
  }

  /// The sum of eight int32 values.
  @inline(__always)
  func horizontalSum(_ values: Vector) -> Int32 {
    var sums = _mm_add_epi32(_mm256_castsi256_si128(values), ocellus_upper_half(values))
    sums = _mm_add_epi32(sums, _mm_unpackhi_epi64(sums, sums))
    let pair = UInt64(bitPattern: _mm_cvtsi128_si64(sums))
    return Int32(truncatingIfNeeded: pair) &+ Int32(truncatingIfNeeded: pair &>> 32)
  }
#endif
