#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // What is done with each error and each sum: sixteen at a time, and what is left over by the definition. All sixteen are
  // read before any is written, so that cores that keep to the program's order have enough to do at any time.

  /// Sixteen sums.
  struct SixteenWords {
    var a, b, c, d: int32x4_t

    @inline(__always)
    init(_ values: UnsafePointer<Int32>) {
      (a, b, c, d) = (load(values), load(values + 4), load(values + 8), load(values + 12))
    }

    @inline(__always)
    init(_ a: int32x4_t, _ b: int32x4_t, _ c: int32x4_t, _ d: int32x4_t) {
      (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    /// int16 numbers, widened.
    @inline(__always)
    init(widened low: int16x8_t, _ high: int16x8_t) {
      (a, b) = (vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low))
      (c, d) = (vmovl_s16(vget_low_s16(high)), vmovl_high_s16(high))
    }

    @inline(__always)
    func map(_ body: (int32x4_t) -> int32x4_t) -> SixteenWords {
      SixteenWords(body(a), body(b), body(c), body(d))
    }

    @inline(__always)
    func with(_ other: SixteenWords, _ body: (int32x4_t, int32x4_t) -> int32x4_t) -> SixteenWords {
      SixteenWords(body(a, other.a), body(b, other.b), body(c, other.c), body(d, other.d))
    }

    @inline(__always)
    func write(_ output: UnsafeMutablePointer<Int32>) {
      store(a, output)
      store(b, output + 4)
      store(c, output + 8)
      store(d, output + 12)
    }
  }

  /// The largest magnitudes of lanes so far.
  struct LargestMagnitudes {
    private var a = vdupq_n_u32(0)
    private var b = vdupq_n_u32(0)

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func take(_ values: SixteenWords) {
      let magnitudes = values.map(vabsq_s32)
      a = vmaxq_u32(a, vreinterpretq_u32_s32(magnitudes.a))
      b = vmaxq_u32(b, vreinterpretq_u32_s32(magnitudes.b))
      a = vmaxq_u32(a, vreinterpretq_u32_s32(magnitudes.c))
      b = vmaxq_u32(b, vreinterpretq_u32_s32(magnitudes.d))
    }

    @inline(__always)
    func result(with other: UInt32) -> UInt32 { max(vmaxvq_u32(vmaxq_u32(a, b)), other) }
  }

  /// Calls `body` with every sixteenth index below `count`, as long as there are sixteen; gives the first index that is
  /// left over. The compiler does not unroll this.
  @inline(__always)
  func forEachSixteen(_ count: Int, _ body: (_ index: Int) -> Void) -> Int {
    var index = 0
    var steps = count / 16
    while steps > 0 {
      body(index)
      index &+= 16
      steps = ocellus_counted_down(steps)
    }
    return index
  }

  func findLargest(_ values: UnsafePointer<Int32>, _ count: Int) -> UInt32 {
    var largest = LargestMagnitudes()
    let rest = forEachSixteen(count) { largest.take(SixteenWords(values + $0)) }
    return largest.result(with: largestMagnitudeScalar(values + rest, count &- rest))
  }

  func addSquares(_ gradient: UnsafePointer<Int32>, _ count: Int, _ shift: Int32) -> UInt64 {
    let right = vdupq_n_s32(0 &- shift)
    var (a, b, c, d) = (vdupq_n_s64(0), vdupq_n_s64(0), vdupq_n_s64(0), vdupq_n_s64(0))
    let rest = forEachSixteen(count) {
      let values = SixteenWords(gradient + $0).map { vrshlq_s32($0, right) }
      a = vmlal_s32(a, vget_low_s32(values.a), vget_low_s32(values.a))
      b = vmlal_high_s32(b, values.a, values.a)
      c = vmlal_s32(c, vget_low_s32(values.b), vget_low_s32(values.b))
      d = vmlal_high_s32(d, values.b, values.b)
      a = vmlal_s32(a, vget_low_s32(values.c), vget_low_s32(values.c))
      b = vmlal_high_s32(b, values.c, values.c)
      c = vmlal_s32(c, vget_low_s32(values.d), vget_low_s32(values.d))
      d = vmlal_high_s32(d, values.d, values.d)
    }
    return UInt64(bitPattern: vaddvq_s64(vaddq_s64(vaddq_s64(a, b), vaddq_s64(c, d))))
      &+ sumOfSquaresScalar(gradient + rest, count &- rest, shift)
  }

  func renormalizeWide(
    _ values: UnsafePointer<Int32>, _ count: Int, _ renormalization: Renormalization,
    _ output: UnsafeMutablePointer<Int16>
  ) {
    let limit = vdupq_n_s16(Int16(truncatingIfNeeded: renormalization.limit))
    @inline(__always)
    func renormalize(_ shifted: (_ values: SixteenWords) -> SixteenWords) -> Int {
      forEachSixteen(count) {
        let words = shifted(SixteenWords(values + $0))
        let low = vqmovn_high_s32(vqmovn_s32(words.a), words.b)
        let high = vqmovn_high_s32(vqmovn_s32(words.c), words.d)
        store(vmaxq_s16(vminq_s16(low, limit), vnegq_s16(limit)), output + $0)
        store(vmaxq_s16(vminq_s16(high, limit), vnegq_s16(limit)), output + ($0 &+ 8))
      }
    }
    let right = vdupq_n_s32(0 &- renormalization.shift)
    var first: Int
    if renormalization.isStochastic && renormalization.shift > 0 {
      // What is cut off, plus as many of a word's highest bits: the carry.
      var hashes = CounterHashes(renormalization.firstIndex, key: renormalization.key)
      let mask = vdupq_n_u32(UInt32.max &>> UInt32(truncatingIfNeeded: 32 &- renormalization.shift))
      let wordRight = vdupq_n_s32(renormalization.shift &- 32)
      first = renormalize {
        $0.map { values in
          let part = vandq_u32(vreinterpretq_u32_s32(values), mask)
          let sum = vaddq_u32(part, vshlq_u32(hashes.next(), wordRight))
          return vaddq_s32(vshlq_s32(values, right), vreinterpretq_s32_u32(vshlq_u32(sum, right)))
        }
      }
    } else {
      first = renormalize { $0.map { vrshlq_s32($0, right) } }
    }
    var rest = renormalization
    rest.firstIndex = rest.firstIndex &+ UInt32(truncatingIfNeeded: first)
    renormalizeScalar(values + first, count &- first, rest, output + first)
  }

  func addErrorsWide(_ sum: ErrorSum, _ output: UnsafeMutablePointer<Int32>) -> UInt32 {
    // `srshl` shifts either way, halves up, as far as the lowest byte says.
    let (first, second) = (vdupq_n_s32(0 &- sum.firstShift), vdupq_n_s32(0 &- sum.secondShift))
    var largest = LargestMagnitudes()
    let index = forEachSixteen(sum.count) {
      let a = SixteenWords(widened: load(sum.first + $0), load(sum.first + ($0 &+ 8)))
      let b = SixteenWords(widened: load(sum.second + $0), load(sum.second + ($0 &+ 8)))
      let words = a.map { vrshlq_s32($0, first) }.with(b.map { vrshlq_s32($0, second) }, vaddq_s32)
      words.write(output + $0)
      largest.take(words)
    }
    var rest = sum
    rest.first += index
    rest.second += index
    rest.count &-= index
    return largest.result(with: addErrorsScalar(rest, output + index))
  }

  func scaleElementsWide(
    _ errors: UnsafePointer<Int16>, _ factors: UnsafePointer<Int8>, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = LargestMagnitudes()
    let index = forEachSixteen(count) {
      let bytes: int8x16_t = load(factors + $0)
      let (low, high) = (vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes))
      let (a, b) = (load(errors + $0), load(errors + ($0 &+ 8)))
      let words = SixteenWords(
        vmull_s16(vget_low_s16(a), vget_low_s16(low)), vmull_high_s16(a, low),
        vmull_s16(vget_low_s16(b), vget_low_s16(high)), vmull_high_s16(b, high))
      words.write(output + $0)
      largest.take(words)
    }
    return largest.result(
      with: scaleElementsScalar(errors + index, factors + index, count &- index, output + index))
  }

  func scaleChannelsWide(
    _ errors: UnsafePointer<Int16>, _ rows: Int, _ channels: Int, _ factors: UnsafePointer<Int32>,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = LargestMagnitudes()
    var largestOfRest: UInt32 = 0
    for row in 0..<rows {
      let (errors, output) = (errors + row &* channels, output + row &* channels)
      let channel = forEachSixteen(channels) {
        let words = SixteenWords(widened: load(errors + $0), load(errors + ($0 &+ 8)))
          .with(SixteenWords(factors + $0), vmulq_s32)
        words.write(output + $0)
        largest.take(words)
      }
      if channel < channels {
        largestOfRest = max(
          largestOfRest,
          scaleRest(errors + channel, channels &- channel, factors + channel, output + channel))
      }
    }
    return largest.result(with: largestOfRest)
  }

  /// The definition, which is small where it is not inlined.
  @inline(never) @_optimize(size)
  private func scaleRest(
    _ errors: UnsafePointer<Int16>, _ channels: Int, _ factors: UnsafePointer<Int32>,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 { scaleChannelsScalar(errors, 1, channels, factors, output) }
#endif
