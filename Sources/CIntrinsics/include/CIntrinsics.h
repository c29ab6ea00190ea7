// Always-inline wrappers for the intrinsics that are macros (they take immediates) and so do not import into Swift.
// Functions that import as they are need no wrapper.
#ifndef OCELLUS_CINTRINSICS_H
#define OCELLUS_CINTRINSICS_H

#define OCELLUS_INLINE static inline __attribute__((always_inline))

#include "Checksum.h"

#if defined(__AVX2__)
#include <immintrin.h>

/// Bits 128 to 255.
OCELLUS_INLINE __m128i ocellus_upper_half(__m256i a) { return _mm256_extracti128_si256(a, 1); }
/// The lower halves of two vectors, and the upper halves.
OCELLUS_INLINE __m256i ocellus_lower_halves(__m256i a, __m256i b) { return _mm256_permute2x128_si256(a, b, 0x20); }
OCELLUS_INLINE __m256i ocellus_upper_halves(__m256i a, __m256i b) { return _mm256_permute2x128_si256(a, b, 0x31); }
/// 64-bit lanes 0, 2, 1, 3: undoes the lane order of the 256-bit packs.
OCELLUS_INLINE __m256i ocellus_lanes_0213(__m256i a) { return _mm256_permute4x64_epi64(a, 0xD8); }
/// Odd 32-bit lanes moved to the even places.
OCELLUS_INLINE __m256i ocellus_odd_to_even(__m256i a) { return _mm256_srli_epi64(a, 32); }
/// Even 32-bit lanes moved to the odd places.
OCELLUS_INLINE __m256i ocellus_even_to_odd(__m256i a) { return _mm256_slli_epi64(a, 32); }
/// Even 32-bit lanes of `even`, odd ones of `odd`.
OCELLUS_INLINE __m256i ocellus_blend_odd(__m256i even, __m256i odd) { return _mm256_blend_epi32(even, odd, 0xAA); }
/// The 64-bit products of the even int32 places.
///
/// `_mm256_mul_epi32` is generic code to the compiler, which recognises the instruction only where it sees in the
/// same basic block that the operands are sign-extended; else it multiplies 64-bit numbers, in seven instructions.
OCELLUS_INLINE __m256i ocellus_multiply_even(__m256i a, __m256i b) {
  __m256i product;
  __asm__("vpmuldq %2, %1, %0" : "=x"(product) : "x"(a), "x"(b));
  return product;
}
/// The same by a vector in memory.
OCELLUS_INLINE __m256i ocellus_multiply_even_by(__m256i a, const void *b) {
  __m256i product;
  __asm__("vpmuldq %2, %1, %0" : "=x"(product) : "x"(a), "m"(*(const __m256i_u *)b));
  return product;
}

/// The address itself, of which the compiler does not know how it came about: it keeps it in a register and does not
/// derive it again where it is used.
OCELLUS_INLINE const void *ocellus_opaque(const void *address) {
  __asm__("" : "+r"(address));
  return address;
}

// Loads and stores at any address: Swift's own carry the alignment of the type they are given.
OCELLUS_INLINE __m256i ocellus_load_256(const void *address) {
  return _mm256_loadu_si256((const __m256i_u *)address);
}
OCELLUS_INLINE __m128i ocellus_load_128(const void *address) {
  return _mm_loadu_si128((const __m128i_u *)address);
}
OCELLUS_INLINE __m128i ocellus_load_64(const void *address) {
  return _mm_loadl_epi64((const __m128i_u *)address);
}
/// 32 bits in all eight places.
OCELLUS_INLINE __m256i ocellus_broadcast_32(const void *address) {
  int value;
  __builtin_memcpy(&value, address, 4);
  return _mm256_set1_epi32(value);
}
OCELLUS_INLINE void ocellus_store_256(void *address, __m256i a) { _mm256_storeu_si256((__m256i_u *)address, a); }
OCELLUS_INLINE void ocellus_store_128(void *address, __m128i a) { _mm_storeu_si128((__m128i_u *)address, a); }
OCELLUS_INLINE void ocellus_store_64(void *address, __m128i a) { _mm_storel_epi64((__m128i_u *)address, a); }
#endif

#if defined(__AVX512VNNI__) && defined(__AVX512VBMI__)
#include <immintrin.h>

/// Odd 32-bit lanes moved to the even places below them (and kept where they are).
OCELLUS_INLINE __m512i ocellus_odd_lanes(__m512i a) { return _mm512_shuffle_epi32(a, 0xF5); }
/// Even lanes: the odd lanes of `even`; odd lanes: those of `odd`. The high halves of two vectors of 64-bit products.
OCELLUS_INLINE __m512i ocellus_high_halves(__m512i even, __m512i odd) {
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, 0xF5);
}
/// The 64-bit products of the even 32-bit lanes.
///
/// `_mm512_mul_epi32` is generic code to the compiler, which recognises the instruction only where it sees in the same
/// basic block that the operands are sign-extended; else it multiplies 64-bit numbers, three times as slowly.
OCELLUS_INLINE __m512i ocellus_multiply_even_lanes(__m512i a, __m512i b) {
  __m512i product;
  __asm__("vpmuldq %2, %1, %0" : "=v"(product) : "v"(a), "v"(b));
  return product;
}
/// The same of unsigned lanes.
OCELLUS_INLINE __m512i ocellus_multiply_even_lanes_unsigned(__m512i a, __m512i b) {
  __m512i product;
  __asm__("vpmuludq %2, %1, %0" : "=v"(product) : "v"(a), "v"(b));
  return product;
}
/// Even 32-bit lanes of `even`, odd ones of `odd`.
OCELLUS_INLINE __m512i ocellus_interleave_lanes(__m512i even, __m512i odd) {
  return _mm512_mask_mov_epi32(odd, 0x5555, even);
}
/// One 128-bit quarter replaced.
OCELLUS_INLINE __m512i ocellus_insert_quarter_1(__m512i a, __m128i b) { return _mm512_inserti32x4(a, b, 1); }
OCELLUS_INLINE __m512i ocellus_insert_quarter_2(__m512i a, __m128i b) { return _mm512_inserti32x4(a, b, 2); }
OCELLUS_INLINE __m512i ocellus_insert_quarter_3(__m512i a, __m128i b) { return _mm512_inserti32x4(a, b, 3); }
/// One 128-bit quarter.
OCELLUS_INLINE __m128i ocellus_quarter_0(__m512i a) { return _mm512_castsi512_si128(a); }
OCELLUS_INLINE __m128i ocellus_quarter_1(__m512i a) { return _mm512_extracti32x4_epi32(a, 1); }
OCELLUS_INLINE __m128i ocellus_quarter_2(__m512i a) { return _mm512_extracti32x4_epi32(a, 2); }
OCELLUS_INLINE __m128i ocellus_quarter_3(__m512i a) { return _mm512_extracti32x4_epi32(a, 3); }
/// One 256-bit half.
OCELLUS_INLINE __m256i ocellus_half_0(__m512i a) { return _mm512_castsi512_si256(a); }
OCELLUS_INLINE __m256i ocellus_half_1(__m512i a) { return _mm512_extracti64x4_epi64(a, 1); }
/// Comparisons of signed 32-bit lanes.
OCELLUS_INLINE __mmask16 ocellus_is_equal(__m512i a, __m512i b) { return _mm512_cmpeq_epi32_mask(a, b); }
OCELLUS_INLINE __mmask16 ocellus_is_greater(__m512i a, __m512i b) { return _mm512_cmpgt_epi32_mask(a, b); }
/// Four bytes repeated in every 32-bit lane.
OCELLUS_INLINE __m512i ocellus_broadcast_group(const signed char *bytes) {
  int group;
  __builtin_memcpy(&group, bytes, 4);
  return _mm512_set1_epi32(group);
}
/// The same of two numbers of 16 bits.
OCELLUS_INLINE __m512i ocellus_broadcast_pair(const short *pair) {
  int group;
  __builtin_memcpy(&group, pair, 4);
  return _mm512_set1_epi32(group);
}
#endif

#include "NEON.h"

#endif
