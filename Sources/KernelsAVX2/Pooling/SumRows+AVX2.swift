#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Adds rows of values to their columns' sums: 16 columns at a time, summed as int16 over up to 256 rows.
  func sumRowsWide(
    _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
    _ sums: UnsafeMutablePointer<Int32>
  ) {
    var column = 0
    while column &+ 16 <= columns {
      var first = load(sums + column)
      var second = load(sums + (column &+ 8))
      var row = 0
      while row < rows {
        // 256 values of −128 are the least that 16 bits hold.
        let end = min(row &+ 256, rows)
        var short = _mm256_setzero_si256()
        while row < end {
          let values = ocellus_load_128(input + (row &* stride &+ column))
          short = _mm256_add_epi16(short, _mm256_cvtepi8_epi16(values))
          row &+= 1
        }
        first = _mm256_add_epi32(first, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(short)))
        second = _mm256_add_epi32(second, _mm256_cvtepi16_epi32(ocellus_upper_half(short)))
      }
      ocellus_store_256(sums + column, first)
      ocellus_store_256(sums + (column &+ 8), second)
      column &+= 16
    }
    if column < columns {
      sumRowsScalar(input + column, rows, stride, columns &- column, sums + column)
    }
  }
#endif
