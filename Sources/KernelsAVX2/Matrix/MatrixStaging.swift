#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Up to six rows widened to int16, so that a pair of depths is one 32-bit broadcast.
  ///
  /// The scratch holds the rows' offsets, their addresses, then the rows. What lies beyond `depth` is whatever the
  /// input holds there: its weights are zero. (Addresses are read back from memory so that the compiler keeps six
  /// of them in registers, where it would derive them from one another again and again.)
  struct StagedRows {
    static let height = 6

    let scratch: UnsafeMutableRawPointer
    let rowBytes: Int

    /// Whole vectors of 16, and a cache line so that rows do not share their sets.
    @inline(__always)
    static func rowBytes(_ depth: Int) -> Int { (depth &+ 15) / 16 &* 32 &+ 64 }

    private static let offsetBytes = 64
    private static let headerBytes = 128

    static func scratchBytes(_ depth: Int) -> Int { headerBytes + height * rowBytes(depth) }

    @inline(__always)
    init(_ product: MatrixMultiply) {
      scratch = product.scratch
      rowBytes = StagedRows.rowBytes(product.depth)
    }

    /// `−weightZeroPoint · Σ_k row[k]` of each row.
    @inline(__always)
    var offsets: UnsafeMutablePointer<Int32> { scratch.assumingMemoryBound(to: Int32.self) }

    @inline(__always)
    private var addresses: UnsafeMutablePointer<UnsafeMutableRawPointer> {
      (scratch + StagedRows.offsetBytes).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    /// A staged row.
    @inline(__always)
    func address(_ row: Int) -> UnsafeRawPointer { UnsafeRawPointer(addresses[row]) }

    /// Stages `count` rows from `first` on, each value doubled if `doubled` is set, and so their offsets.
    @inline(__always)
    func stage(_ product: MatrixMultiply, _ first: Int, _ count: Int, doubled: Bool) {
      if doubled {
        stageDoubled(product, first, count)
      } else {
        stageSingle(product, first, count)
      }
    }

    private func stageDoubled(_ product: MatrixMultiply, _ first: Int, _ count: Int) {
      stageRows(product, first, count, scale: 2)
    }

    private func stageSingle(_ product: MatrixMultiply, _ first: Int, _ count: Int) {
      stageRows(product, first, count, scale: 1)
    }

    @inline(__always)
    private func stageRows(_ product: MatrixMultiply, _ first: Int, _ count: Int, scale: Int32) {
      for row in 0..<count {
        let source = UnsafeRawPointer(product.rows + (first &+ row) &* product.rowStride)
        let target = scratch + (StagedRows.headerBytes &+ row &* rowBytes)
        addresses[row] = target
        if product.weightZeroPoint == 0 {
          widen(source, product.depth, target, scale)
          offsets[row] = 0
        } else {
          let sum = widenAndSum(source, product.depth, target, scale)
          offsets[row] = 0 &- product.weightZeroPoint &* sum
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
