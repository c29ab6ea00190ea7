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

struct ocellus_jpeg {
  struct jpeg_decompress_struct decompress;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf failure;
  int is_open;
  // The scans of a progressive picture are being read.
  int is_absorbing;
  long block_visits;
  ocellus_jpeg_size count;
  ocellus_jpeg_size offset;
  int has_read_beyond_end;
  int result;
  long warnings;
  int is_truncated;
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

ocellus_jpeg *ocellus_jpeg_create(void) { return calloc(1, sizeof(ocellus_jpeg)); }

void ocellus_jpeg_close(ocellus_jpeg *jpeg) {
  if (!jpeg->is_open) return;
  jpeg->is_open = 0;
  // Frees and cannot fail.
  jpeg_destroy_decompress(&jpeg->decompress);
}

void ocellus_jpeg_destroy(ocellus_jpeg *jpeg) {
  ocellus_jpeg_close(jpeg);
  free(jpeg);
}

int ocellus_jpeg_open(
    ocellus_jpeg *jpeg, const unsigned char *bytes, ocellus_jpeg_size count, struct ocellus_jpeg_header *header) {
  // A new decompressor for each picture: a kept one would decode a picture that lacks tables with those of
  // the picture before.
  ocellus_jpeg_close(jpeg);
  memset(jpeg, 0, sizeof(*jpeg));
  struct jpeg_decompress_struct *decompress = &jpeg->decompress;
  decompress->err = jpeg_std_error(&jpeg->errors);
  decompress->client_data = jpeg;
  jpeg->errors.error_exit = error_exit;
  jpeg->errors.emit_message = emit_message;
  jpeg->errors.output_message = output_message;
  jpeg->count = count;
  if (setjmp(jpeg->failure)) return jpeg->result;
  // Set before the call, for it may fail with memory allocated; what it has not reached is zero.
  jpeg->is_open = 1;
  jpeg_create_decompress(decompress);
  jpeg->progress.progress_monitor = watch_scans;
  decompress->progress = &jpeg->progress;
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
  status->message = jpeg->message;
}
