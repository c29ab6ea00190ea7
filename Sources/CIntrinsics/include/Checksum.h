// The instructions that CRC-32 is fast with. They are written as assembly so that a module built for the
// architecture's baseline can hold them; the caller has asked the processor.
#ifndef OCELLUS_CHECKSUM_H
#define OCELLUS_CHECKSUM_H

#if defined(__x86_64__)
typedef long long ocellus_words __attribute__((vector_size(16)));

/// The low word carried over by the low factor, and the high one by the high: products without carries, added.
static inline __attribute__((always_inline)) ocellus_words ocellus_fold(ocellus_words words, ocellus_words factors) {
  ocellus_words high = words;
  __asm__("pclmulqdq $0x00, %1, %0" : "+x"(words) : "x"(factors));
  __asm__("pclmulqdq $0x11, %1, %0" : "+x"(high) : "x"(factors));
  return words ^ high;
}
#endif

#if defined(__aarch64__)
/// The remainder after eight more bytes (CRC32X).
static inline __attribute__((always_inline)) unsigned ocellus_crc32(unsigned remainder, unsigned long long bytes) {
  __asm__(".arch_extension crc\n\tcrc32x %w0, %w0, %x1" : "+r"(remainder) : "r"(bytes));
  return remainder;
}
#endif

#endif
