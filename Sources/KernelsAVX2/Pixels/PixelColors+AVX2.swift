#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Sixteen sums less black, halved.
  @inline(__always)
  private func light(_ sums: UnsafePointer<UInt16>, _ halfBlack: Vector) -> Vector {
    _mm256_sub_epi16(_mm256_srli_epi16(ocellus_load_256(sums), 1), halfBlack)
  }

  /// Sixteen sums of a colour difference, from gray on.
  @inline(__always)
  private func difference(_ sums: UnsafePointer<UInt16>) -> Vector {
    _mm256_sub_epi16(ocellus_load_256(sums), _mm256_set1_epi16(128 * 255))
  }

  /// Writes the pixels of sixteen values with 6 fraction bits, lowered by 128.
  @inline(__always)
  private func write(_ values: Vector, _ output: UnsafeMutablePointer<Int8>) {
    let rounded = _mm256_srai_epi16(_mm256_adds_epi16(values, _mm256_set1_epi16(32)), 6)
    let bytes = _mm_packus_epi16(_mm256_castsi256_si128(rounded), ocellus_upper_half(rounded))
    ocellus_store_128(output, _mm_xor_si128(bytes, _mm_set1_epi8(-128)))
  }

  func expandWide(
    _ sums: UnsafePointer<UInt16>, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) {
    let halfBlack = _mm256_set1_epi16(factors.halfBlack)
    let factor = _mm256_set1_epi16(factors.luma)
    for first in stride(from: 0, to: count, by: 16) {
      write(_mm256_mulhrs_epi16(light(sums + first, halfBlack), factor), output + first)
    }
  }

  func colorsWide(_ sums: ComponentSums, _ factors: ColorFactors, _ output: ColorPlanes, _ count: Int) {
    let halfBlack = _mm256_set1_epi16(factors.halfBlack)
    let luma = _mm256_set1_epi16(factors.luma)
    let redFromV = _mm256_set1_epi16(factors.redFromV)
    let greenFromU = _mm256_set1_epi16(factors.greenFromU)
    let greenFromV = _mm256_set1_epi16(factors.greenFromV)
    let blueFromU = _mm256_set1_epi16(factors.blueFromU)
    for first in stride(from: 0, to: count, by: 16) {
      let y = _mm256_mulhrs_epi16(light(sums.first + first, halfBlack), luma)
      let (u, v) = (difference(sums.second + first), difference(sums.third + first))
      // Saturated sums are beyond white, or black, as they were.
      write(_mm256_adds_epi16(y, _mm256_mulhrs_epi16(v, redFromV)), output.red + first)
      let yellow = _mm256_subs_epi16(y, _mm256_mulhrs_epi16(u, greenFromU))
      write(_mm256_subs_epi16(yellow, _mm256_mulhrs_epi16(v, greenFromV)), output.green + first)
      write(_mm256_adds_epi16(y, _mm256_mulhrs_epi16(u, blueFromU)), output.blue + first)
    }
  }

  func grayWide(
    _ sums: ComponentSums, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>, _ count: Int
  ) {
    let halfBlack = _mm256_set1_epi16(factors.halfBlack)
    let red = _mm256_set1_epi16(factors.grayFromRed)
    let green = _mm256_set1_epi16(factors.grayFromGreen)
    let blue = _mm256_set1_epi16(factors.grayFromBlue)
    for first in stride(from: 0, to: count, by: 16) {
      let reds = _mm256_mulhrs_epi16(light(sums.first + first, halfBlack), red)
      let greens = _mm256_mulhrs_epi16(light(sums.second + first, halfBlack), green)
      let blues = _mm256_mulhrs_epi16(light(sums.third + first, halfBlack), blue)
      write(_mm256_adds_epi16(_mm256_adds_epi16(reds, greens), blues), output + first)
    }
  }
#endif
