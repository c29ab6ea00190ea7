// libv4lconvert's own controls of a camera, in a board's program: none. The library keeps what users set with its tools
// (white balance, gamma, mirroring) in memory that programs share, by the camera's and the user's names. Frames are
// all that it gets to see here (Convert.c), so that what it keeps belongs to no camera and always is the default; but
// to come by it, it brings the C library's name services along, an eighth of a megabyte. What is defined here the
// linker does not take from there. The host's libv4lconvert is a shared library and uses its own.
#ifdef OCELLUS_BOARD
struct v4lcontrol_data {
  int unused;
};

struct v4lcontrol_data *v4lcontrol_create(
    int descriptor, void *context, const void *calls, int always_needs_conversion) {
  static struct v4lcontrol_data none;
  (void)descriptor;
  (void)context;
  (void)calls;
  (void)always_needs_conversion;
  return &none;
}

void v4lcontrol_destroy(struct v4lcontrol_data *data) { (void)data; }

// No limit of what the camera's connection carries, no peculiarity, every control off.
int v4lcontrol_get_bandwidth(struct v4lcontrol_data *data) {
  (void)data;
  return 0;
}
int v4lcontrol_get_flags(struct v4lcontrol_data *data) {
  (void)data;
  return 0;
}
int v4lcontrol_get_ctrl(struct v4lcontrol_data *data, int control) {
  (void)data;
  (void)control;
  return 0;
}
int v4lcontrol_controls_changed(struct v4lcontrol_data *data) {
  (void)data;
  return 0;
}
int v4lcontrol_needs_conversion(struct v4lcontrol_data *data) {
  (void)data;
  return 0;
}

// What the library would ask the camera for on a program's behalf.
#define REFUSED(name)                                      \
  int name(struct v4lcontrol_data *data, void *argument) { \
    (void)data;                                            \
    (void)argument;                                        \
    return -1;                                             \
  }
REFUSED(v4lcontrol_vidioc_queryctrl)
REFUSED(v4lcontrol_vidioc_g_ctrl)
REFUSED(v4lcontrol_vidioc_s_ctrl)
REFUSED(v4lcontrol_vidioc_g_ext_ctrls)
REFUSED(v4lcontrol_vidioc_s_ext_ctrls)
REFUSED(v4lcontrol_vidioc_try_ext_ctrls)
#endif
