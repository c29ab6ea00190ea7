// V4L2 controls by name.
#pragma once
#include <ctype.h>
#include <linux/videodev2.h>

#include "video.h"

/// Whether a control's name is this one, in small letters with an underscore for whatever is neither letter nor digit:
/// "Inject Fatal Streaming Error" is inject_fatal_streaming_error, as v4l2-ctl has it.
static inline int is_control_name(const unsigned char *name, const char *wanted) {
  char plain[64];
  size_t count = 0;
  for (; *name && count < sizeof plain - 1; name++) {
    if (isalnum(*name)) {
      plain[count++] = (char)tolower(*name);
    } else if (count > 0 && plain[count - 1] != '_') {
      plain[count++] = '_';
    }
  }
  plain[count] = 0;
  return strcmp(plain, wanted) == 0;
}

/// Sets a control. A button is pressed by any value. Returns -1 with errno set where there is none of this name or it
/// refuses the value.
static inline int set_control(int device, const char *name, int value) {
  struct v4l2_queryctrl query = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
  for (; control(device, VIDIOC_QUERYCTRL, &query) == 0; query.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
    if (!is_control_name(query.name, name)) continue;
    struct v4l2_control setting = {.id = query.id, .value = value};
    return control(device, VIDIOC_S_CTRL, &setting);
  }
  errno = ENOENT;
  return -1;
}
