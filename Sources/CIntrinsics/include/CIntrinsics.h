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
/// Even 32-bit lanes of `even`, odd ones of `odd`.
OCELLUS_INLINE __m256i ocellus_blend_odd(__m256i even, __m256i odd) { return _mm256_blend_epi32(even, odd, 0xAA); }
#endif

#endif
