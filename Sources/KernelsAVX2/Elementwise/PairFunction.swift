#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  /// A function of two operands, eight elements at a time.
  protocol PairFunction {
    associatedtype Multipliers: ColumnMultipliers

    /// Values before the output's zero point, from operands less their zero points, so within −255...255.
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector
  }

  /// A sum's term, `multiplier · x · 2^20`, for a multiplier of at most 1.
  ///
  /// With m = 2^16 · h + l the product's first rounding, ⌊(x · m · 2^20 + 2^30) / 2^31⌋, is
  /// 2^5 · x · h + ⌊(x · l + 2^10) / 2^11⌋, of which nothing exceeds 32 bits.
  struct SumTerm {
    private let high: Vector
    private let low: Vector
    private let half: Vector
    /// 31, or for a shift of 0 the 32 that leaves nothing of a sign.
    private let signShift: __m128i
    private let shift: __m128i

    static func isPossible(_ multiplier: QuantizedMultiplier) -> Bool {
      multiplier.mantissa >= 0 && multiplier.exponent >= -30 && multiplier.exponent <= 0
    }

    @inline(__always)
    init(_ multiplier: QuantizedMultiplier) {
      let places = 0 &- multiplier.exponent
      high = repeating(multiplier.mantissa &>> 16)
      low = repeating(multiplier.mantissa & 0xFFFF)
      half = repeating(places == 0 ? 0 : 1 &<< (places &- 1))
      signShift = _mm_cvtsi32_si128(places == 0 ? 32 : 31)
      shift = _mm_cvtsi32_si128(places)
    }

    @inline(__always)
    func callAsFunction(_ x: Vector) -> Vector {
      let rest = _mm256_srai_epi32(
        _mm256_add_epi32(_mm256_mullo_epi32(x, low), repeating(1 &<< 10)), 11)
      let y = _mm256_add_epi32(_mm256_slli_epi32(_mm256_mullo_epi32(x, high), 5), rest)
      let sign = _mm256_srl_epi32(x, signShift)
      return _mm256_sra_epi32(_mm256_sub_epi32(_mm256_add_epi32(y, half), sign), shift)
    }
  }

  struct PlainSum: PairFunction {
    typealias Multipliers = PlainMultipliers

    private let first: SumTerm
    private let second: SumTerm
    private let output: PlainMultipliers
    private let isDifference: Bool

    @inline(__always)
    init(_ function: Elementwise, _ isDifference: Bool, _ memory: UnsafeMutableRawPointer) {
      first = SumTerm(function.first)
      second = SumTerm(function.second)
      output = PlainMultipliers(function.output, memory)
      self.isDifference = isDifference
    }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector {
      let (a, b) = (first(x), second(y))
      let sum = isDifference ? _mm256_sub_epi32(a, b) : _mm256_add_epi32(a, b)
      return output.multiply(_mm256_add_epi32(sum, sum))
    }
  }

  struct GeneralSum: PairFunction {
    typealias Multipliers = GeneralMultipliers

    private let first: GeneralMultipliers
    private let second: GeneralMultipliers
    private let output: GeneralMultipliers
    private let isDifference: Bool

    @inline(__always)
    init(_ function: Elementwise, _ isDifference: Bool) {
      first = GeneralMultipliers(function.first)
      second = GeneralMultipliers(function.second)
      output = GeneralMultipliers(function.output)
      self.isDifference = isDifference
    }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector {
      let a = first.multiply(_mm256_slli_epi32(x, Elementwise.sumShift))
      let b = second.multiply(_mm256_slli_epi32(y, Elementwise.sumShift))
      return output.multiply(isDifference ? _mm256_sub_epi32(a, b) : _mm256_add_epi32(a, b))
    }
  }

  struct PlainProduct: PairFunction {
    typealias Multipliers = PlainMultipliers

    private let output: PlainMultipliers

    @inline(__always)
    init(_ function: Elementwise, _ memory: UnsafeMutableRawPointer) {
      output = PlainMultipliers(function.output, memory)
    }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector {
      output.multiply(_mm256_mullo_epi32(_mm256_add_epi32(x, x), y))
    }
  }

  struct GeneralProduct: PairFunction {
    typealias Multipliers = GeneralMultipliers

    private let output: GeneralMultipliers

    @inline(__always)
    init(_ function: Elementwise) { output = GeneralMultipliers(function.output) }

    @inline(__always)
    func callAsFunction(_ x: Vector, _ y: Vector) -> Vector { output.multiply(_mm256_mullo_epi32(x, y)) }
  }
#endif
