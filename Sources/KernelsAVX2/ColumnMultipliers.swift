#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// Memory on the stack for the multipliers of sixteen columns: five vectors for each eight.
  ///
  /// A type of this module, since the code of the standard library's generic types, specialised for vectors, would
  /// be shared with other modules, whose processors may be others.
  struct MultiplierMemory {
    private var first: (Vector, Vector, Vector, Vector, Vector)
    private var second: (Vector, Vector, Vector, Vector, Vector)

    @inline(__always)
    init() {
      let zero = _mm256_setzero_si256()
      first = (zero, zero, zero, zero, zero)
      second = first
    }
  }

  /// Bytes of the multipliers of eight columns.
  let multiplierBytes = 160

  /// The multipliers of eight neighbouring columns.
  protocol ColumnMultipliers {
    /// `multiply` takes accumulators times two.
    static var takesDoubled: Bool { get }

    /// - Parameter memory: `multiplierBytes` bytes at a multiple of 32, the multipliers' own as long as they live.
    init(_ requantization: Requantization, _ column: Int, _ memory: UnsafeMutableRawPointer)

    /// `QuantizedMultiplier.multiply`, before zero point and limits.
    func multiply(_ accumulators: Vector) -> Vector

    /// Two vectors of products with the zero point added, as int16, in the order of `_mm256_packs_epi32`;
    /// what int16 does not hold is saturated.
    static func offset(_ first: Vector, _ second: Vector, _ range: OutputRange) -> Vector
  }

  /// For accumulators and multipliers as `Requantization.isPlain` promises them.
  ///
  /// With y = ⌊(x · m + 2^30) / 2^31⌋ and an exponent of −e the output is ⌊(y − [y < 0] + 2^(e−1)) / 2^e⌋.
  /// Since 0 ≤ m, [x < 0] may stand for [y < 0]: they differ only where y = 0, and there the output is 0 with
  /// either. So 2^(e−1) is added together with the 2^30, in 64 bits. |x| < 2^30, so x can be doubled, and y is
  /// the high word of a product.
  struct PlainMultipliers: ColumnMultipliers {
    static var takesDoubled: Bool { true }

    /// Five vectors: mantissas of the even and of the odd columns, 2^31 + 2^(e−1) · 2^32 for the even and for
    /// the odd ones, shifts. They are used from memory: accumulators take all registers.
    private let constants: UnsafeRawPointer

    @inline(__always)
    init(_ requantization: Requantization, _ column: Int, _ memory: UnsafeMutableRawPointer) {
      self.init(
        mantissas: load(requantization.mantissas + column),
        exponents: load(requantization.exponents + column), memory)
    }

    /// One multiplier for all eight places.
    @inline(__always)
    init(_ multiplier: QuantizedMultiplier, _ memory: UnsafeMutableRawPointer) {
      self.init(
        mantissas: repeating(multiplier.mantissa), exponents: repeating(multiplier.exponent), memory)
    }

    @inline(__always)
    private init(mantissas: Vector, exponents: Vector, _ memory: UnsafeMutableRawPointer) {
      let shifts = _mm256_sub_epi32(_mm256_setzero_si256(), exponents)
      let halves = _mm256_sllv_epi32(repeating(1), _mm256_sub_epi32(shifts, repeating(1)))
      let lowWord = repeating(Int32.min)
      ocellus_store_256(memory, mantissas)
      ocellus_store_256(memory + 32, ocellus_odd_to_even(mantissas))
      ocellus_store_256(memory + 64, ocellus_blend_odd(lowWord, ocellus_even_to_odd(halves)))
      ocellus_store_256(memory + 96, ocellus_blend_odd(lowWord, halves))
      ocellus_store_256(memory + 128, shifts)
      constants = UnsafeRawPointer(memory)
    }

    @inline(__always)
    func multiply(_ doubled: Vector) -> Vector {
      let even = _mm256_add_epi64(
        ocellus_multiply_even_by(doubled, constants), ocellus_load_256(constants + 64))
      let odd = _mm256_add_epi64(
        ocellus_multiply_even_by(ocellus_odd_to_even(doubled), constants + 32),
        ocellus_load_256(constants + 96))
      let high = ocellus_blend_odd(ocellus_odd_to_even(even), odd)
      return _mm256_srav_epi32(
        _mm256_add_epi32(high, _mm256_srai_epi32(doubled, 31)), ocellus_load_256(constants + 128))
    }

    @inline(__always)
    static func offset(_ first: Vector, _ second: Vector, _ range: OutputRange) -> Vector {
      _mm256_adds_epi16(_mm256_packs_epi32(first, second), range.shortZeroPoints)
    }
  }

  /// For any accumulators, mantissas and exponents (−31...30).
  struct GeneralMultipliers: ColumnMultipliers {
    static var takesDoubled: Bool { false }

    private let mantissas: Vector
    private let oddMantissas: Vector
    private let leftShifts: Vector
    private let rightShifts: Vector

    @inline(__always)
    init(_ requantization: Requantization, _ column: Int, _ memory: UnsafeMutableRawPointer) {
      self.init(
        mantissas: load(requantization.mantissas + column), exponents: load(requantization.exponents + column)
      )
    }

    /// One multiplier for all eight places.
    @inline(__always)
    init(_ multiplier: QuantizedMultiplier) {
      self.init(mantissas: repeating(multiplier.mantissa), exponents: repeating(multiplier.exponent))
    }

    @inline(__always)
    private init(mantissas: Vector, exponents: Vector) {
      let zero = _mm256_setzero_si256()
      self.mantissas = mantissas
      oddMantissas = ocellus_odd_to_even(mantissas)
      leftShifts = _mm256_max_epi32(exponents, zero)
      rightShifts = _mm256_max_epi32(_mm256_sub_epi32(zero, exponents), zero)
    }

    @inline(__always)
    func multiply(_ values: Vector) -> Vector {
      let shifted = _mm256_sllv_epi32(values, leftShifts)
      let lowest = repeating(Int32.min)
      // The one product that does not fit comes out as Int32.min; inverted it is Int32.max.
      let isSaturated = _mm256_and_si256(
        _mm256_cmpeq_epi32(shifted, lowest), _mm256_cmpeq_epi32(mantissas, lowest))
      let high = _mm256_xor_si256(highProduct(shifted), isSaturated)
      let mask = _mm256_sub_epi32(_mm256_sllv_epi32(repeating(1), rightShifts), repeating(1))
      let remainder = _mm256_and_si256(high, mask)
      let threshold = _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(high, 31))
      return _mm256_sub_epi32(
        _mm256_srav_epi32(high, rightShifts), _mm256_cmpgt_epi32(remainder, threshold))
    }

    /// ⌊(value · mantissa + 2^30) / 2^31⌋, modulo 2^32.
    @inline(__always)
    private func highProduct(_ values: Vector) -> Vector {
      let half = _mm256_set1_epi64x(1 &<< 30)
      let even = _mm256_add_epi64(ocellus_multiply_even(values, mantissas), half)
      let odd = _mm256_add_epi64(
        ocellus_multiply_even(ocellus_odd_to_even(values), oddMantissas), half)
      return ocellus_blend_odd(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd))
    }

    @inline(__always)
    static func offset(_ first: Vector, _ second: Vector, _ range: OutputRange) -> Vector {
      _mm256_packs_epi32(
        _mm256_add_epi32(first, range.zeroPoints), _mm256_add_epi32(second, range.zeroPoints))
    }
  }
#endif
