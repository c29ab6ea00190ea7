#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

// Blocks of 8x8 coefficients that the scans of one picture may visit. A block takes some 10 to 100 ns, so
// this is seconds at the worst; the usual progressive scripts visit 12 million in a picture of 50 million
// pixels.
enum { MAXIMUM_BLOCK_VISITS = 60000000 };

// Memory of a picture's, which the next picture gets again: libjpeg would allocate and free it for each. Where it does
// not suffice libjpeg's own manager helps out, and the next picture finds more.
struct arena {
  unsigned char *memory;
  size_t capacity;
  size_t used;
  // What the picture would have needed.
  size_t needed;
  // libjpeg's own functions, which also keep the coefficients of progressive pictures.
  struct jpeg_memory_mgr original;
};

struct ocellus_jpeg {
  struct jpeg_decompress_struct decompress;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf failure;
  // The decompressor is whole, and is in the middle of a picture.
  int exists;
  int is_open;
  struct arena arena;
  // The scans of a progressive picture are being read.
  int is_absorbing;
  long block_visits;
  ocellus_jpeg_size count;
  ocellus_jpeg_size offset;
  int has_read_beyond_end;
  int result;
  long warnings;
  int is_truncated;
  int is_corrupt;
  char message[JMSG_LENGTH_MAX];
};

static void note_offset(ocellus_jpeg *jpeg) {
  // At the end of the bytes libjpeg reads an end marker of its own instead.
  if (jpeg->has_read_beyond_end || !jpeg->decompress.src) {
    jpeg->offset = jpeg->decompress.src ? jpeg->count : 0;
  } else if (jpeg->decompress.src->bytes_in_buffer <= jpeg->count) {
    jpeg->offset = jpeg->count - jpeg->decompress.src->bytes_in_buffer;
  }
}

static _Noreturn void fail(ocellus_jpeg *jpeg, int result) {
  jpeg->result = result;
  note_offset(jpeg);
  longjmp(jpeg->failure, 1);
}

static int result_of(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
      return OCELLUS_JPEG_NO_MEMORY;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return OCELLUS_JPEG_UNSUPPORTED;
    default:
      return OCELLUS_JPEG_MALFORMED;
  }
}

static void error_exit(j_common_ptr common) {
  ocellus_jpeg *jpeg = common->client_data;
  common->err->format_message(common, jpeg->message);
  fail(jpeg, result_of(common->err->msg_code));
}

static void emit_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  ocellus_jpeg *jpeg = common->client_data;
  if (jpeg->warnings++ == 0) common->err->format_message(common, jpeg->message);
  int code = common->err->msg_code;
  if (code == JWRN_JPEG_EOF) jpeg->has_read_beyond_end = 1;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER) jpeg->is_truncated = 1;
  // Bytes that do not belong there are harmless, and usual with some cameras; these show in the picture.
  if (code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC) jpeg->is_corrupt = 1;
}

static void output_message(j_common_ptr common) { (void)common; }

static void watch_scans(j_common_ptr common) {
  ocellus_jpeg *jpeg = common->client_data;
  if (!jpeg->is_absorbing) return;
  const struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  if (decompress->comps_in_scan == 1) {
    const jpeg_component_info *component = decompress->cur_comp_info[0];
    jpeg->block_visits += (long)component->width_in_blocks * component->v_samp_factor;
  } else {
    jpeg->block_visits += (long)decompress->MCUs_per_row * decompress->blocks_in_MCU;
  }
  if (jpeg->block_visits > MAXIMUM_BLOCK_VISITS) {
    strcpy(jpeg->message, "Too many scans");
    fail(jpeg, OCELLUS_JPEG_TOO_MANY_SCANS);
  }
}

// libjpeg-turbo's vector code wants rows of multiples of this, aligned to it.
enum { ALIGNMENT = 64 };

static struct arena *arena_of(j_common_ptr common) { return &((ocellus_jpeg *)common->client_data)->arena; }

static size_t aligned(size_t size) { return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

// NULL where there is no room.
static void *take(struct arena *arena, size_t size) {
  size = aligned(size);
  arena->needed += size;
  if (size > arena->capacity - arena->used) return NULL;
  void *memory = arena->memory + arena->used;
  arena->used += size;
  return memory;
}

static void *alloc_small(j_common_ptr common, int pool, size_t size) {
  void *memory = take(arena_of(common), size);
  return memory ? memory : arena_of(common)->original.alloc_small(common, pool, size);
}

static void *alloc_large(j_common_ptr common, int pool, size_t size) {
  void *memory = take(arena_of(common), size);
  return memory ? memory : arena_of(common)->original.alloc_large(common, pool, size);
}

// Rows behind one another, and before them their addresses.
static unsigned char **take_rows(j_common_ptr common, size_t row_size, JDIMENSION rows) {
  row_size = aligned(row_size);
  // Rows of up to 2^23 bytes, of which there are but some at a time.
  if (row_size > 1 << 23 || rows > 1 << 7) return NULL;
  size_t table_size = aligned(rows * sizeof(unsigned char *));
  unsigned char *memory = take(arena_of(common), table_size + row_size * rows);
  if (!memory) return NULL;
  unsigned char **table = (unsigned char **)memory;
  for (JDIMENSION row = 0; row < rows; row++) table[row] = memory + table_size + row * row_size;
  return table;
}

static JSAMPARRAY alloc_sarray(j_common_ptr common, int pool, JDIMENSION samples, JDIMENSION rows) {
  JSAMPARRAY array = (JSAMPARRAY)take_rows(common, samples * sizeof(JSAMPLE), rows);
  return array ? array : arena_of(common)->original.alloc_sarray(common, pool, samples, rows);
}

static JBLOCKARRAY alloc_barray(j_common_ptr common, int pool, JDIMENSION blocks, JDIMENSION rows) {
  JBLOCKARRAY array = (JBLOCKARRAY)take_rows(common, blocks * sizeof(JBLOCK), rows);
  return array ? array : arena_of(common)->original.alloc_barray(common, pool, blocks, rows);
}

ocellus_jpeg *ocellus_jpeg_create(void) { return calloc(1, sizeof(ocellus_jpeg)); }

void ocellus_jpeg_close(ocellus_jpeg *jpeg) {
  if (!jpeg->is_open) return;
  jpeg->is_open = 0;
  // Frees and cannot fail.
  jpeg_abort_decompress(&jpeg->decompress);
}

void ocellus_jpeg_destroy(ocellus_jpeg *jpeg) {
  if (jpeg->exists) jpeg_destroy_decompress(&jpeg->decompress);
  free(jpeg->arena.memory);
  free(jpeg);
}

// Makes the decompressor, which then goes from picture to picture.
static void create(ocellus_jpeg *jpeg) {
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  // Where it fails what it has not reached is zero.
  memset(decompress, 0, sizeof(*decompress));
  decompress->err = jpeg_std_error(&jpeg->errors);
  decompress->client_data = jpeg;
  jpeg->errors.error_exit = error_exit;
  jpeg->errors.emit_message = emit_message;
  jpeg->errors.output_message = output_message;
  jpeg_create_decompress(decompress);
  jpeg->progress.progress_monitor = watch_scans;
  decompress->progress = &jpeg->progress;
  // The source is made once, too: where the memory of a picture ends it must not end.
  static const unsigned char nothing[1];
  jpeg_mem_src(decompress, nothing, 1);
  jpeg->arena.original = *decompress->mem;
  decompress->mem->alloc_small = alloc_small;
  decompress->mem->alloc_large = alloc_large;
  decompress->mem->alloc_sarray = alloc_sarray;
  decompress->mem->alloc_barray = alloc_barray;
  // For a picture's tables; its rows come on top.
  jpeg->arena.needed = 1 << 16;
  jpeg->exists = 1;
}

// Forgets the last picture: tables would otherwise serve one that lacks its own.
static void forget(ocellus_jpeg *jpeg) {
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  for (int index = 0; index < NUM_QUANT_TBLS; index++) decompress->quant_tbl_ptrs[index] = NULL;
  for (int index = 0; index < NUM_HUFF_TBLS; index++) {
    decompress->dc_huff_tbl_ptrs[index] = NULL;
    decompress->ac_huff_tbl_ptrs[index] = NULL;
  }
  struct arena *arena = &jpeg->arena;
  if (arena->needed > arena->capacity) {
    free(arena->memory);
    // Without memory libjpeg's manager does all the work.
    arena->memory = aligned_alloc(ALIGNMENT, aligned(arena->needed));
    arena->capacity = arena->memory ? aligned(arena->needed) : 0;
  }
  arena->used = 0;
  arena->needed = 0;
}

int ocellus_jpeg_open(
    ocellus_jpeg *jpeg, const unsigned char *bytes, ocellus_jpeg_size count, struct ocellus_jpeg_header *header) {
  ocellus_jpeg_close(jpeg);
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  jpeg->is_absorbing = 0;
  jpeg->block_visits = 0;
  jpeg->count = count;
  jpeg->offset = 0;
  jpeg->has_read_beyond_end = 0;
  jpeg->result = OCELLUS_JPEG_DONE;
  jpeg->warnings = 0;
  jpeg->is_truncated = 0;
  jpeg->is_corrupt = 0;
  jpeg->message[0] = 0;
  if (setjmp(jpeg->failure)) {
    // A decompressor that could not be made whole is made again next time.
    if (!jpeg->exists) jpeg_destroy_decompress(decompress);
    return jpeg->result;
  }
  if (!jpeg->exists) create(jpeg);
  jpeg->is_open = 1;
  forget(jpeg);
  jpeg_mem_src(decompress, bytes, (unsigned long)count);
  jpeg_read_header(decompress, TRUE);
  int components = decompress->num_components;
  if (decompress->data_precision != 8 || components < 1 || components == 2 || components > 4) {
    strcpy(jpeg->message, "Neither 1, 3 nor 4 components of 8 bits");
    fail(jpeg, OCELLUS_JPEG_UNSUPPORTED);
  }
  header->width = (int)decompress->image_width;
  header->height = (int)decompress->image_height;
  header->components = components;
  header->is_progressive = jpeg_has_multiple_scans(decompress);
  note_offset(jpeg);
  return OCELLUS_JPEG_DONE;
}

int ocellus_jpeg_start(
    ocellus_jpeg *jpeg, int eighths, enum ocellus_jpeg_colors colors, int *width, int *height) {
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  if (setjmp(jpeg->failure)) return jpeg->result;
  decompress->scale_num = (unsigned)eighths;
  decompress->scale_denom = 8;
  decompress->out_color_space =
      colors == OCELLUS_JPEG_GRAY ? JCS_GRAYSCALE : colors == OCELLUS_JPEG_RGB ? JCS_RGB : JCS_CMYK;
  // The transform that others use by default, Pillow among them: pixels come out equal.
  decompress->dct_method = JDCT_ISLOW;
  jpeg->is_absorbing = 1;
  jpeg_start_decompress(decompress);
  jpeg->is_absorbing = 0;
  *width = (int)decompress->output_width;
  *height = (int)decompress->output_height;
  return OCELLUS_JPEG_DONE;
}

int ocellus_jpeg_crop(ocellus_jpeg *jpeg, int *first, int *count) {
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  if (!jpeg->is_open) return OCELLUS_JPEG_MALFORMED;
  if (setjmp(jpeg->failure)) return jpeg->result;
  // Chroma that is interpolated lacks a neighbour at both ends of what is decoded.
  const int margin = 4;
  int width = (int)decompress->output_width;
  int start = *first > margin ? *first - margin : 0;
  int end = width - *first - *count > margin ? *first + *count + margin : width;
  JDIMENSION offset = (JDIMENSION)start, columns = (JDIMENSION)(end - start);
  jpeg_crop_scanline(decompress, &offset, &columns);
  *first = (int)offset;
  *count = (int)columns;
  return OCELLUS_JPEG_DONE;
}

int ocellus_jpeg_read_row(ocellus_jpeg *jpeg, unsigned char *pixels) {
  if (!jpeg->is_open) return OCELLUS_JPEG_MALFORMED;
  if (setjmp(jpeg->failure)) return jpeg->result;
  // None comes once the picture's last row is read.
  if (jpeg_read_scanlines(&jpeg->decompress, &pixels, 1) == 0) return OCELLUS_JPEG_MALFORMED;
  note_offset(jpeg);
  return OCELLUS_JPEG_DONE;
}

int ocellus_jpeg_skip_rows(ocellus_jpeg *jpeg, int count) {
  if (!jpeg->is_open) return OCELLUS_JPEG_MALFORMED;
  if (setjmp(jpeg->failure)) return jpeg->result;
  if (jpeg_skip_scanlines(&jpeg->decompress, (JDIMENSION)count) != (JDIMENSION)count) return OCELLUS_JPEG_MALFORMED;
  note_offset(jpeg);
  return OCELLUS_JPEG_DONE;
}

void ocellus_jpeg_finish(ocellus_jpeg *jpeg) {
  if (!jpeg->is_open) return;
  if (setjmp(jpeg->failure)) {
    // The picture is whole; what follows it is not its concern.
    jpeg->result = OCELLUS_JPEG_DONE;
    jpeg->warnings++;
    return;
  }
  jpeg_finish_decompress(&jpeg->decompress);
  note_offset(jpeg);
}

void ocellus_jpeg_get_status(const ocellus_jpeg *jpeg, struct ocellus_jpeg_status *status) {
  status->result = jpeg->result;
  status->offset = jpeg->offset;
  status->warnings = jpeg->warnings;
  status->is_truncated = jpeg->is_truncated;
  status->is_corrupt = jpeg->is_corrupt;
  status->message = jpeg->message;
}
