// What the tools share that speak to V4L2 devices.
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/// Says what failed, with the system's reason, and ends the program.
static inline void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/// An ioctl that signals don't interrupt. Returns -1 with errno set where it fails.
static inline int control(int device, unsigned long request, void *argument) {
  int result;
  do {
    result = ioctl(device, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

/// An ioctl without which the program can't go on.
static inline void demand(int device, unsigned long request, void *argument, const char *what) {
  if (control(device, request, argument) < 0) fail(what);
}
