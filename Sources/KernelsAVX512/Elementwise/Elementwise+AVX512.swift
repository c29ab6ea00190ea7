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
    func values(_ index: Int, _ mask: UInt64) -> Vector {
      if isRepeated { return splat(Int32(address[0])) }
      let mask = UInt16(truncatingIfNeeded: mask)
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
    let range = OutputRange(
      zeroPoint: function.outputZeroPoint, low: function.low, high: function.high)
    @inline(__always)
    func sixteen(_ index: Int, _ mask: UInt64) -> Vector {
      result(first.values(index, mask), second.values(index, mask))
    }
    @inline(__always)
    func sixtyFour(_ index: Int, _ mask: UInt64) -> Vector {
      range.pack(
        sixteen(index, mask), sixteen(index &+ 16, mask &>> 16), sixteen(index &+ 32, mask &>> 32),
        sixteen(index &+ 48, mask &>> 48))
    }
    var index = 0
    while index &+ 64 <= run.count {
      store(sixtyFour(index, UInt64.max), run.output + index)
      index &+= 64
    }
    if run.count &- index > 32 {
      let mask = byteMask(run.count &- index)
      _mm512_mask_storeu_epi8(run.output + index, mask, sixtyFour(index, mask))
      return
    }
    while index < run.count {
      let mask = byteMask(min(run.count &- index, 16))
      let values = sixteen(index, mask)
      let bytes = ocellus_quarter_0(range.pack(values, values, values, values))
      store(bytes, run.output + index, columns: min(run.count &- index, 16))
      index &+= 16
    }
  }

  /// `add` and `subtract`: three multipliers.
  private func sumRun(_ function: Elementwise, _ run: ElementwiseRun) {
    guard function.function == .add, let output = UniformMultiplier(function.output) else {
      return generalSumRun(function, run)
    }
    // The operand of the larger scale has the factor 2^(−1), so that its term is the value, shifted.
    if let larger = WholeTerm(function.first, function.firstZeroPoint),
      let smaller = RoundedTerm(function.second, function.secondZeroPoint)
    {
      wideRun(function, run) { a, b in output.multiply(add(larger.value(a), smaller.value(b))) }
    } else if let smaller = RoundedTerm(function.first, function.firstZeroPoint),
      let larger = WholeTerm(function.second, function.secondZeroPoint)
    {
      wideRun(function, run) { a, b in output.multiply(add(smaller.value(a), larger.value(b))) }
    } else {
      generalSumRun(function, run)
    }
  }

  /// Any multipliers, exactly as the definition treats them.
  private func generalSumRun(_ function: Elementwise, _ run: ElementwiseRun) {
    let shift = UInt32(Elementwise.sumShift)
    let first = GeneralMultipliers(function.first)
    let second = GeneralMultipliers(function.second)
    let output = GeneralMultipliers(function.output)
    let (firstZero, secondZero) = (splat(function.firstZeroPoint), splat(function.secondZeroPoint))
    // A difference adds the second term's negative: (y ^ −1) + 1.
    let negate = function.function == .subtract ? splat(-1) : zero()
    wideRun(function, run) { a, b in
      let x = first.multiply(_mm512_slli_epi32(_mm512_sub_epi32(a, firstZero), shift))
      let y = second.multiply(_mm512_slli_epi32(_mm512_sub_epi32(b, secondZero), shift))
      let sum = add(x, _mm512_sub_epi32(_mm512_xor_si512(y, negate), negate))
      return limit(output.multiply(sum), function)
    }
  }

  private func productRun(_ function: Elementwise, _ run: ElementwiseRun) {
    let (firstZero, secondZero) = (splat(function.firstZeroPoint), splat(function.secondZeroPoint))
    if let output = UniformMultiplier(function.output) {
      wideRun(function, run) { a, b in
        output.multiply(
          _mm512_mullo_epi32(_mm512_sub_epi32(a, firstZero), _mm512_sub_epi32(b, secondZero)))
      }
    } else {
      let output = GeneralMultipliers(function.output)
      wideRun(function, run) { a, b in
        let product = _mm512_mullo_epi32(
          _mm512_sub_epi32(a, firstZero), _mm512_sub_epi32(b, secondZero))
        return limit(output.multiply(product), function)
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
#endif
