#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

struct encoder {
  struct jpeg_compress_struct compress;
  struct jpeg_error_mgr errors;
  jmp_buf failure;
};

static _Noreturn void fail(j_common_ptr common) { longjmp(((struct encoder *)common->client_data)->failure, 1); }

static void output_message(j_common_ptr common) { (void)common; }

unsigned char *ocellus_jpeg_encode(
    const unsigned char *pixels, int width, int height, int channels, int quality, ocellus_jpeg_size *count) {
  struct encoder encoder = {0};
  unsigned char *memory = NULL;
  unsigned long size = 0;
  struct jpeg_compress_struct *compress = &encoder.compress;
  compress->err = jpeg_std_error(&encoder.errors);
  encoder.errors.error_exit = fail;
  encoder.errors.output_message = output_message;
  compress->client_data = &encoder;
  if (setjmp(encoder.failure)) {
    // What is written so far is libjpeg's own, and lost: this happens only where there is no memory.
    jpeg_destroy_compress(compress);
    return NULL;
  }
  jpeg_create_compress(compress);
  jpeg_mem_dest(compress, &memory, &size);
  compress->image_width = (JDIMENSION)width;
  compress->image_height = (JDIMENSION)height;
  compress->input_components = channels;
  compress->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(compress);
  jpeg_set_quality(compress, quality, TRUE);
  jpeg_start_compress(compress, TRUE);
  for (int y = 0; y < height; y++) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)y * width * channels);
    jpeg_write_scanlines(compress, &row, 1);
  }
  jpeg_finish_compress(compress);
  jpeg_destroy_compress(compress);
  *count = size;
  return memory;
}

void ocellus_jpeg_free(unsigned char *bytes) { free(bytes); }
