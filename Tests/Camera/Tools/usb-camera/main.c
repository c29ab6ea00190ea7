// usb-camera FIFO --size WIDTHxHEIGHT [--jpeg FILE…] [--yuyv FILE] [--size …]
//
// Plugs an emulated USB camera in, says "plugged", and from then on what it streams, as "streaming MJPG 640x480 every
// 333333" (units of 100 ns), and what its controls are set to, as "exposure time 100". Obeys the lines that are written
// into FIFO, which it makes:
//   unplug, plug      pulls the plug; puts it into the same port again
//   truncate N        cuts off every Nth picture from now on, none for 0; so too:
//   mark N            sets the error bit in every Nth picture's packets
//   extraneous N      inserts bytes of no meaning into every Nth JPEG
//   huffman 0 or 1    sends JPEGs without their Huffman tables or with them
//   quit
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "camera.h"

struct frame_size frame_sizes[most_sizes];
int frame_size_count;

static void fail(const char *what) {
  fprintf(stderr, "usb-camera: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void refuse(const char *what) {
  fprintf(stderr, "usb-camera: %s\n", what);
  exit(2);
}

static struct picture load(const char *path) {
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) fail(path);
  uint8_t *bytes = malloc((size_t)status.st_size);
  if (!bytes || read(file, bytes, (size_t)status.st_size) != status.st_size) fail(path);
  close(file);
  return (struct picture){bytes, (size_t)status.st_size};
}

static void take_option(const char *option, const char *value) {
  if (strcmp(option, "--size") == 0) {
    if (frame_size_count == most_sizes) refuse("too many sizes");
    struct frame_size *size = &frame_sizes[frame_size_count++];
    if (sscanf(value, "%dx%d", &size->width, &size->height) != 2) refuse("--size takes WIDTHxHEIGHT");
    return;
  }
  if (frame_size_count == 0) refuse("pictures come after their --size");
  struct frame_size *size = &frame_sizes[frame_size_count - 1];
  if (strcmp(option, "--jpeg") == 0) {
    if (size->jpeg_count == most_pictures) refuse("too many JPEGs");
    size->jpegs[size->jpeg_count++] = load(value);
  } else if (strcmp(option, "--yuyv") == 0) {
    size->yuyv = load(value);
    if (size->yuyv.length != (size_t)most_frame_bytes(size)) refuse("the raw frame has another size");
  } else {
    refuse("unknown option");
  }
}

/// Plugs the camera in. The kernel frees a port some time after its plug was pulled.
static void plug_when_free(void) {
  for (int tries = 0; !is_plugged() && !plug(); tries++) {
    if (tries == 500) fail("vhci-hcd");
    usleep(10000);
  }
}

static void obey(const char *line) {
  char word[16];
  unsigned number = 0;
  int count = sscanf(line, "%15s %u", word, &number);
  if (count < 1) return;
  if (strcmp(word, "unplug") == 0) {
    unplug();
  } else if (strcmp(word, "plug") == 0) {
    plug_when_free();
  } else if (strcmp(word, "truncate") == 0) {
    faults.truncated = number;
  } else if (strcmp(word, "mark") == 0) {
    faults.marked = number;
  } else if (strcmp(word, "extraneous") == 0) {
    faults.extraneous = number;
  } else if (strcmp(word, "huffman") == 0) {
    faults.without_huffman = number == 0;
  } else if (strcmp(word, "quit") == 0) {
    exit(0);
  } else {
    fprintf(stderr, "usb-camera: no command %s\n", line);
  }
}

/// Obeys every line that stands in the FIFO. Writers write whole lines.
static void obey_lines(int fifo) {
  char text[512];
  ssize_t length = read(fifo, text, sizeof text - 1);
  if (length <= 0) return;
  text[length] = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(0, "\n")) obey(line);
}

int main(int count, char **arguments) {
  if (count < 4 || count % 2 != 0) refuse("usage: usb-camera FIFO --size WIDTHxHEIGHT --jpeg FILE --yuyv FILE …");
  for (int index = 2; index < count; index += 2) take_option(arguments[index], arguments[index + 1]);
  for (int index = 0; index < frame_size_count; index++) {
    if (frame_sizes[index].jpeg_count == 0 || !frame_sizes[index].yuyv.bytes) refuse("a size has no pictures");
  }
  build_descriptors();
  if (mkfifo(arguments[1], 0600) < 0) fail(arguments[1]);
  // Held for reading and writing: it never ends.
  int fifo = open(arguments[1], O_RDWR | O_NONBLOCK);
  if (fifo < 0) fail(arguments[1]);
  plug_when_free();
  puts("plugged");
  fflush(stdout);

  for (;;) {
    int timeout = is_plugged() ? send_pictures() : -1;
    struct pollfd waiting[2] = {{.fd = fifo, .events = POLLIN}, {.fd = link_socket(), .events = POLLIN}};
    if (poll(waiting, 2, timeout) <= 0) continue;
    if (waiting[1].revents) handle_message();
    if (waiting[0].revents) obey_lines(fifo);
  }
}
