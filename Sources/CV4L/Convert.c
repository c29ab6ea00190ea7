// libv4lconvert without a device: it asks one for its formats and peculiarities, and keeps settings for it in shared
// memory. Frames are all that it gets to see here.
#include "CV4L.h"

// struct libv4l_dev_ops of libv4l-plugin.h.
struct device_calls {
  void *(*init)(int descriptor);
  void (*close)(void *context);
  int (*ioctl)(void *context, int descriptor, unsigned long request, void *argument);
  __PTRDIFF_TYPE__ (*read)(void *context, int descriptor, void *buffer, __SIZE_TYPE__ count);
  __PTRDIFF_TYPE__ (*write)(void *context, int descriptor, const void *buffer, __SIZE_TYPE__ count);
  void (*reserved[7])(void);
};

struct v4lconvert_data *v4lconvert_create_with_dev_ops(
    int descriptor, void *context, const struct device_calls *calls);

// A device that is there, and has nothing to say.
static int answer(void *context, int descriptor, unsigned long request, void *argument) {
  (void)context;
  (void)descriptor;
  if ((ocellus_u32)request != OCELLUS_VIDIOC_QUERYCAP) return -1;
  *(struct ocellus_v4l2_capability *)argument = (struct ocellus_v4l2_capability){0};
  return 0;
}

static const struct device_calls calls = {.ioctl = answer};

struct v4lconvert_data *ocellus_v4lconvert_create(void) { return v4lconvert_create_with_dev_ops(-1, 0, &calls); }
