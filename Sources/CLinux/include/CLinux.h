// The part of libc and of the kernel that the board set uses, declared here and not taken from libc's headers, so
// that the same source compiles for the host and, as Embedded Swift, for a board whose headers are not installed.
// The types are those of Linux on 64-bit and 32-bit machines: time_t is glibc's default, 32 bits on the latter;
// files are those of more than 2 GiB everywhere.
#ifndef OCELLUS_CLINUX_H
#define OCELLUS_CLINUX_H

#define OCELLUS_INLINE static inline __attribute__((always_inline))

typedef __SIZE_TYPE__ ocellus_size;
typedef __PTRDIFF_TYPE__ ocellus_ssize;
typedef __INT64_TYPE__ ocellus_offset;

struct ocellus_timespec {
  long seconds;
  long nanoseconds;
};

int open64(const char *path, int flags, ...);
int close(int descriptor);
ocellus_ssize read(int descriptor, void *buffer, ocellus_size count);
ocellus_ssize write(int descriptor, const void *buffer, ocellus_size count);
ocellus_ssize pread64(int descriptor, void *buffer, ocellus_size count, ocellus_offset offset);
ocellus_ssize pwrite64(int descriptor, const void *buffer, ocellus_size count, ocellus_offset offset);
ocellus_offset lseek64(int descriptor, ocellus_offset offset, int whence);
int ftruncate64(int descriptor, ocellus_offset length);
int fallocate64(int descriptor, int mode, ocellus_offset offset, ocellus_offset length);
void *mmap64(
    void *address, ocellus_size length, int protection, int flags, int descriptor, ocellus_offset offset);
int munmap(void *address, ocellus_size length);
int madvise(void *address, ocellus_size length, int advice);
int fsync(int descriptor);
int fdatasync(int descriptor);
int rename(const char *from, const char *to);
int unlink(const char *path);
int isatty(int descriptor);
ocellus_ssize readlink(const char *path, char *target, ocellus_size count);
int mkdir(const char *path, unsigned mode);
char *getenv(const char *name);
int clock_gettime(int clock, struct ocellus_timespec *time);
long sysconf(int name);
ocellus_ssize getdents64(int descriptor, void *buffer, ocellus_size count);
char *strerror(int error);
int *__errno_location(void);
_Noreturn void _exit(int status);

typedef unsigned long ocellus_thread;
int pthread_create(ocellus_thread *thread, const void *attributes, void *(*start)(void *), void *argument);
int pthread_join(ocellus_thread thread, void **result);
int sched_yield(void);
long syscall(long number, ...);
int ioctl(int descriptor, unsigned long request, ...);

struct ocellus_pollfd {
  int descriptor;
  short events;
  short results;
};
int poll(struct ocellus_pollfd *descriptors, unsigned long count, int milliseconds);

// Variadic functions do not import into Swift.
OCELLUS_INLINE int ocellus_open(const char *path, int flags, unsigned mode) { return open64(path, flags, mode); }
OCELLUS_INLINE int ocellus_ioctl(int descriptor, unsigned long request, void *argument) {
  return ioctl(descriptor, request, argument);
}
OCELLUS_INLINE int ocellus_errno(void) { return *__errno_location(); }

enum {
  OCELLUS_READ_ONLY = 0,
  OCELLUS_WRITE_ONLY = 1,
  OCELLUS_READ_WRITE = 2,
  OCELLUS_CREATE = 0100,
  OCELLUS_EXCLUSIVE = 0200,
  OCELLUS_TRUNCATE = 01000,
#if defined(__aarch64__) || defined(__arm__)
  OCELLUS_DIRECTORY = 040000,
#else
  OCELLUS_DIRECTORY = 0200000,
#endif
  OCELLUS_NONBLOCKING = 04000,
  OCELLUS_CLOSE_ON_EXEC = 02000000,
  OCELLUS_SEEK_END = 2,
  OCELLUS_PROTECTION_READ = 1,
  OCELLUS_PROTECTION_WRITE = 2,
  OCELLUS_MAP_SHARED = 1,
  OCELLUS_MAP_PRIVATE = 2,
  OCELLUS_MAP_ANONYMOUS = 0x20,
  OCELLUS_MAP_POPULATE = 0x8000,
  OCELLUS_ADVICE_NOT_NEEDED = 4,
  OCELLUS_ADVICE_HUGE_PAGES = 14,
  OCELLUS_ADVICE_POPULATE_WRITE = 23,
  OCELLUS_CLOCK_MONOTONIC = 1,
  OCELLUS_CLOCK_PROCESS_CPUTIME = 2,
  OCELLUS_PROCESSORS_ONLINE = 84,
  OCELLUS_POLL_IN = 1,
  OCELLUS_POLL_PRIORITY = 2,
  OCELLUS_POLL_ERROR = 8,
  OCELLUS_POLL_HANGUP = 16,
  OCELLUS_POLL_INVALID = 32,
  OCELLUS_ENOENT = 2,
  OCELLUS_EINTR = 4,
  OCELLUS_EIO = 5,
  OCELLUS_ENXIO = 6,
  OCELLUS_EAGAIN = 11,
  OCELLUS_ENOMEM = 12,
  OCELLUS_EACCES = 13,
  OCELLUS_EBUSY = 16,
  OCELLUS_ENODEV = 19,
  OCELLUS_EINVAL = 22,
  OCELLUS_ENOTTY = 25,
  OCELLUS_EFBIG = 27,
  OCELLUS_ENOSPC = 28,
  OCELLUS_EPIPE = 32,
  OCELLUS_EDQUOT = 122,
};

// Threads wait for each other on 32-bit words: a short spin, then the kernel's futex.
// Every access is sequentially consistent: threads also learn from the order of different words.
OCELLUS_INLINE unsigned ocellus_load(const unsigned *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
OCELLUS_INLINE void ocellus_store(unsigned *word, unsigned value) {
  __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE unsigned ocellus_fetch_add(unsigned *word, unsigned value) {
  return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE unsigned long long ocellus_load_wide(const unsigned long long *word) {
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE void ocellus_store_wide(unsigned long long *word, unsigned long long value) {
  __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE unsigned long long ocellus_fetch_add_wide(unsigned long long *word, unsigned long long value) {
  return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE void ocellus_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

#if defined(__x86_64__)
enum { OCELLUS_SYSCALL_FUTEX = 202 };
#elif defined(__aarch64__)
enum { OCELLUS_SYSCALL_FUTEX = 98 };
#else
enum { OCELLUS_SYSCALL_FUTEX = 240 };
#endif
enum { OCELLUS_FUTEX_WAIT_PRIVATE = 128, OCELLUS_FUTEX_WAKE_PRIVATE = 129 };

/// Sleeps while `*word == expected`; may return early.
OCELLUS_INLINE void ocellus_futex_wait(unsigned *word, unsigned expected) {
  syscall(OCELLUS_SYSCALL_FUTEX, word, OCELLUS_FUTEX_WAIT_PRIVATE, expected, (void *)0, (void *)0, 0);
}
/// The same, for at most a number of nanoseconds below 10^9.
OCELLUS_INLINE void ocellus_futex_wait_for(unsigned *word, unsigned expected, long nanoseconds) {
  struct ocellus_timespec time = {0, nanoseconds};
  syscall(OCELLUS_SYSCALL_FUTEX, word, OCELLUS_FUTEX_WAIT_PRIVATE, expected, &time, (void *)0, 0);
}
OCELLUS_INLINE int ocellus_compare_exchange(unsigned *word, unsigned expected, unsigned value) {
  return __atomic_compare_exchange_n(word, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE unsigned ocellus_exchange(unsigned *word, unsigned value) {
  return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
}
OCELLUS_INLINE void ocellus_futex_wake(unsigned *word, int count) {
  syscall(OCELLUS_SYSCALL_FUTEX, word, OCELLUS_FUTEX_WAKE_PRIVATE, count, (void *)0, (void *)0, 0);
}

enum {
  OCELLUS_SIGNAL_HANGUP = 1,
  OCELLUS_SIGNAL_INTERRUPT = 2,
  OCELLUS_SIGNAL_PIPE = 13,
  OCELLUS_SIGNAL_TERMINATE = 15,
};
/// From now on hang-up, interrupt and terminate are noted, and end nothing; of the last two a second one ends the
/// program if the first was not taken.
void ocellus_catch_signals(void);
/// A bit, 1 << number, for each signal noted since the last call.
unsigned ocellus_take_signals(void);
/// The same, without taking them.
unsigned ocellus_noted_signals(void);

// Datagrams to a socket of this machine, as service managers take them.
struct ocellus_local_address {
  unsigned short family;
  char path[108];
};
int socket(int family, int type, int protocol);
ocellus_ssize sendto(
    int descriptor, const void *bytes, ocellus_size count, int flags, const struct ocellus_local_address *address,
    unsigned length);
enum { OCELLUS_FAMILY_LOCAL = 1, OCELLUS_SOCKET_DATAGRAM = 2, OCELLUS_SEND_WITHOUT_SIGNAL = 0x4000 };

struct ocellus_window_size {
  unsigned short rows;
  unsigned short columns;
  unsigned short width;
  unsigned short height;
};
enum { OCELLUS_WINDOW_SIZE = 0x5413 };

// What the processor can do beyond the architecture's baseline, asked of the processor itself.
#if defined(__x86_64__)
OCELLUS_INLINE void ocellus_cpuid(unsigned leaf, unsigned registers[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                   : "0"(leaf), "2"(0));
}
#endif

/// 1 where the kernel saves the registers' parts that `mask` names (XCR0).
OCELLUS_INLINE int ocellus_saves_registers(unsigned mask) {
#if defined(__x86_64__)
  unsigned registers[4], low, high;
  ocellus_cpuid(0, registers);
  if (registers[0] < 7) return 0;
  ocellus_cpuid(1, registers);
  const unsigned save_and_avx = 1u << 27 | 1u << 28;
  if ((registers[2] & save_and_avx) != save_and_avx) return 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & mask) == mask;
#else
  (void)mask;
  return 0;
#endif
}

/// 1 where the processor multiplies without carries (PCLMULQDQ on the registers that every x86-64 has).
OCELLUS_INLINE int ocellus_has_carryless_multiply(void) {
#if defined(__x86_64__)
  unsigned registers[4];
  ocellus_cpuid(1, registers);
  return registers[2] >> 1 & 1;
#else
  return 0;
#endif
}

/// 1 where the processor has AVX2 and the kernel saves the registers it needs.
OCELLUS_INLINE int ocellus_has_avx2(void) {
#if defined(__x86_64__)
  unsigned registers[4];
  // Both halves of the 256-bit registers.
  if (!ocellus_saves_registers(1u << 1 | 1u << 2)) return 0;
  ocellus_cpuid(7, registers);
  return registers[1] >> 5 & 1;
#else
  return 0;
#endif
}

/// 1 where the processor has AVX-512's F, BW, CD, DQ, VL, VNNI and VBMI and the kernel saves the registers they need.
OCELLUS_INLINE int ocellus_has_avx512(void) {
#if defined(__x86_64__)
  unsigned registers[4];
  // As for AVX2, the mask registers, and the upper halves and the upper sixteen of the 512-bit registers.
  if (!ocellus_saves_registers(1u << 1 | 1u << 2 | 1u << 5 | 1u << 6 | 1u << 7)) return 0;
  ocellus_cpuid(7, registers);
  const unsigned f_dq_cd_bw_vl = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  const unsigned vbmi_vnni = 1u << 1 | 1u << 11;
  return (registers[1] & f_dq_cd_bw_vl) == f_dq_cd_bw_vl && (registers[2] & vbmi_vnni) == vbmi_vnni;
#else
  return 0;
#endif
}

#if defined(__aarch64__)
unsigned long getauxval(unsigned long type);
#endif

/// 1 where the processor has Arm's CRC-32 instructions, by what the kernel says of it.
OCELLUS_INLINE int ocellus_has_crc32(void) {
#if defined(__aarch64__)
  const unsigned long capabilities = 16, crc32 = 1ul << 7;  // AT_HWCAP, HWCAP_CRC32
  return (getauxval(capabilities) & crc32) != 0;
#else
  return 0;
#endif
}

/// 1 where the processor has Arm's dot product instructions (FEAT_DotProd), by what the kernel says of it.
OCELLUS_INLINE int ocellus_has_dot_product(void) {
#if defined(__aarch64__)
  const unsigned long capabilities = 16, dot_product = 1ul << 20;  // AT_HWCAP, HWCAP_ASIMDDP
  return (getauxval(capabilities) & dot_product) != 0;
#else
  return 0;
#endif
}

#endif
