// Always-inline wrappers for the intrinsics that are macros (they take immediates) and so do not import into Swift.
// Functions that import as they are need no wrapper.
#ifndef OCELLUS_CINTRINSICS_H
#define OCELLUS_CINTRINSICS_H

#define OCELLUS_INLINE static inline __attribute__((always_inline))

#if defined(__AVX2__)
#include <immintrin.h>

/// Bits 128 to 255.
OCELLUS_INLINE __m128i ocellus_upper_half(__m256i a) { return _mm256_extracti128_si256(a, 1); }
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

#endif
