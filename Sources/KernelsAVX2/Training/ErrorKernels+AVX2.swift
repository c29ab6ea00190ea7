#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // What is done with each error and each sum: eight at a time, and what is left over by the definition.

  @inline(__always)
  private func magnitudes(_ largest: Vector, _ values: Vector) -> Vector {
    _mm256_max_epu32(largest, _mm256_abs_epi32(values))
  }

  func findLargest(_ values: UnsafePointer<Int32>, _ count: Int) -> UInt32 {
    var largest = _mm256_setzero_si256()
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) { largest = magnitudes(largest, load(values + index)) }
    return max(greatest(largest), largestMagnitudeScalar(values + whole, count &- whole))
  }

  func addSquares(_ gradient: UnsafePointer<Int32>, _ count: Int, _ shift: Int32) -> UInt64 {
    let shifted = RoundingShift(shift)
    var sums = _mm256_setzero_si256()
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let values = shifted(load(gradient + index))
      let odd = ocellus_odd_to_even(values)
      sums = _mm256_add_epi64(
        sums, _mm256_add_epi64(ocellus_multiply_even(values, values), ocellus_multiply_even(odd, odd)))
    }
    let two = _mm_add_epi64(_mm256_castsi256_si128(sums), ocellus_upper_half(sums))
    let sum = _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)))
    return UInt64(bitPattern: sum) &+ sumOfSquaresScalar(gradient + whole, count &- whole, shift)
  }

  func renormalizeWide(
    _ values: UnsafePointer<Int32>, _ count: Int, _ renormalization: Renormalization,
    _ output: UnsafeMutablePointer<Int16>
  ) {
    let limit = repeating(renormalization.limit)
    let whole = count & ~7
    @inline(__always)
    func renormalize(_ shifted: (_ values: Vector) -> Vector) {
      for index in stride(from: 0, to: whole, by: 8) {
        let value = shifted(load(values + index))
        storeNarrowed(
          _mm256_max_epi32(
            _mm256_min_epi32(value, limit), _mm256_sub_epi32(_mm256_setzero_si256(), limit)), output + index)
      }
    }
    if renormalization.isStochastic && renormalization.shift > 0 {
      // What is cut off, plus as many of a word's highest bits: the carry.
      var hashes = CounterHashes(renormalization.firstIndex, key: renormalization.key)
      let right = _mm_cvtsi32_si128(renormalization.shift)
      let wordRight = _mm_cvtsi32_si128(32 &- renormalization.shift)
      let mask = _mm256_srl_epi32(repeating(-1), wordRight)
      renormalize { values in
        let sum = _mm256_add_epi32(
          _mm256_and_si256(values, mask), _mm256_srl_epi32(hashes.next(), wordRight))
        return _mm256_add_epi32(_mm256_sra_epi32(values, right), _mm256_srl_epi32(sum, right))
      }
    } else {
      let shift = RoundingShift(renormalization.shift)
      renormalize { shift($0) }
    }
    var rest = renormalization
    rest.firstIndex = rest.firstIndex &+ UInt32(truncatingIfNeeded: whole)
    renormalizeScalar(values + whole, count &- whole, rest, output + whole)
  }

  func addErrorsWide(_ sum: ErrorSum, _ output: UnsafeMutablePointer<Int32>) -> UInt32 {
    let firstLeft = _mm_cvtsi32_si128(max(0 &- sum.firstShift, 0))
    let secondLeft = _mm_cvtsi32_si128(max(0 &- sum.secondShift, 0))
    let first = RoundingShift(max(sum.firstShift, 0))
    let second = RoundingShift(max(sum.secondShift, 0))
    var largest = _mm256_setzero_si256()
    let whole = sum.count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let a = first(_mm256_sll_epi32(loadWidened(sum.first + index), firstLeft))
      let b = second(_mm256_sll_epi32(loadWidened(sum.second + index), secondLeft))
      let value = _mm256_add_epi32(a, b)
      ocellus_store_256(output + index, value)
      largest = magnitudes(largest, value)
    }
    var rest = sum
    rest.first += whole
    rest.second += whole
    rest.count &-= whole
    return max(greatest(largest), addErrorsScalar(rest, output + whole))
  }

  func scaleElementsWide(
    _ errors: UnsafePointer<Int16>, _ factors: UnsafePointer<Int8>, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = _mm256_setzero_si256()
    let whole = count & ~7
    for index in stride(from: 0, to: whole, by: 8) {
      let factor = _mm256_cvtepi8_epi32(ocellus_load_64(factors + index))
      // Both are pairs of int16 numbers, of which the upper one is the sign: with 0 in its place it is no product.
      let value = _mm256_madd_epi16(
        _mm256_and_si256(loadWidened(errors + index), repeating(0xFFFF)), factor)
      ocellus_store_256(output + index, value)
      largest = magnitudes(largest, value)
    }
    return max(
      greatest(largest),
      scaleElementsScalar(errors + whole, factors + whole, count &- whole, output + whole))
  }

  func scaleChannelsWide(
    _ errors: UnsafePointer<Int16>, _ rows: Int, _ channels: Int, _ factors: UnsafePointer<Int32>,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = _mm256_setzero_si256()
    var largestOfRest: UInt32 = 0
    let whole = channels & ~7
    for row in 0..<rows {
      let (errors, output) = (errors + row &* channels, output + row &* channels)
      for channel in stride(from: 0, to: whole, by: 8) {
        let value = _mm256_mullo_epi32(loadWidened(errors + channel), load(factors + channel))
        ocellus_store_256(output + channel, value)
        largest = magnitudes(largest, value)
      }
      if whole < channels {
        largestOfRest = max(
          largestOfRest,
          scaleChannelsScalar(errors + whole, 1, channels &- whole, factors + whole, output + whole))
      }
    }
    return max(greatest(largest), largestOfRest)
  }
#endif
