#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  @inline(__always)
  private func load(_ address: UnsafePointer<UInt16>) -> uint16x8_t {
    UnsafeRawPointer(address).loadUnaligned(as: uint16x8_t.self)
  }

  /// Eight sums less black, halved. (`uhsub` halves the exact difference, which is even where the sum is.)
  @inline(__always)
  private func light(_ sums: UnsafePointer<UInt16>, _ black: uint16x8_t) -> int16x8_t {
    vreinterpretq_s16_u16(vhsubq_u16(load(sums), black))
  }

  /// Eight sums of a colour difference, from gray on.
  @inline(__always)
  private func difference(_ sums: UnsafePointer<UInt16>) -> int16x8_t {
    vreinterpretq_s16_u16(vsubq_u16(load(sums), vdupq_n_u16(128 * 255)))
  }

  /// Writes the pixels of sixteen values, lowered by 128.
  @inline(__always)
  private func write(_ low: int16x8_t, _ high: int16x8_t, _ output: UnsafeMutablePointer<Int8>) {
    store(vreinterpretq_s8_u8(veorq_u8(ocellus_bytes_of_64ths(low, high), vdupq_n_u8(128))), output)
  }

  @inline(__always)
  private func doubledBlack(_ factors: ColorFactors) -> uint16x8_t {
    vdupq_n_u16(UInt16(truncatingIfNeeded: factors.halfBlack &* 2))
  }

  func expandWide(
    _ sums: UnsafePointer<UInt16>, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) {
    let black = doubledBlack(factors)
    let factor = vdupq_n_s16(factors.luma)
    for first in stride(from: 0, to: count, by: 16) {
      write(
        vqrdmulhq_s16(light(sums + first, black), factor),
        vqrdmulhq_s16(light(sums + (first &+ 8), black), factor), output + first)
    }
  }

  func colorsWide(_ sums: ComponentSums, _ factors: ColorFactors, _ output: ColorPlanes, _ count: Int) {
    let black = doubledBlack(factors)
    let luma = vdupq_n_s16(factors.luma)
    let (redFromV, blueFromU) = (vdupq_n_s16(factors.redFromV), vdupq_n_s16(factors.blueFromU))
    let (greenFromU, greenFromV) = (vdupq_n_s16(factors.greenFromU), vdupq_n_s16(factors.greenFromV))
    /// Saturated sums are beyond white, or black, as they were.
    @inline(__always)
    func eight(_ index: Int) -> (red: int16x8_t, green: int16x8_t, blue: int16x8_t) {
      let y = vqrdmulhq_s16(light(sums.first + index, black), luma)
      let (u, v) = (difference(sums.second + index), difference(sums.third + index))
      return (
        vqaddq_s16(y, vqrdmulhq_s16(v, redFromV)),
        vqsubq_s16(vqsubq_s16(y, vqrdmulhq_s16(u, greenFromU)), vqrdmulhq_s16(v, greenFromV)),
        vqaddq_s16(y, vqrdmulhq_s16(u, blueFromU))
      )
    }
    for first in stride(from: 0, to: count, by: 16) {
      let (low, high) = (eight(first), eight(first &+ 8))
      write(low.red, high.red, output.red + first)
      write(low.green, high.green, output.green + first)
      write(low.blue, high.blue, output.blue + first)
    }
  }

  func grayWide(
    _ sums: ComponentSums, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>, _ count: Int
  ) {
    let black = doubledBlack(factors)
    let red = vdupq_n_s16(factors.grayFromRed)
    let (green, blue) = (vdupq_n_s16(factors.grayFromGreen), vdupq_n_s16(factors.grayFromBlue))
    @inline(__always)
    func eight(_ index: Int) -> int16x8_t {
      let first = vqrdmulhq_s16(light(sums.first + index, black), red)
      let second = vqrdmulhq_s16(light(sums.second + index, black), green)
      return vqaddq_s16(
        vqaddq_s16(first, second), vqrdmulhq_s16(light(sums.third + index, black), blue))
    }
    for first in stride(from: 0, to: count, by: 16) {
      write(eight(first), eight(first &+ 8), output + first)
    }
  }
#endif
