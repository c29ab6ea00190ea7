// A plugin of QEMU's (TCG plugins, API 1): how often each block of the program ran between the program's readings of
// the clock, and how often the simulated data caches missed. arm_cycles.py reads what it writes:
//
//   block INDEX CODE            a block's machine code in hexadecimal, before its first count
//   mark CLOCK ACCESSES L1 L2   the program read this clock; memory accesses and misses since the last mark
//   INDEX COUNT                 how often a block ran since the last mark
//
// Arguments: out=FILE, and cache=L1 kB:ways:L2 kB:ways to simulate caches, which is several times slower.
// The parts of the API that it needs are declared here, so that no header of QEMU's has to be installed.
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0, CALLBACK_USES_NO_REGISTERS = 0, READS_AND_WRITES = 3 };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation, void *, uint64_t);
void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *, void (*)(unsigned, uint32_t, uint64_t, void *), int flags, int accesses, void *);
void qemu_plugin_register_vcpu_syscall_cb(
    plugin_id,
    void (*)(
        plugin_id, unsigned, int64_t number, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
        uint64_t));

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int qemu_plugin_version = 1;

enum { CLOCK_GETTIME = 113, CODE_LIMIT = 1 << 12, BUCKETS = 1 << 16, CACHE_LINE_SHIFT = 6 };

struct block {
  struct block *next_in_bucket, *next;
  uint64_t address, count, written;
  size_t index, size;
  unsigned char code[];
};

// Blocks are translated again when QEMU's buffer is full; a block keeps its counter.
static struct block *buckets[BUCKETS], *first, **last = &first;
static size_t block_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *output;

// A cache whose sets evict what was used longest ago.
struct cache {
  size_t sets, ways;
  uint64_t *lines, *used, misses, written;
};
static struct cache level1, level2;
static uint64_t accesses, accesses_written;

static void make_cache(struct cache *cache, size_t kilobytes, size_t ways) {
  cache->ways = ways;
  cache->sets = (kilobytes << 10) / (ways << CACHE_LINE_SHIFT);
  cache->lines = calloc(cache->sets * ways, sizeof *cache->lines);
  cache->used = calloc(cache->sets * ways, sizeof *cache->used);
}

static bool hits(struct cache *cache, uint64_t line) {
  size_t start = line % cache->sets * cache->ways, oldest = start;
  for (size_t way = start; way < start + cache->ways; way++) {
    if (cache->lines[way] == line + 1) {
      cache->used[way] = accesses;
      return true;
    }
    if (cache->used[way] < cache->used[oldest]) oldest = way;
  }
  cache->misses++;
  cache->lines[oldest] = line + 1;
  cache->used[oldest] = accesses;
  return false;
}

static void on_access(unsigned processor, uint32_t info, uint64_t address, void *data) {
  (void)processor, (void)info, (void)data;
  accesses++;
  uint64_t line = address >> CACHE_LINE_SHIFT;
  if (!hits(&level1, line)) hits(&level2, line);
}

static struct block *block_of(const struct qemu_plugin_tb *translation) {
  unsigned char code[CODE_LIMIT];
  size_t size = 0, instructions = qemu_plugin_tb_n_insns(translation);
  for (size_t i = 0; i < instructions; i++) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translation, i);
    size_t length = qemu_plugin_insn_size(instruction);
    if (size + length > CODE_LIMIT) break;
    memcpy(code + size, qemu_plugin_insn_data(instruction), length);
    size += length;
  }
  uint64_t address = qemu_plugin_tb_vaddr(translation);
  struct block **bucket = &buckets[(address >> 2) % BUCKETS];
  for (struct block *block = *bucket; block; block = block->next_in_bucket) {
    if (block->address == address && block->size == size && !memcmp(block->code, code, size)) return block;
  }
  struct block *block = calloc(1, sizeof *block + size);
  block->address = address;
  block->size = size;
  block->index = block_count++;
  memcpy(block->code, code, size);
  block->next_in_bucket = *bucket;
  *bucket = *last = block;
  last = &block->next;
  return block;
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *translation) {
  (void)id;
  pthread_mutex_lock(&lock);
  struct block *block = block_of(translation);
  pthread_mutex_unlock(&lock);
  qemu_plugin_register_vcpu_tb_exec_inline(translation, INLINE_ADD_U64, &block->count, 1);
  if (level1.lines == NULL) return;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(translation); i++) {
    qemu_plugin_register_vcpu_mem_cb(
        qemu_plugin_tb_get_insn(translation, i), on_access, CALLBACK_USES_NO_REGISTERS, READS_AND_WRITES, NULL);
  }
}

static uint64_t since_last(uint64_t count, uint64_t *written) {
  uint64_t difference = count - *written;
  *written = count;
  return difference;
}

static void on_system_call(
    plugin_id id, unsigned processor, int64_t number, uint64_t clock, uint64_t a2, uint64_t a3, uint64_t a4,
    uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)processor, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != CLOCK_GETTIME) return;
  pthread_mutex_lock(&lock);
  fprintf(
      output, "mark %llu %llu %llu %llu\n", (unsigned long long)clock,
      (unsigned long long)since_last(accesses, &accesses_written),
      (unsigned long long)since_last(level1.misses, &level1.written),
      (unsigned long long)since_last(level2.misses, &level2.written));
  for (struct block *block = first; block; block = block->next) {
    if (block->count == block->written) continue;
    if (block->written == 0) {
      fprintf(output, "block %zu ", block->index);
      for (size_t i = 0; i < block->size; i++) fprintf(output, "%02x", block->code[i]);
      fputc('\n', output);
    }
    fprintf(
        output, "%zu %llu\n", block->index, (unsigned long long)since_last(block->count, &block->written));
  }
  fflush(output);
  pthread_mutex_unlock(&lock);
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  (void)info;
  for (int i = 0; i < count; i++) {
    unsigned size1, ways1, size2, ways2;
    if (strncmp(arguments[i], "out=", 4) == 0) {
      output = fopen(arguments[i] + 4, "w");
    } else if (sscanf(arguments[i], "cache=%u:%u:%u:%u", &size1, &ways1, &size2, &ways2) == 4) {
      make_cache(&level1, size1, ways1);
      make_cache(&level2, size2, ways2);
    } else {
      fprintf(stderr, "block_counts: unknown argument %s\n", arguments[i]);
      return -1;
    }
  }
  if (output == NULL) {
    fprintf(stderr, "block_counts: out=FILE is missing or cannot be written\n");
    return -1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_vcpu_syscall_cb(id, on_system_call);
  return 0;
}
