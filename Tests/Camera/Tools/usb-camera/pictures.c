// The pictures that the camera sends, and what is wrong with them.
#include <stdlib.h>
#include <string.h>

#include "camera.h"

struct faults faults;

/// JPEG's markers, after the byte 0xff.
enum { end_of_image = 0xd9, start_of_scan = 0xda, huffman_tables = 0xc4 };

static bool is_due(unsigned every, unsigned long number) { return every > 0 && number % every == 0; }

/// Copies a JPEG without its Huffman tables. They stand in segments of their own before the scan.
static size_t copy_without_tables(const struct picture *jpeg, uint8_t *copy) {
  size_t length = 2, next = 2;
  memcpy(copy, jpeg->bytes, 2);
  while (next + 4 <= jpeg->length && jpeg->bytes[next + 1] != start_of_scan) {
    size_t segment = 2 + (size_t)(jpeg->bytes[next + 2] << 8 | jpeg->bytes[next + 3]);
    if (next + segment > jpeg->length) break;
    if (jpeg->bytes[next + 1] != huffman_tables) {
      memcpy(copy + length, jpeg->bytes + next, segment);
      length += segment;
    }
    next += segment;
  }
  memcpy(copy + length, jpeg->bytes + next, jpeg->length - next);
  return length + jpeg->length - next;
}

/// Puts bytes of no meaning before the end marker and after it, as cameras do that send whole packets.
static size_t insert_extraneous(uint8_t *bytes, size_t length) {
  enum { before = 7, after = 250 };
  memset(bytes + length - 2, 0, before + 2 + after);
  bytes[length - 2 + before] = 0xff;
  bytes[length - 1 + before] = end_of_image;
  return length + before + after;
}

struct picture next_picture(const struct frame_size *size, enum format format, unsigned long number) {
  static uint8_t copy[4 << 20];
  struct picture source = format == yuyv ? size->yuyv : size->jpegs[number % (unsigned long)size->jpeg_count];
  if (source.length + 1024 > sizeof copy) abort();
  size_t length = source.length;
  if (format == mjpeg && faults.without_huffman) {
    length = copy_without_tables(&source, copy);
  } else {
    memcpy(copy, source.bytes, length);
  }
  if (format == mjpeg && is_due(faults.extraneous, number)) length = insert_extraneous(copy, length);
  if (is_due(faults.truncated, number)) length /= 2;
  return (struct picture){copy, length};
}
