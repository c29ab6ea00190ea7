// The control endpoint: the standard requests, negotiation by probe and commit, the controls of the camera.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "camera.h"

// Standard requests of USB 2.0, and those of the Video Class.
enum { get_status = 0, clear_feature = 1, set_address = 5, get_descriptor = 6, get_configuration = 8,
       set_configuration = 9, set_interface = 11 };
enum { set_current = 0x01, get_current = 0x81, get_minimum = 0x82, get_maximum = 0x83, get_resolution = 0x84,
       get_length = 0x85, get_info = 0x86, get_default = 0x87 };
enum { probe_control = 1, commit_control = 2 };
enum { class_request = 0x21, direction_bit = 0x80 };

bool is_streaming;
struct negotiated committed = {mjpeg, 1, 333333};
static struct negotiated probed = {mjpeg, 1, 333333};

/// The structure of UVC 1.0 that probe and commit carry.
struct streaming_parameters {
  uint16_t hint;
  uint8_t format, frame;
  uint32_t interval;
  uint16_t key_frame_rate, p_frame_rate, quality, window, delay;
  uint32_t most_frame_bytes, most_payload_bytes;
} __attribute__((packed));

/// What the camera makes of a wish: the nearest that it has.
static struct negotiated nearest(const struct streaming_parameters *wish) {
  struct negotiated result = {mjpeg, 1, intervals[0]};
  if (wish->format >= 1 && wish->format <= format_count) result.format = wish->format;
  if (wish->frame >= 1 && wish->frame <= frame_size_count) result.frame = wish->frame;
  for (int index = 1; index < interval_count; index++) {
    if (llabs((long long)intervals[index] - wish->interval) < llabs((long long)result.interval - wish->interval)) {
      result.interval = intervals[index];
    }
  }
  return result;
}

static struct streaming_parameters parameters(struct negotiated value) {
  const struct frame_size *size = &frame_sizes[value.frame - 1];
  struct streaming_parameters result = {.format = value.format, .frame = value.frame, .interval = value.interval};
  result.most_frame_bytes = (uint32_t)most_frame_bytes(size);
  // Raw frames and large pictures need the widest packets.
  int alternate = value.format == yuyv || size->width > 640 ? 3 : 2;
  result.most_payload_bytes = (uint32_t)packet_bytes(packet_sizes[alternate]);
  return result;
}

static int answer_negotiation(int request, bool is_commit, uint8_t *data) {
  struct streaming_parameters answer;
  struct negotiated value = probed;
  switch (request) {
    case set_current:
      memcpy(&answer, data, sizeof answer);
      probed = nearest(&answer);
      if (is_commit) committed = probed;
      return 0;
    case get_current: value = is_commit ? committed : probed; break;
    case get_minimum: case get_default: value.interval = intervals[0]; break;
    case get_maximum: value.interval = intervals[interval_count - 1]; break;
    case get_resolution: memset(data, 0, sizeof answer); return sizeof answer;
    case get_length: data[0] = sizeof answer; data[1] = 0; return 2;
    case get_info: data[0] = 3; return 1;
    default: return -1;
  }
  answer = parameters(value);
  memcpy(data, &answer, sizeof answer);
  return sizeof answer;
}

/// A control of the camera terminal or the processing unit; `length` is its number's, in bytes.
struct camera_control {
  uint8_t unit, selector, length;
  int32_t minimum, maximum, resolution, initial, current;
  const char *name;
};
static struct camera_control controls[] = {
  {camera_terminal, 2, 1, 1, 9, 9, 8, 8, "exposure mode"},          // bits: 1 by hand, 8 by aperture priority
  {camera_terminal, 3, 1, 0, 1, 1, 1, 1, "exposure priority"},      // 1 may lower the frame rate
  {camera_terminal, 4, 4, 3, 2047, 1, 156, 156, "exposure time"},   // in 100 µs
  {processing_unit, 2, 2, 0, 255, 1, 128, 128, "brightness"},
  {processing_unit, 3, 2, 0, 255, 1, 32, 32, "contrast"},
};

static int answer_control(int request, int unit, int selector, uint8_t *data) {
  for (size_t index = 0; index < sizeof controls / sizeof *controls; index++) {
    struct camera_control *control = &controls[index];
    if (control->unit != unit || control->selector != selector) continue;
    int32_t value = 0;
    switch (request) {
      case set_current:
        memcpy(&value, data, control->length);
        control->current = value;
        printf("%s %d\n", control->name, value);
        fflush(stdout);
        return 0;
      case get_current: value = control->current; break;
      case get_minimum: value = control->minimum; break;
      case get_maximum: value = control->maximum; break;
      case get_resolution: value = control->resolution; break;
      case get_default: value = control->initial; break;
      case get_length: data[0] = control->length; data[1] = 0; return 2;
      case get_info: data[0] = 3; return 1;
      default: return -1;
    }
    memcpy(data, &value, control->length);
    return control->length;
  }
  return -1;
}

/// Streams, or ends that, and says so: tests look at what was negotiated.
static void set_streaming(bool is_on) {
  if (is_on && !is_streaming) {
    const struct frame_size *size = &frame_sizes[committed.frame - 1];
    printf("streaming %s %dx%d every %u\n", committed.format == mjpeg ? "MJPG" : "YUYV", size->width, size->height,
           committed.interval);
    fflush(stdout);
  }
  is_streaming = is_on;
}

static int answer_standard(const uint8_t setup[8], uint8_t *data) {
  const uint8_t *bytes;
  size_t length;
  switch (setup[1]) {
    case get_descriptor:
      length = descriptor(setup[3], setup[2], &bytes);
      memcpy(data, bytes, length);
      return length > 0 ? (int)length : -1;
    case get_status: data[0] = data[1] = 0; return 2;
    case get_configuration: data[0] = 1; return 1;
    case set_interface:
      if (setup[4] == video_streaming) set_streaming(setup[2] > 0);
      return 0;
    case set_configuration: case set_address: case clear_feature: return 0;
    default: return -1;
  }
}

int answer_request(const uint8_t setup[8], uint8_t *data) {
  if ((setup[0] & ~direction_bit) == class_request) {
    int selector = setup[3], unit = setup[5], interface = setup[4];
    if (interface == video_streaming && (selector == probe_control || selector == commit_control)) {
      return answer_negotiation(setup[1], selector == commit_control, data);
    }
    return answer_control(setup[1], unit, selector, data);
  }
  return answer_standard(setup, data);
}
