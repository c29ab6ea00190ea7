#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  /// Eight int16 values as int32.
  @inline(__always)
  func loadWidened(_ values: UnsafePointer<Int16>) -> Vector {
    _mm256_cvtepi16_epi32(ocellus_load_128(values))
  }

  /// Eight int32 values as int16, saturated.
  @inline(__always)
  func narrowed(_ values: Vector) -> __m128i {
    _mm_packs_epi32(_mm256_castsi256_si128(values), ocellus_upper_half(values))
  }

  @inline(__always)
  func storeNarrowed(_ values: Vector, _ target: UnsafeMutablePointer<Int16>) {
    ocellus_store_128(target, narrowed(values))
  }

  /// The greatest of eight unsigned values.
  @inline(__always)
  func greatest(_ values: Vector) -> UInt32 {
    let four = _mm_max_epu32(_mm256_castsi256_si128(values), ocellus_upper_half(values))
    let two = _mm_max_epu32(four, _mm_unpackhi_epi64(four, four))
    let pair = UInt64(bitPattern: _mm_cvtsi128_si64(two))
    return max(UInt32(truncatingIfNeeded: pair), UInt32(truncatingIfNeeded: pair &>> 32))
  }

  /// Shifts eight values to the right, halves up, by 0 to 31 bits.
  struct RoundingShift {
    private let count: __m128i
    /// One less: for 0 it is more than there are bits, and what is shifted by it is 0.
    private let countOfHalf: __m128i

    @inline(__always)
    init(_ shift: Int32) {
      count = _mm_cvtsi32_si128(shift)
      countOfHalf = _mm_cvtsi64_si128(Int64(shift) &- 1)
    }

    @inline(__always)
    func callAsFunction(_ values: Vector) -> Vector {
      let half = _mm256_and_si256(_mm256_srl_epi32(values, countOfHalf), repeating(1))
      return _mm256_add_epi32(_mm256_sra_epi32(values, count), half)
    }
  }
#endif
