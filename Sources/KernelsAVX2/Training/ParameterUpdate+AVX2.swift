#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Normalised gradients of eight weights, as `HighProductNormalization` has them.
  private struct NormalizedGradients {
    private let least, greatest, multiplier, half: Vector
    private let left, right: __m128i

    @inline(__always)
    init(_ normalization: GradientNormalization) {
      let high = HighProductNormalization(normalization)
      least = repeating(high.least)
      greatest = repeating(high.greatest)
      multiplier = repeating(high.multiplier)
      half = repeating(1 &<< (high.rightShift &- 1))
      left = _mm_cvtsi32_si128(high.leftShift)
      right = _mm_cvtsi32_si128(high.rightShift)
    }

    /// The momentum after eight gradients.
    @inline(__always)
    func momentum(_ momentum: Vector, after gradient: UnsafePointer<Int32>) -> Vector {
      let limited = _mm256_max_epi32(_mm256_min_epi32(load(gradient), greatest), least)
      let shifted = _mm256_sll_epi32(limited, left)
      let even = ocellus_multiply_even(shifted, multiplier)
      let odd = ocellus_multiply_even(ocellus_odd_to_even(shifted), multiplier)
      let high = ocellus_blend_odd(ocellus_odd_to_even(even), odd)
      let scaled = _mm256_sra_epi32(_mm256_add_epi32(high, half), right)
      let normalized = _mm256_max_epi32(
        _mm256_min_epi32(scaled, repeating(32767)), repeating(-32767))
      let difference = _mm256_add_epi32(_mm256_sub_epi32(normalized, momentum), repeating(4))
      return _mm256_add_epi32(momentum, _mm256_srai_epi32(difference, 3))
    }
  }

  /// `counterHash` of successive indices, eight at a time.
  struct CounterHashes {
    private var words: Vector

    @inline(__always)
    init(_ index: UInt32, key: UInt32) {
      let indices = _mm256_add_epi32(
        repeating(Int32(bitPattern: index)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
      words = _mm256_add_epi32(
        _mm256_mullo_epi32(indices, repeating(Int32(bitPattern: 0x9E37_79B1))),
        repeating(Int32(bitPattern: key)))
    }

    @inline(__always)
    mutating func next() -> Vector {
      var word = words
      words = _mm256_add_epi32(words, repeating(Int32(bitPattern: 0x9E37_79B1 &* 8)))
      word = _mm256_xor_si256(word, _mm256_srli_epi32(word, 16))
      word = _mm256_mullo_epi32(word, repeating(Int32(bitPattern: 0x85EB_CA6B)))
      word = _mm256_xor_si256(word, _mm256_srli_epi32(word, 13))
      word = _mm256_mullo_epi32(word, repeating(Int32(bitPattern: 0xC2B2_AE35)))
      return _mm256_xor_si256(word, _mm256_srli_epi32(word, 16))
    }
  }

  /// What masters of a type do otherwise than those of the other.
  private protocol VectorMaster: MasterWeight {
    static func loadEight(_ masters: UnsafePointer<Self>) -> Vector
    static func storeEight(_ values: Vector, _ masters: UnsafeMutablePointer<Self>)
    /// What is added to a step's product before its lowest bits are cut off, less than 2^32.
    static func addend(_ hashes: inout CounterHashes) -> Vector
  }

  extension Int16: VectorMaster {
    @inline(__always)
    fileprivate static func loadEight(_ masters: UnsafePointer<Int16>) -> Vector { loadWidened(masters) }

    @inline(__always)
    fileprivate static func storeEight(_ values: Vector, _ masters: UnsafeMutablePointer<Int16>) {
      storeNarrowed(values, masters)
    }

    /// A part of what is cut off, by chance.
    @inline(__always)
    fileprivate static func addend(_ hashes: inout CounterHashes) -> Vector {
      _mm256_srli_epi32(hashes.next(), 6 + fractionBits)
    }
  }

  extension Int32: VectorMaster {
    @inline(__always)
    fileprivate static func loadEight(_ masters: UnsafePointer<Int32>) -> Vector { load(masters) }

    @inline(__always)
    fileprivate static func storeEight(_ values: Vector, _ masters: UnsafeMutablePointer<Int32>) {
      ocellus_store_256(masters, values)
    }

    /// Half of what is cut off.
    @inline(__always)
    fileprivate static func addend(_ hashes: inout CounterHashes) -> Vector {
      repeating(1 &<< (25 - fractionBits))
    }
  }

  func updateMasters(_ update: ParameterUpdate<Int16>) -> UInt32 { updateEach(update) }

  func updateMasters(_ update: ParameterUpdate<Int32>) -> UInt32 { updateEach(update) }

  /// Eight weights at a time. A master within the limits rounds to a weight within ±127.
  @inline(__always)
  private func updateEach<Master: VectorMaster>(_ update: ParameterUpdate<Master>) -> UInt32 {
    let gradients = NormalizedGradients(update.normalization)
    let limit = repeating(Master.limit)
    let shift = 26 - Master.fractionBits
    return update.byVectors(width: 8) { part, factor in
      let factors = repeating(factor)
      let half = repeating(1 &<< (Master.fractionBits - 1))
      var hashes = CounterHashes(part.firstIndex, key: part.key)
      var largest = _mm256_setzero_si256()
      var index = 0
      while index < part.columns {
        let momentum = gradients.momentum(
          loadWidened(part.momentum + index), after: part.gradient + index)
        storeNarrowed(momentum, part.momentum + index)
        // Of 64 bits those from the shift on; higher ones are copies of the sign.
        let addend = Master.addend(&hashes)
        let even = _mm256_add_epi64(
          ocellus_multiply_even(momentum, factors), ocellus_blend_odd(addend, _mm256_setzero_si256()))
        let odd = _mm256_add_epi64(
          ocellus_multiply_even(ocellus_odd_to_even(momentum), factors), ocellus_odd_to_even(addend))
        let change = ocellus_blend_odd(_mm256_srli_epi64(even, shift), _mm256_slli_epi64(odd, 32 - shift))
        let changed = _mm256_sub_epi32(Master.loadEight(part.masters + index), change)
        let moved = _mm256_max_epi32(
          _mm256_min_epi32(changed, limit), _mm256_sub_epi32(_mm256_setzero_si256(), limit))
        Master.storeEight(moved, part.masters + index)
        let weights = _mm256_srai_epi32(_mm256_add_epi32(moved, half), Master.fractionBits)
        let short = narrowed(weights)
        ocellus_store_64(part.weights + index, _mm_packs_epi16(short, short))
        largest = _mm256_max_epi32(largest, _mm256_abs_epi32(moved))
        index &+= 8
      }
      return greatest(largest)
    }
  }
#endif
