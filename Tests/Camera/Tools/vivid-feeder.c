// Shows a picture through vivid's HDMI loop: vivid-feeder CAPTURE OUTPUT FORMAT WIDTHxHEIGHT FILE
//
// vivid copies what is written to its output to its input where both have the same timings, pixel format and size, and
// shows its test pattern elsewhere. So the timings of both are set, the input is told to loop, and the file, one raw
// frame in FORMAT, is given to the output again and again until this program is killed. It says "feeding" when the
// first frame has been shown.
//
// The colours are said to be sRGB; matrix and range vivid leaves to V4L2's defaults for that: BT.601 and limited range,
// but full range for RGB. In grey, too, vivid's own pictures have the full range.
#include <fcntl.h>
#include <linux/v4l2-dv-timings.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "controls.h"

enum { buffer_count = 4 };

static const unsigned type = V4L2_BUF_TYPE_VIDEO_OUTPUT;

/// Sets the only timings with 640 × 480 pixels that HDMI has, 60 frames a second.
static void set_timings(int device, const char *name) {
  struct v4l2_dv_timings timings = V4L2_DV_BT_CEA_640X480P59_94;
  demand(device, VIDIOC_S_DV_TIMINGS, &timings, name);
}

static unsigned set_format(int output, const char *code, unsigned width, unsigned height) {
  struct v4l2_format format = {.type = type};
  struct v4l2_pix_format *picture = &format.fmt.pix;
  picture->width = width;
  picture->height = height;
  picture->pixelformat = v4l2_fourcc(code[0], code[1], code[2], code[3]);
  picture->field = V4L2_FIELD_NONE;
  picture->colorspace = V4L2_COLORSPACE_SRGB;
  demand(output, VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
  if (picture->width != width || picture->height != height ||
      picture->pixelformat != v4l2_fourcc(code[0], code[1], code[2], code[3])) {
    fprintf(stderr, "vivid-feeder: the output takes %u × %u only\n", picture->width, picture->height);
    exit(1);
  }
  return picture->sizeimage;
}

/// Maps the output's buffers, each with the picture in it, and gives them to the driver.
static void fill_buffers(int output, int picture, unsigned size) {
  struct v4l2_requestbuffers request = {.count = buffer_count, .type = type, .memory = V4L2_MEMORY_MMAP};
  demand(output, VIDIOC_REQBUFS, &request, "VIDIOC_REQBUFS");
  for (unsigned index = 0; index < request.count; index++) {
    struct v4l2_buffer buffer = {.type = type, .memory = V4L2_MEMORY_MMAP, .index = index};
    demand(output, VIDIOC_QUERYBUF, &buffer, "VIDIOC_QUERYBUF");
    char *bytes = mmap(0, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, output, buffer.m.offset);
    if (bytes == MAP_FAILED) fail("mmap");
    if (pread(picture, bytes, buffer.length, 0) != (ssize_t)size) {
      fprintf(stderr, "vivid-feeder: the picture must have %u bytes\n", size);
      exit(1);
    }
    buffer.bytesused = size;
    demand(output, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
  }
}

int main(int count, char **arguments) {
  unsigned width, height;
  if (count != 6 || strlen(arguments[3]) != 4 || sscanf(arguments[4], "%ux%u", &width, &height) != 2) {
    fprintf(stderr, "usage: vivid-feeder CAPTURE OUTPUT FORMAT WIDTHxHEIGHT FILE\n");
    return 2;
  }
  int capture = open(arguments[1], O_RDWR | O_NONBLOCK);
  if (capture < 0) fail(arguments[1]);
  int output = open(arguments[2], O_RDWR | O_NONBLOCK);
  if (output < 0) fail(arguments[2]);
  int picture = open(arguments[5], O_RDONLY);
  if (picture < 0) fail(arguments[5]);

  set_timings(output, arguments[2]);
  set_timings(capture, arguments[1]);
  if (set_control(capture, "loop_video", 1) < 0) fail("loop_video");
  // No text over the picture.
  if (set_control(capture, "osd_text_mode", 2) < 0) fail("osd_text_mode");
  close(capture);
  fill_buffers(output, picture, set_format(output, arguments[3], width, height));
  int streamed = type;
  demand(output, VIDIOC_STREAMON, &streamed, "VIDIOC_STREAMON");

  for (long shown = 0;; shown++) {
    struct pollfd waiting = {.fd = output, .events = POLLOUT};
    if (poll(&waiting, 1, -1) < 0 && errno != EINTR) fail("poll");
    struct v4l2_buffer buffer = {.type = type, .memory = V4L2_MEMORY_MMAP};
    if (control(output, VIDIOC_DQBUF, &buffer) < 0) {
      if (errno == EAGAIN) continue;
      fail("VIDIOC_DQBUF");
    }
    demand(output, VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
    if (shown == 0) {
      puts("feeding");
      fflush(stdout);
    }
  }
}
