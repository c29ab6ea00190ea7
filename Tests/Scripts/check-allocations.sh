#!/usr/bin/env bash
# Counts the memory allocations of `ocellus bench` with a preloaded counter: they must not depend on the number of
# inferences. The same for the frames of a scripted camera, in every format, over which memory must not grow either.
# Arguments: ocellus, camera-soak.
set -euo pipefail
program=$1
soak=$2
out=build/allocations
mkdir -p "$out"
cat > "$out/counter.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
static unsigned long count;
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
#define COUNTED __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED)
void *malloc(size_t n) { COUNTED; return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { COUNTED; return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { COUNTED; return __libc_realloc(p, n); }
void *memalign(size_t a, size_t n) { COUNTED; return __libc_memalign(a, n); }
void *aligned_alloc(size_t a, size_t n) { COUNTED; return __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) { COUNTED; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
void _exit(int status) {
  char text[32];
  int length = snprintf(text, sizeof text, "%lu\n", count);
  if (write(3, text, length) < 0) {}
  void (*leave)(int) = (void (*)(int))dlsym(RTLD_NEXT, "_exit");
  leave(status);
  __builtin_unreachable();
}
C
cc -O1 -shared -fPIC -o "$out/counter.so" "$out/counter.c"

allocations() { # arguments of bench
  LD_PRELOAD=$out/counter.so "$program" bench "$@" 3>&1 >/dev/null
}

status=0
for model in firmware-models/*.ocm; do
  for threads in 1 2; do
    none=$(allocations --model "$model" --threads $threads --runs 0)
    many=$(allocations --model "$model" --threads $threads --runs 200)
    echo "$model, $threads threads: $none allocations with no inference, $many with 205"
    [ "$none" -gt 0 ] || { echo "check-allocations: nothing was counted; the check is broken" >&2; status=1; }
    [ "$none" = "$many" ] || { echo "check-allocations: inference allocates" >&2; status=1; }
  done
done

soaked=$out/soak.txt
frames() { # format, frames
  LD_PRELOAD=$out/counter.so "$soak" soak firmware-models/meter-digits.ocm "$1" "$2" \
    Tests/ImagingTests/Vectors/color.jpg 3>&1 >"$soaked"
}

for format in YUYV UYVY NV12 NV21 YU12 YV12 RGB24 BGR24 GREY MJPG; do
  few=$(frames $format 100)
  many=$(frames $format 10000)
  echo "$format: $few allocations with 100 frames, $many with $(cat "$soaked")"
  [ "$few" -gt 0 ] || { echo "check-allocations: nothing was counted; the check is broken" >&2; status=1; }
  [ "$few" = "$many" ] || { echo "check-allocations: frames allocate" >&2; status=1; }
  # 10000 frames, N kB resident after a tenth of them, N kB at the end: a stack may grow by some pages.
  awk '{ exit !($3 > 0 && $11 <= $3 + 256) }' "$soaked" || { echo "check-allocations: memory grows" >&2; status=1; }
done
exit $status
