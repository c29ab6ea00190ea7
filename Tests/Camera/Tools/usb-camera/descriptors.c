// What the camera says of itself: USB Video Class 1.0, one streaming interface with MJPEG and YUYV.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera.h"

// Bytes of numbers as USB has them, the lowest first.
#define TWO(x) (uint8_t)((x)), (uint8_t)((x) >> 8)
#define FOUR(x) TWO(x), (uint8_t)((x) >> 16), (uint8_t)((uint32_t)(x) >> 24)

// Descriptor types and subtypes, of USB 2.0 and of the Video Class.
enum { device_type = 1, configuration_type = 2, string_type = 3, interface_type = 4, endpoint_type = 5 };
enum { interface_association_type = 11, class_interface_type = 0x24 };
enum { vc_header = 1, vc_input_terminal = 2, vc_output_terminal = 3, vc_processing_unit = 5 };
enum { vs_input_header = 1, vs_uncompressed_format = 4, vs_uncompressed_frame = 5, vs_mjpeg_format = 6,
       vs_mjpeg_frame = 7, vs_color_format = 13 };
enum { video_class = 0x0e, control_subclass = 1, streaming_subclass = 2, collection_subclass = 3 };

const uint32_t intervals[interval_count] = {333333, 666666, 2000000};

// Bits 11 and 12 of a high-speed packet size are the additional packets a microframe.
const uint16_t packet_sizes[alternate_count] = {0, 896, 1 << 11 | 896, 2 << 11 | 1024};

int packet_bytes(uint16_t packet_size) { return (packet_size & 0x7ff) * (1 + (packet_size >> 11 & 3)); }

int most_frame_bytes(const struct frame_size *size) { return size->width * size->height * 2; }

static const uint8_t device[] = {18, device_type, TWO(0x200), 0xef, 2, 1, 64, TWO(0x1d6b), TWO(0x0102), TWO(0x100),
                                 1, 2, 3, 1};
static const char *const strings[] = {"", "Emulated", "USB Camera", "0001"};

static uint8_t configuration[4096];
static size_t configuration_length;

static void append(const uint8_t *bytes, size_t length) {
  if (configuration_length + length > sizeof configuration) abort();
  memcpy(configuration + configuration_length, bytes, length);
  configuration_length += length;
}
#define APPEND(...) append((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

/// Writes the length of what was appended since `start` into the two bytes at `field`.
static void set_total_length(size_t start, size_t field) {
  size_t length = configuration_length - start;
  configuration[field] = (uint8_t)length;
  configuration[field + 1] = (uint8_t)(length >> 8);
}

static void append_frames(int subtype) {
  for (int index = 0; index < frame_size_count; index++) {
    const struct frame_size *size = &frame_sizes[index];
    uint32_t bytes = (uint32_t)most_frame_bytes(size);
    APPEND(26 + 4 * interval_count, class_interface_type, subtype, index + 1, 0, TWO(size->width), TWO(size->height),
           FOUR(bytes * 8 * 5), FOUR(bytes * 8 * 30), FOUR(bytes), FOUR(intervals[0]), interval_count,
           FOUR(intervals[0]), FOUR(intervals[1]), FOUR(intervals[2]));
  }
  // BT.709 primaries, its transfer function, BT.601's matrix: what most cameras say.
  APPEND(6, class_interface_type, vs_color_format, 1, 1, 4);
}

static void append_control_interface(void) {
  APPEND(9, interface_type, video_control, 0, 0, video_class, control_subclass, 0, 2);
  size_t header = configuration_length;
  APPEND(13, class_interface_type, vc_header, TWO(0x100), 0, 0, FOUR(48000000), 1, video_streaming);
  // Exposure: its mode, its priority over the frame rate, its time.
  APPEND(18, class_interface_type, vc_input_terminal, camera_terminal, TWO(0x201), 0, 0, TWO(0), TWO(0), TWO(0), 3,
         0x0e, 0, 0);
  // Brightness and contrast.
  APPEND(11, class_interface_type, vc_processing_unit, processing_unit, camera_terminal, TWO(0), 2, 0x03, 0, 0);
  APPEND(9, class_interface_type, vc_output_terminal, 3, TWO(0x101), 0, processing_unit, 0);
  set_total_length(header, header + 5);
}

static void append_streaming_interface(void) {
  APPEND(9, interface_type, video_streaming, 0, 0, video_class, streaming_subclass, 0, 0);
  size_t header = configuration_length;
  APPEND(13 + format_count, class_interface_type, vs_input_header, format_count, 0, 0, streaming_endpoint, 0, 3, 0, 0,
         0, 1, 0, 0);
  APPEND(11, class_interface_type, vs_mjpeg_format, mjpeg, frame_size_count, 1, 1, 0, 0, 0, 0);
  append_frames(vs_mjpeg_frame);
  APPEND(27, class_interface_type, vs_uncompressed_format, yuyv, frame_size_count, 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0,
         0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 16, 1, 0, 0, 0, 0);
  append_frames(vs_uncompressed_frame);
  set_total_length(header, header + 4);
  for (int index = 1; index < alternate_count; index++) {
    APPEND(9, interface_type, video_streaming, index, 1, video_class, streaming_subclass, 0, 0);
    APPEND(7, endpoint_type, streaming_endpoint, 5, TWO(packet_sizes[index]), 1);
  }
}

void build_descriptors(void) {
  APPEND(9, configuration_type, TWO(0), 2, 1, 0, 0x80, 250);
  APPEND(8, interface_association_type, video_control, 2, video_class, collection_subclass, 0, 2);
  append_control_interface();
  append_streaming_interface();
  set_total_length(0, 2);
}

/// Text as USB has it: 16-bit characters after the length and the type. Number 0 lists the languages: American English.
static size_t string_descriptor(int index, const uint8_t **bytes) {
  static uint8_t text[2 + 2 * 32];
  size_t length = 2;
  if (index == 0) {
    text[length++] = 0x09;
    text[length++] = 0x04;
  } else if (index < (int)(sizeof strings / sizeof *strings)) {
    for (const char *next = strings[index]; *next; next++) {
      text[length++] = (uint8_t)*next;
      text[length++] = 0;
    }
  } else {
    return 0;
  }
  text[0] = (uint8_t)length;
  text[1] = string_type;
  *bytes = text;
  return length;
}

size_t descriptor(int type, int index, const uint8_t **bytes) {
  switch (type) {
    case device_type: *bytes = device; return sizeof device;
    case configuration_type: *bytes = configuration; return configuration_length;
    case string_type: return string_descriptor(index, bytes);
    default: return 0;
  }
}
