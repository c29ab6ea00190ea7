// A picture as cameras would deliver it: camera-pictures PICTURE.jpg RULE WIDTHxHEIGHT FOLDER
//
// Fits the picture into the camera's frame so that a network sees in the frame what it sees in the file. RULE is the
// network's crop: for "center" the frame shows the picture's middle, its shorter side filling the frame's height; for
// "letterbox" all of the picture in its proportions; for "stretch" all of it, as wide and high as the
// frame. Where the picture does not fill the frame its edge goes on.
//
// Leaves in the folder the frame as
//   color.jpg, grey.jpg   4:2:2 as most cameras send; the brightness alone
//   YUYV, NV12            raw, by the codes of V4L2; BT.601, limited range, chroma averaged over its pixels
//   RGB3, GREY            raw, full range
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static void fail(const char *what) {
  fprintf(stderr, "camera-pictures: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static void *reserve(size_t size) {
  void *bytes = malloc(size);
  if (!bytes) fail("memory");
  return bytes;
}

/// Pixels of three bytes, red first, line after line.
struct image {
  int width, height;
  uint8_t *pixels;
};

static const uint8_t *pixel(const struct image *image, int x, int y) {
  return image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
}

/// The orientation that EXIF gives, 1 (upright) where there is none: 1 to 8, Exif 2.32, tag 274.
static int exif_orientation(const uint8_t *bytes, size_t length) {
  if (length < 14 || memcmp(bytes, "Exif\0", 6) != 0) return 1;
  const uint8_t *tiff = bytes + 6;
  size_t room = length - 6;
  int swapped = tiff[0] == 'M';
#define TWO(at) (swapped ? tiff[at] << 8 | tiff[(at) + 1] : tiff[(at) + 1] << 8 | tiff[at])
  size_t directory = swapped ? (size_t)TWO(6) : (size_t)TWO(4);
  if (directory + 2 > room) return 1;
  for (int index = 0, count = TWO(directory); index < count; index++) {
    size_t entry = directory + 2 + 12 * (size_t)index;
    if (entry + 12 > room) return 1;
    if (TWO(entry) == 274) return TWO(entry + 8);
  }
#undef TWO
  return 1;
}

static struct image read_jpeg(const char *path, int *orientation) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  struct jpeg_decompress_struct decoder;
  struct jpeg_error_mgr errors;
  decoder.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decoder);
  jpeg_stdio_src(&decoder, file);
  jpeg_save_markers(&decoder, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&decoder, TRUE);
  *orientation = 1;
  for (jpeg_saved_marker_ptr marker = decoder.marker_list; marker && *orientation == 1; marker = marker->next) {
    *orientation = exif_orientation(marker->data, marker->data_length);
  }
  decoder.out_color_space = JCS_RGB;
  jpeg_start_decompress(&decoder);
  struct image image = {(int)decoder.output_width, (int)decoder.output_height, 0};
  image.pixels = reserve(3 * (size_t)image.width * (size_t)image.height);
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW row = (JSAMPROW)pixel(&image, 0, (int)decoder.output_scanline);
    jpeg_read_scanlines(&decoder, &row, 1);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  fclose(file);
  return image;
}

/// Turns and mirrors a picture so that it stands upright.
static struct image upright(struct image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  int is_turned = orientation >= 5;
  struct image result = {is_turned ? image.height : image.width, is_turned ? image.width : image.height, 0};
  result.pixels = reserve(3 * (size_t)result.width * (size_t)result.height);
  for (int y = 0; y < result.height; y++) {
    for (int x = 0; x < result.width; x++) {
      int column = is_turned ? y : x, row = is_turned ? x : y;
      int is_mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
      int is_flipped = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
      if (is_mirrored) column = image.width - 1 - column;
      if (is_flipped) row = image.height - 1 - row;
      memcpy((uint8_t *)pixel(&result, x, y), pixel(&image, column, row), 3);
    }
  }
  free(image.pixels);
  return result;
}

/// One axis of a resampling: output `index` is the middle of [start + index * step, + step) of the source. Weighs the
/// source's pixels by a triangle as wide as the step, at least as wide as a pixel, as Pillow's bilinear filter does.
struct axis {
  double start, step;
};

static void resample_line(const double *source, int length, int stride, struct axis axis, double *result, int count) {
  double radius = axis.step > 1 ? axis.step : 1;
  for (int index = 0; index < count; index++) {
    double middle = axis.start + (index + 0.5) * axis.step;
    int first = (int)(middle - radius - 1), last = (int)(middle + radius + 1);
    double sums[3] = {0, 0, 0}, total = 0;
    for (int at = first; at <= last; at++) {
      double distance = at + 0.5 - middle;
      double weight = 1 - (distance < 0 ? -distance : distance) / radius;
      if (weight <= 0) continue;
      int inside = at < 0 ? 0 : at >= length ? length - 1 : at;
      for (int channel = 0; channel < 3; channel++) {
        sums[channel] += weight * source[(size_t)inside * (size_t)stride + (size_t)channel];
      }
      total += weight;
    }
    for (int channel = 0; channel < 3; channel++) {
      result[(size_t)index * (size_t)stride + (size_t)channel] = sums[channel] / total;
    }
  }
}

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }

static struct image fit(const struct image *image, const char *rule, int width, int height) {
  struct axis across = {0, (double)image->width / width}, down = {0, (double)image->height / height};
  if (strcmp(rule, "stretch") != 0) {
    int is_center = strcmp(rule, "center") == 0;
    across.step = down.step =
        is_center ? least(image->width, image->height) / height : most(across.step, down.step);
    across.start = (image->width - across.step * width) / 2;
    down.start = (image->height - down.step * height) / 2;
  }
  double *line = reserve(3 * sizeof(double) * (size_t)image->width);
  double *narrow = reserve(3 * sizeof(double) * (size_t)width * (size_t)image->height);
  for (int y = 0; y < image->height; y++) {
    for (int index = 0; index < 3 * image->width; index++) line[index] = pixel(image, 0, y)[index];
    resample_line(line, image->width, 3, across, narrow + 3 * (size_t)y * (size_t)width, width);
  }
  double *small = reserve(3 * sizeof(double) * (size_t)width * (size_t)height);
  for (int x = 0; x < width; x++) {
    resample_line(narrow + 3 * (size_t)x, image->height, 3 * width, down, small + 3 * (size_t)x, height);
  }
  struct image result = {width, height, reserve(3 * (size_t)width * (size_t)height)};
  for (size_t index = 0; index < 3 * (size_t)width * (size_t)height; index++) {
    result.pixels[index] = (uint8_t)(small[index] + 0.5);
  }
  free(line);
  free(narrow);
  free(small);
  return result;
}

static FILE *create(const char *folder, const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file) fail(path);
  return file;
}

static void finish(FILE *file) {
  if (ferror(file) || fclose(file) != 0) fail("writing");
}

/// Writes a JPEG with the standard's own Huffman tables, so that it can be decoded where they are left out.
static void write_jpeg(const struct image *image, const char *folder, const char *name, int is_grey) {
  FILE *file = create(folder, name);
  struct jpeg_compress_struct encoder;
  struct jpeg_error_mgr errors;
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file);
  encoder.image_width = (JDIMENSION)image->width;
  encoder.image_height = (JDIMENSION)image->height;
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 90, TRUE);
  if (is_grey) {
    jpeg_set_colorspace(&encoder, JCS_GRAYSCALE);
  } else {
    encoder.comp_info[0].h_samp_factor = 2;
    encoder.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < encoder.image_height) {
    JSAMPROW row = (JSAMPROW)pixel(image, 0, (int)encoder.next_scanline);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  finish(file);
}

// Rec. ITU-R BT.601-7, section 2.5.1 and 2.5.3: red, green and blue from 0 to 255.
static double brightness(const uint8_t *p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }
static int limited_y(const uint8_t *p) { return (int)(16 + brightness(p) * 219 / 255 + 0.5); }

/// Cb (blue, channel 2) or Cr (red, channel 0) of a block of pixels.
static int chroma(const struct image *image, int x, int y, int columns, int rows, int channel) {
  double scale = channel == 2 ? 1.772 : 1.402, sum = 0;
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      const uint8_t *p = pixel(image, x + column, y + row);
      sum += (p[channel] - brightness(p)) / scale * 224 / 255;
    }
  }
  return (int)(128 + sum / (rows * columns) + 0.5);
}

static void write_raw(const struct image *image, const char *folder) {
  FILE *yuyv = create(folder, "YUYV"), *nv12 = create(folder, "NV12");
  FILE *rgb = create(folder, "RGB3"), *grey = create(folder, "GREY");
  fwrite(image->pixels, 3, (size_t)image->width * (size_t)image->height, rgb);
  for (int y = 0; y < image->height; y++) {
    for (int x = 0; x < image->width; x++) {
      const uint8_t *p = pixel(image, x, y);
      putc((int)(brightness(p) + 0.5), grey);
      putc(limited_y(p), nv12);
      putc(limited_y(p), yuyv);
      putc(chroma(image, x & ~1, y, 2, 1, x & 1 ? 0 : 2), yuyv);
    }
  }
  for (int y = 0; y < image->height; y += 2) {
    for (int x = 0; x < image->width; x++) putc(chroma(image, x & ~1, y, 2, 2, x & 1 ? 0 : 2), nv12);
  }
  finish(yuyv);
  finish(nv12);
  finish(rgb);
  finish(grey);
}

int main(int count, char **arguments) {
  int width, height, orientation;
  if (count != 5 || sscanf(arguments[3], "%dx%d", &width, &height) != 2 || width <= 0 || height <= 0 ||
      width % 2 || height % 2) {
    fprintf(stderr, "usage: camera-pictures PICTURE.jpg center|letterbox|stretch WIDTHxHEIGHT FOLDER (even sizes)\n");
    return 2;
  }
  struct image picture = read_jpeg(arguments[1], &orientation);
  picture = upright(picture, orientation);
  struct image frame = fit(&picture, arguments[2], width, height);
  write_jpeg(&frame, arguments[4], "color.jpg", 0);
  write_jpeg(&frame, arguments[4], "grey.jpg", 1);
  write_raw(&frame, arguments[4]);
  return 0;
}
