#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // What is done with each error and each sum: eight at a time, and what is left over by the definition.

  /// The largest magnitudes of lanes so far.
  struct LargestMagnitudes {
    private var a = vdupq_n_u32(0)
    private var b = vdupq_n_u32(0)

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func take(_ low: int32x4_t, _ high: int32x4_t) {
      a = vmaxq_u32(a, vreinterpretq_u32_s32(vabsq_s32(low)))
      b = vmaxq_u32(b, vreinterpretq_u32_s32(vabsq_s32(high)))
    }

    @inline(__always)
    func result(with other: UInt32) -> UInt32 { max(vmaxvq_u32(vmaxq_u32(a, b)), other) }
  }

  func findLargest(_ values: UnsafePointer<Int32>, _ count: Int) -> UInt32 {
    var largest = LargestMagnitudes()
    let whole = count & ~7
    var index = 0
    while index < whole {
      largest.take(load(values + index), load(values + (index &+ 4)))
      index &+= 8
    }
    return largest.result(with: largestMagnitudeScalar(values + whole, count &- whole))
  }

  func addSquares(_ gradient: UnsafePointer<Int32>, _ count: Int, _ shift: Int32) -> UInt64 {
    let right = vdupq_n_s32(0 &- shift)
    var (a, b, c, d) = (vdupq_n_s64(0), vdupq_n_s64(0), vdupq_n_s64(0), vdupq_n_s64(0))
    let whole = count & ~7
    var index = 0
    while index < whole {
      let low = vrshlq_s32(load(gradient + index), right)
      let high = vrshlq_s32(load(gradient + (index &+ 4)), right)
      a = vmlal_s32(a, vget_low_s32(low), vget_low_s32(low))
      b = vmlal_high_s32(b, low, low)
      c = vmlal_s32(c, vget_low_s32(high), vget_low_s32(high))
      d = vmlal_high_s32(d, high, high)
      index &+= 8
    }
    return UInt64(bitPattern: vaddvq_s64(vaddq_s64(vaddq_s64(a, b), vaddq_s64(c, d))))
      &+ sumOfSquaresScalar(gradient + whole, count &- whole, shift)
  }

  func renormalizeWide(
    _ values: UnsafePointer<Int32>, _ count: Int, _ renormalization: Renormalization,
    _ output: UnsafeMutablePointer<Int16>
  ) {
    let limit = vdupq_n_s16(Int16(truncatingIfNeeded: renormalization.limit))
    let whole = count & ~7
    @inline(__always)
    func renormalize(_ shifted: (_ values: int32x4_t) -> int32x4_t) {
      var index = 0
      while index < whole {
        let low = vqmovn_s32(shifted(load(values + index)))
        let both = vqmovn_high_s32(low, shifted(load(values + (index &+ 4))))
        store(vmaxq_s16(vminq_s16(both, limit), vnegq_s16(limit)), output + index)
        index &+= 8
      }
    }
    let right = vdupq_n_s32(0 &- renormalization.shift)
    if renormalization.isStochastic && renormalization.shift > 0 {
      // What is cut off, plus as many of a word's highest bits: the carry.
      var hashes = CounterHashes(renormalization.firstIndex, key: renormalization.key)
      let mask = vdupq_n_u32(UInt32.max &>> UInt32(truncatingIfNeeded: 32 &- renormalization.shift))
      let wordRight = vdupq_n_s32(renormalization.shift &- 32)
      renormalize { values in
        let part = vandq_u32(vreinterpretq_u32_s32(values), mask)
        let sum = vaddq_u32(part, vshlq_u32(hashes.next(), wordRight))
        return vaddq_s32(vshlq_s32(values, right), vreinterpretq_s32_u32(vshlq_u32(sum, right)))
      }
    } else {
      renormalize { vrshlq_s32($0, right) }
    }
    var rest = renormalization
    rest.firstIndex = rest.firstIndex &+ UInt32(truncatingIfNeeded: whole)
    renormalizeScalar(values + whole, count &- whole, rest, output + whole)
  }

  func addErrorsWide(_ sum: ErrorSum, _ output: UnsafeMutablePointer<Int32>) -> UInt32 {
    // `srshl` shifts either way, halves up, as far as the lowest byte says.
    let (first, second) = (vdupq_n_s32(0 &- sum.firstShift), vdupq_n_s32(0 &- sum.secondShift))
    var largest = LargestMagnitudes()
    let whole = sum.count & ~7
    var index = 0
    while index < whole {
      let (a, b) = (load(sum.first + index), load(sum.second + index))
      let low = vaddq_s32(
        vrshlq_s32(vmovl_s16(vget_low_s16(a)), first), vrshlq_s32(vmovl_s16(vget_low_s16(b)), second))
      let high = vaddq_s32(vrshlq_s32(vmovl_high_s16(a), first), vrshlq_s32(vmovl_high_s16(b), second))
      store(low, output + index)
      store(high, output + (index &+ 4))
      largest.take(low, high)
      index &+= 8
    }
    var rest = sum
    rest.first += whole
    rest.second += whole
    rest.count &-= whole
    return largest.result(with: addErrorsScalar(rest, output + whole))
  }

  func scaleElementsWide(
    _ errors: UnsafePointer<Int16>, _ factors: UnsafePointer<Int8>, _ count: Int,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = LargestMagnitudes()
    let whole = count & ~7
    var index = 0
    while index < whole {
      let (error, factor) = (load(errors + index), vmovl_s8(loadHalf(factors + index)))
      let low = vmull_s16(vget_low_s16(error), vget_low_s16(factor))
      let high = vmull_high_s16(error, factor)
      store(low, output + index)
      store(high, output + (index &+ 4))
      largest.take(low, high)
      index &+= 8
    }
    return largest.result(
      with: scaleElementsScalar(errors + whole, factors + whole, count &- whole, output + whole))
  }

  func scaleChannelsWide(
    _ errors: UnsafePointer<Int16>, _ rows: Int, _ channels: Int, _ factors: UnsafePointer<Int32>,
    _ output: UnsafeMutablePointer<Int32>
  ) -> UInt32 {
    var largest = LargestMagnitudes()
    var largestOfRest: UInt32 = 0
    let whole = channels & ~7
    for row in 0..<rows {
      let (errors, output) = (errors + row &* channels, output + row &* channels)
      var channel = 0
      while channel < whole {
        let error: int16x8_t = load(errors + channel)
        let low = vmulq_s32(vmovl_s16(vget_low_s16(error)), load(factors + channel))
        let high = vmulq_s32(vmovl_high_s16(error), load(factors + (channel &+ 4)))
        store(low, output + channel)
        store(high, output + (channel &+ 4))
        largest.take(low, high)
        channel &+= 8
      }
      if whole < channels {
        largestOfRest = max(
          largestOfRest,
          scaleChannelsScalar(errors + whole, 1, channels &- whole, factors + whole, output + whole))
      }
    }
    return largest.result(with: largestOfRest)
  }
#endif
