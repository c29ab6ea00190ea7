#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Normalised gradients of four weights, as `HighProductNormalization` has them.
  ///
  /// A gradient that saturates when it is shifted is beyond the limit, too. `sqdmulh` gives ⌊g · m / 2^31⌋, one bit more
  /// than the upper half.
  private struct NormalizedGradients {
    private let left, multiplier, right: int32x4_t

    @inline(__always)
    init(_ normalization: GradientNormalization) {
      let high = HighProductNormalization(normalization)
      left = vdupq_n_s32(high.leftShift)
      multiplier = vdupq_n_s32(high.multiplier)
      right = vdupq_n_s32(0 &- high.rightShift &- 1)
    }

    @inline(__always)
    private func normalized(_ gradient: int32x4_t) -> int32x4_t {
      vrshlq_s32(vqdmulhq_s32(vqshlq_s32(gradient, left), multiplier), right)
    }

    /// The momentum after eight gradients.
    @inline(__always)
    func momentum(_ momentum: int16x8_t, after gradient: UnsafePointer<Int32>) -> int16x8_t {
      let low = vqmovn_s32(normalized(load(gradient)))
      let both = vqmovn_high_s32(low, normalized(load(gradient + 4)))
      return vaddq_s16(
        momentum, ocellus_eighth_of_difference(vmaxq_s16(both, vdupq_n_s16(-32767)), momentum))
    }
  }

  /// `counterHash` of successive indices, four at a time.
  struct CounterHashes {
    private var words: uint32x4_t

    @inline(__always)
    init(_ index: UInt32, key: UInt32) {
      let lanes = uint32x4_t(0, 1, 2, 3)
      words = (lanes &+ vdupq_n_u32(index)) &* vdupq_n_u32(0x9E37_79B1) &+ vdupq_n_u32(key)
    }

    @inline(__always)
    mutating func next() -> uint32x4_t {
      var word = words
      words = words &+ vdupq_n_u32(0x9E37_79B1 &* 4)
      word = veorq_u32(word, word &>> 16) &* vdupq_n_u32(0x85EB_CA6B)
      word = veorq_u32(word, word &>> 13) &* vdupq_n_u32(0xC2B2_AE35)
      return veorq_u32(word, word &>> 16)
    }
  }

  /// A row's momentum V times a factor F, rounded by chance and without 18 bits.
  ///
  /// ⌊V · F / 2^18⌋ is `sqdmulh` of V · 2^13 and F. The product of V · 2^13 and 2F, of which 32 bits remain, holds what
  /// that cuts off in its 18 highest bits, and 0 in the others: if adding a random word to it carries, so does adding the
  /// word's 18 highest bits.
  private struct NarrowSteps {
    private let factor, doubled: int32x4_t

    @inline(__always)
    init(_ factor: Int32) {
      self.factor = vdupq_n_s32(factor)
      doubled = vdupq_n_s32(2 &* factor)
    }

    /// - Parameter momentum: Times 2^13.
    @inline(__always)
    func step(_ momentum: int32x4_t, _ words: uint32x4_t) -> int32x4_t {
      let cut = vreinterpretq_u32_s32(vmulq_s32(momentum, doubled))
      let carries = vcgtq_u32(words, vmvnq_u32(cut))
      return vsubq_s32(vqdmulhq_s32(momentum, factor), vreinterpretq_s32_u32(carries))
    }
  }

  /// Calls `both` with every second multiple of eight below `count`, itself one, and `one` with the last where it has none
  /// to go with.
  @inline(__always)
  private func forEachEight(_ count: Int, both: (_ index: Int) -> Void, one: (_ index: Int) -> Void) {
    let index = forEachSixteen(count, both)
    if index < count { one(index) }
  }

  /// What a step makes of eight weights with narrow masters. A master within the limits rounds to a weight within ±127.
  private struct NarrowWeights {
    let momentum: int16x8_t
    let masters: int16x8_t

    @inline(__always)
    init(
      _ part: ParameterUpdate<Int16>, _ index: Int, _ gradients: NormalizedGradients, _ steps: NarrowSteps,
      _ hashes: inout CounterHashes
    ) {
      momentum = gradients.momentum(load(part.momentum + index), after: part.gradient + index)
      let before: int16x8_t = load(part.masters + index)
      // The other way round a master need not be widened.
      let low = vsubw_s16(steps.step(ocellus_widen_low_13(momentum), hashes.next()), vget_low_s16(before))
      let high = vsubw_high_s16(steps.step(ocellus_widen_high_13(momentum), hashes.next()), before)
      let negative = vqmovn_high_s32(vqmovn_s32(low), high)
      let limit = vdupq_n_s16(Int16(truncatingIfNeeded: Int16.limit))
      masters = vnegq_s16(vmaxq_s16(vminq_s16(negative, limit), vnegq_s16(limit)))
    }

    /// - Returns: The larger magnitudes of masters.
    @inline(__always)
    func write(_ part: ParameterUpdate<Int16>, _ index: Int, _ largest: int16x8_t) -> int16x8_t {
      store(momentum, part.momentum + index)
      store(masters, part.masters + index)
      store(ocellus_rounded_without_8_bits(masters), part.weights + index)
      return vmaxq_s16(largest, vabsq_s16(masters))
    }
  }

  func updateNarrowMasters(_ update: ParameterUpdate<Int16>) -> UInt32 {
    let gradients = NormalizedGradients(update.normalization)
    return update.byVectors(width: 8) { part, factor in
      let steps = NarrowSteps(factor)
      var hashes = CounterHashes(part.firstIndex, key: part.key)
      var largest = vdupq_n_s16(0)
      forEachEight(part.columns) { index in
        let first = NarrowWeights(part, index, gradients, steps, &hashes)
        let second = NarrowWeights(part, index &+ 8, gradients, steps, &hashes)
        largest = second.write(part, index &+ 8, first.write(part, index, largest))
      } one: { index in
        largest = NarrowWeights(part, index, gradients, steps, &hashes).write(part, index, largest)
      }
      return UInt32(truncatingIfNeeded: vmaxvq_s16(largest))
    }
  }

  /// What a step makes of eight weights with wide masters. The step without 10 bits, rounded halves up, is `sqrdmulh` of
  /// V · 2^15 and F · 2^6.
  private struct WideWeights {
    let momentum: int16x8_t
    let low: int32x4_t
    let high: int32x4_t

    @inline(__always)
    init(
      _ part: ParameterUpdate<Int32>, _ index: Int, _ gradients: NormalizedGradients, _ factor: int32x4_t
    ) {
      momentum = gradients.momentum(load(part.momentum + index), after: part.gradient + index)
      @inline(__always)
      func moved(_ masters: int32x4_t, _ momentum: int32x4_t) -> int32x4_t {
        let limit = vdupq_n_s32(Int32.limit)
        return vmaxq_s32(
          vminq_s32(vsubq_s32(masters, vqrdmulhq_s32(momentum, factor)), limit), vnegq_s32(limit))
      }
      low = moved(load(part.masters + index), ocellus_widen_low_15(momentum))
      high = moved(load(part.masters + (index &+ 4)), ocellus_widen_high_15(momentum))
    }

    /// - Returns: The larger magnitudes of masters.
    @inline(__always)
    func write(_ part: ParameterUpdate<Int32>, _ index: Int, _ largest: int32x4_t) -> int32x4_t {
      store(momentum, part.momentum + index)
      store(low, part.masters + index)
      store(high, part.masters + (index &+ 4))
      store(ocellus_rounded_without_16_bits(low, high), part.weights + index)
      return vmaxq_s32(vmaxq_s32(largest, vabsq_s32(low)), vabsq_s32(high))
    }
  }

  func updateWideMasters(_ update: ParameterUpdate<Int32>) -> UInt32 {
    let gradients = NormalizedGradients(update.normalization)
    return update.byVectors(width: 8) { part, factor in
      let multiplier = vdupq_n_s32(factor &<< 6)
      var largest = vdupq_n_s32(0)
      forEachEight(part.columns) { index in
        let first = WideWeights(part, index, gradients, multiplier)
        let second = WideWeights(part, index &+ 8, gradients, multiplier)
        largest = second.write(part, index &+ 8, first.write(part, index, largest))
      } one: { index in
        largest = WideWeights(part, index, gradients, multiplier).write(part, index, largest)
      }
      return UInt32(truncatingIfNeeded: vmaxvq_s32(largest))
    }
  }
#endif
