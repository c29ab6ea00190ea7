#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import FixedPoint
  import Kernels

  func elementwiseRun(_ function: Elementwise, _ run: ElementwiseRun) {
    guard run.firstStep <= 1, run.secondStep <= 1, run.count > 0 else {
      return elementwiseScalar(function, run)
    }
    switch function.function {
    case .add, .subtract: sumRun(function, run)
    case .multiply: productRun(function, run)
    case .minimum: byteRun(run) { _mm512_min_epi8($0, $1) }
    case .maximum: byteRun(run) { _mm512_max_epi8($0, $1) }
    case .squaredDifference, .prelu: elementwiseScalar(function, run)
    }
  }

  /// One operand of a run: its bytes, or one of them repeated.
  private struct Operand {
    let address: UnsafePointer<Int8>
    let isRepeated: Bool

    @inline(__always)
    init(_ address: UnsafePointer<Int8>, step: Int) {
      self.address = address
      isRepeated = step == 0
    }

    /// 64 bytes from `index` on, those of `mask`.
    @inline(__always)
    func bytes(_ index: Int, _ mask: UInt64) -> Vector {
      isRepeated ? splat(byte: address[0]) : load(address + index, mask)
    }

    /// 16 values from `index` on, those of `mask`, widened.
    @inline(__always)
    func values(_ index: Int, _ mask: UInt16) -> Vector {
      if isRepeated { return splat(Int32(address[0])) }
      return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, address + index))
    }
  }

  /// A function of bytes.
  @inline(__always)
  private func byteRun(_ run: ElementwiseRun, _ function: (Vector, Vector) -> Vector) {
    let first = Operand(run.first, step: run.firstStep)
    let second = Operand(run.second, step: run.secondStep)
    var index = 0
    while index < run.count {
      let mask = byteMask(run.count &- index)
      let result = function(first.bytes(index, mask), second.bytes(index, mask))
      _mm512_mask_storeu_epi8(run.output + index, mask, result)
      index &+= 64
    }
  }

  /// A function of widened pairs, 64 at a time: its result is without the output's zero point.
  @inline(__always)
  private func wideRun(
    _ function: Elementwise, _ run: ElementwiseRun, _ result: (_ a: Vector, _ b: Vector) -> Vector
  ) {
    let first = Operand(run.first, step: run.firstStep)
    let second = Operand(run.second, step: run.secondStep)
    let firstZero = splat(function.firstZeroPoint)
    let secondZero = splat(function.secondZeroPoint)
    let range = OutputRange(
      zeroPoint: function.outputZeroPoint, low: function.low, high: function.high)
    @inline(__always)
    func sixteen(_ index: Int, _ mask: UInt16) -> Vector {
      result(
        _mm512_sub_epi32(first.values(index, mask), firstZero),
        _mm512_sub_epi32(second.values(index, mask), secondZero))
    }
    var index = 0
    while index &+ 64 <= run.count {
      let all = UInt16.max
      store(
        range.pack(
          sixteen(index, all), sixteen(index &+ 16, all), sixteen(index &+ 32, all),
          sixteen(index &+ 48, all)), run.output + index)
      index &+= 64
    }
    while index < run.count {
      let mask = laneMask(run.count &- index)
      let values = sixteen(index, mask)
      let bytes = range.pack(values, values, values, values)
      _mm_mask_storeu_epi8(run.output + index, mask, ocellus_quarter_0(bytes))
      index &+= 16
    }
  }

  /// `add` and `subtract`: three multipliers.
  private func sumRun(_ function: Elementwise, _ run: ElementwiseRun) {
    let shift = UInt32(Elementwise.sumShift)
    // A difference adds the second term's negative: (y ^ −1) + 1.
    let negate = function.function == .subtract ? splat(-1) : zero()
    if function.first.exponent <= 0 && function.second.exponent <= 0 && function.output.exponent <= 0 {
      let first = UniformMultiplier(function.first)
      let second = UniformMultiplier(function.second)
      let output = UniformMultiplier(function.output)
      wideRun(function, run) { a, b in
        let x = first.multiply(_mm512_slli_epi32(a, shift))
        let y = second.multiply(_mm512_slli_epi32(b, shift))
        return output.multiply(add(x, _mm512_sub_epi32(_mm512_xor_si512(y, negate), negate)))
      }
    } else {
      let first = GeneralMultipliers(function.first)
      let second = GeneralMultipliers(function.second)
      let output = GeneralMultipliers(function.output)
      wideRun(function, run) { a, b in
        let x = first.multiply(_mm512_slli_epi32(a, shift))
        let y = second.multiply(_mm512_slli_epi32(b, shift))
        let sum = add(x, _mm512_sub_epi32(_mm512_xor_si512(y, negate), negate))
        return limit(output.multiply(sum), function)
      }
    }
  }

  private func productRun(_ function: Elementwise, _ run: ElementwiseRun) {
    if function.output.exponent <= 0 {
      let output = UniformMultiplier(function.output)
      wideRun(function, run) { a, b in output.multiply(_mm512_mullo_epi32(a, b)) }
    } else {
      let output = GeneralMultipliers(function.output)
      wideRun(function, run) { a, b in
        limit(output.multiply(_mm512_mullo_epi32(a, b)), function)
      }
    }
  }

  /// The value in the output's range, the sum with the zero point wrapping, without the zero point again.
  @inline(__always)
  private func limit(_ value: Vector, _ function: Elementwise) -> Vector {
    let zeroPoint = splat(function.outputZeroPoint)
    let limited = _mm512_min_epi32(
      _mm512_max_epi32(add(value, zeroPoint), splat(function.low)), splat(function.high))
    return _mm512_sub_epi32(limited, zeroPoint)
  }

  /// One multiplier of an exponent that is not positive for all lanes, which lie below 2^30: differences of int8
  /// shifted by 20 lie below 2^28, so do their scaled values, and a sum of two below 2^29.
  private struct UniformMultiplier {
    let mantissa: Vector
    let shift: Vector
    let half: Vector
    /// −1 where there is a shift, whose ties go away from zero.
    let isShifted: Vector

    @inline(__always)
    init(_ multiplier: QuantizedMultiplier) {
      let right = 0 &- multiplier.exponent
      mantissa = splat(multiplier.mantissa)
      shift = splat(right)
      half = splat(right == 0 ? 0 : 1 &<< (right &- 1))
      isShifted = splat(right == 0 ? 0 : -1)
    }

    /// As `PlainMultipliers.multiply`.
    @inline(__always)
    func multiply(_ value: Vector) -> Vector {
      let rounding = _mm512_set1_epi64(1 &<< 31)
      let double = add(value, value)
      let low = _mm512_add_epi64(ocellus_multiply_even_lanes(double, mantissa), rounding)
      let high = _mm512_add_epi64(
        ocellus_multiply_even_lanes(ocellus_odd_lanes(double), mantissa), rounding)
      let product = ocellus_high_halves(low, high)
      let sign = _mm512_and_si512(_mm512_srai_epi32(product, 31), isShifted)
      return _mm512_srav_epi32(add(add(product, half), sign), shift)
    }
  }

  extension GeneralMultipliers {
    @inline(__always)
    fileprivate init(_ multiplier: QuantizedMultiplier) {
      self.init(mantissas: splat(multiplier.mantissa), exponents: splat(multiplier.exponent))
    }
  }
#endif
