// Always-inline wrappers for the NEON intrinsics that are macros; those that are functions import as they are.
#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>

/// The highest bytes of the lanes of two vectors.
OCELLUS_INLINE int8x8_t ocellus_upper_bytes(int32x4_t a, int32x4_t b) {
  return vshrn_n_s16(vshrn_high_n_s32(vshrn_n_s32(a, 16), b, 16), 8);
}
/// The lower half of eight values, widened, times 2^15; and the upper half.
OCELLUS_INLINE int32x4_t ocellus_widen_low_15(int16x8_t a) { return vshll_n_s16(vget_low_s16(a), 15); }
OCELLUS_INLINE int32x4_t ocellus_widen_high_15(int16x8_t a) { return vshll_high_n_s16(a, 15); }
/// The same times 2^13.
OCELLUS_INLINE int32x4_t ocellus_widen_low_13(int16x8_t a) { return vshll_n_s16(vget_low_s16(a), 13); }
OCELLUS_INLINE int32x4_t ocellus_widen_high_13(int16x8_t a) { return vshll_high_n_s16(a, 13); }

/// The pairs of bytes moved one place down, the first one to the end.
OCELLUS_INLINE int8x16_t ocellus_rotate_pairs(int8x16_t a) { return vextq_s8(a, a, 2); }
OCELLUS_INLINE int8x8_t ocellus_rotate_pairs_of_half(int8x8_t a) { return vext_s8(a, a, 2); }
/// Nothing, but the compiler computes the sums before anything from the operands: left alone it starts so many products
/// at once that their registers do not suffice.
OCELLUS_INLINE void ocellus_order(int32x4_t *sum0, int32x4_t *sum1, int32x4_t *sum2, int32x4_t *sum3,
                                  int32x4_t *sum4, int32x4_t *sum5, int32x4_t *sum6, int32x4_t *sum7,
                                  int8x16_t *operand0, int8x16_t *operand1, int8x16_t *operand2,
                                  int8x16_t *operand3) {
  __asm__(""
          : "+w"(*sum0), "+w"(*sum1), "+w"(*sum2), "+w"(*sum3), "+w"(*sum4), "+w"(*sum5), "+w"(*sum6), "+w"(*sum7),
            "+w"(*operand0), "+w"(*operand1), "+w"(*operand2), "+w"(*operand3));
}
/// Lanes 0 and 2 of both vectors, lanes 1 and 3 of both. (`vuzp1q_s32` after two loads becomes `ld2`, whose two registers
/// must be neighbours for as long as they live.)
OCELLUS_INLINE int32x4_t ocellus_even_lanes(int32x4_t a, int32x4_t b) {
  int32x4_t even;
  __asm__("uzp1 %0.4s, %1.4s, %2.4s" : "=w"(even) : "w"(a), "w"(b));
  return even;
}
OCELLUS_INLINE int32x4_t ocellus_odd_lanes(int32x4_t a, int32x4_t b) {
  int32x4_t odd;
  __asm__("uzp2 %0.4s, %1.4s, %2.4s" : "=w"(odd) : "w"(a), "w"(b));
  return odd;
}
/// The upper bytes of two vectors. On cores with `sdot` `uzp2` is one operation as any; on a Cortex-A72 it is three, and
/// the compiler would make it of the two narrowing shifts.
OCELLUS_INLINE int8x16_t ocellus_upper_bytes_of_two(int16x8_t a, int16x8_t b) {
#if defined(__ARM_FEATURE_DOTPROD)
  return vuzp2q_s8(vreinterpretq_s8_s16(a), vreinterpretq_s8_s16(b));
#else
  int8x16_t bytes;
  __asm__("shrn %0.8b, %1.8h, #8\n\tshrn2 %0.16b, %2.8h, #8" : "=&w"(bytes) : "w"(a), "w"(b));
  return bytes;
#endif
}
/// Loads, however often the same: a copy of a register would take the place of arithmetic, a load has a pipe of its own.
OCELLUS_INLINE int32x4_t ocellus_load_anew(const int32x4_t *address) {
  int32x4_t values;
  __asm__ volatile("ldr %q0, %1" : "=w"(values) : "m"(*address));
  return values;
}
/// Sums of bytes times weights that add up to 255, divided by 255: rounded to the nearest.
OCELLUS_INLINE uint8x16_t ocellus_means_of_255(uint16x8_t a, uint16x8_t b) {
  return vrshrn_high_n_u16(vrshrn_n_u16(vrsraq_n_u16(a, a, 8), 8), vrsraq_n_u16(b, b, 8), 8);
}
/// Values with 6 fraction bits, rounded, within 0 to 255.
OCELLUS_INLINE uint8x16_t ocellus_bytes_of_64ths(int16x8_t a, int16x8_t b) {
  return vqrshrun_high_n_s16(vqrshrun_n_s16(a, 6), b, 6);
}
/// high · 2^14 + low, without its 22 fraction bits, at most 255.
OCELLUS_INLINE uint8x16_t ocellus_pixels_of_fine_sums(uint16x8_t high0, uint32x4_t low0, uint32x4_t low1,
                                                      uint16x8_t high1, uint32x4_t low2, uint32x4_t low3) {
  uint32x4_t a = vaddq_u32(low0, vshll_n_u16(vget_low_u16(high0), 14));
  uint32x4_t b = vaddq_u32(low1, vshll_high_n_u16(high0, 14));
  uint32x4_t c = vaddq_u32(low2, vshll_n_u16(vget_low_u16(high1), 14));
  uint32x4_t d = vaddq_u32(low3, vshll_high_n_u16(high1, 14));
  uint16x8_t first = vshrn_high_n_u32(vshrn_n_u32(a, 16), b, 16);
  uint16x8_t second = vshrn_high_n_u32(vshrn_n_u32(c, 16), d, 16);
  return vqshrn_high_n_u16(vqshrn_n_u16(first, 6), second, 6);
}
/// One less, but the compiler does not know: it does not unroll the loop that counts so.
OCELLUS_INLINE long ocellus_counted_down(long count) {
  __asm__("" : "+r"(count));
  return count - 1;
}
/// The first numbers of four vectors, then the second ones, and so on.
OCELLUS_INLINE void ocellus_store_in_turn(short *address, int16x4_t a, int16x4_t b, int16x4_t c, int16x4_t d) {
  int16x4x4_t all = {{a, b, c, d}};
  vst4_s16(address, all);
}
/// The products of four numbers (the lower half of `a`, or the upper one) with one of `b`, added. The lane is a constant
/// where this is inlined.
OCELLUS_INLINE int32x4_t ocellus_add_low_by_lane(int32x4_t sum, int16x8_t a, int16x4_t b, int lane) {
  switch (lane) {
  case 0: return vmlal_lane_s16(sum, vget_low_s16(a), b, 0);
  case 1: return vmlal_lane_s16(sum, vget_low_s16(a), b, 1);
  case 2: return vmlal_lane_s16(sum, vget_low_s16(a), b, 2);
  default: return vmlal_lane_s16(sum, vget_low_s16(a), b, 3);
  }
}
OCELLUS_INLINE int32x4_t ocellus_add_high_by_lane(int32x4_t sum, int16x8_t a, int16x4_t b, int lane) {
  switch (lane) {
  case 0: return vmlal_high_lane_s16(sum, a, b, 0);
  case 1: return vmlal_high_lane_s16(sum, a, b, 1);
  case 2: return vmlal_high_lane_s16(sum, a, b, 2);
  default: return vmlal_high_lane_s16(sum, a, b, 3);
  }
}
/// Nothing, but the compiler has the operands ready before it adds anything to the sums.
OCELLUS_INLINE void ocellus_have_ready(int32x4_t *sum0, int32x4_t *sum1, int32x4_t *sum2, int32x4_t *sum3,
                                       int32x4_t *sum4, int32x4_t *sum5, int32x4_t *sum6, int32x4_t *sum7,
                                       int16x8_t *a, int16x8_t *b, int16x4_t *c) {
  __asm__(""
          : "+w"(*sum0), "+w"(*sum1), "+w"(*sum2), "+w"(*sum3), "+w"(*sum4), "+w"(*sum5), "+w"(*sum6), "+w"(*sum7),
            "+w"(*a), "+w"(*b), "+w"(*c));
}
/// An eighth of the difference of two vectors, rounded halves up.
OCELLUS_INLINE int16x8_t ocellus_eighth_of_difference(int16x8_t a, int16x8_t b) {
  int16x4_t low = vrshrn_n_s32(vsubl_s16(vget_low_s16(a), vget_low_s16(b)), 3);
  return vrshrn_high_n_s32(low, vsubl_high_s16(a, b), 3);
}
/// Numbers without their lowest bits, rounded halves up, which fit in half the width or a quarter.
OCELLUS_INLINE int8x8_t ocellus_rounded_without_8_bits(int16x8_t a) { return vrshrn_n_s16(a, 8); }
OCELLUS_INLINE int8x8_t ocellus_rounded_without_16_bits(int32x4_t a, int32x4_t b) {
  return vmovn_s16(vrshrn_high_n_s32(vrshrn_n_s32(a, 16), b, 16));
}
#endif

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
/// Adds to each 32-bit lane of `sum` the products of its four bytes of `a` with four bytes of `b`, the same for all lanes.
OCELLUS_INLINE int32x4_t ocellus_dot_lane_0(int32x4_t sum, int8x16_t a, int8x16_t b) {
  return vdotq_laneq_s32(sum, a, b, 0);
}
OCELLUS_INLINE int32x4_t ocellus_dot_lane_1(int32x4_t sum, int8x16_t a, int8x16_t b) {
  return vdotq_laneq_s32(sum, a, b, 1);
}
OCELLUS_INLINE int32x4_t ocellus_dot_lane_2(int32x4_t sum, int8x16_t a, int8x16_t b) {
  return vdotq_laneq_s32(sum, a, b, 2);
}
OCELLUS_INLINE int32x4_t ocellus_dot_lane_3(int32x4_t sum, int8x16_t a, int8x16_t b) {
  return vdotq_laneq_s32(sum, a, b, 3);
}
#endif
