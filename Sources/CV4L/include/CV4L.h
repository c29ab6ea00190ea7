// The part of the kernel's Video4Linux interface (V4L2) and of libv4lconvert that cameras need, declared here and not
// taken from their headers, so that the same source compiles where those are not installed. Layouts are those of
// linux/videodev2.h on 64-bit and 32-bit machines; check-v4l2-layout.sh compares sizes, offsets, request numbers and
// constants with it.
#ifndef OCELLUS_CV4L_H
#define OCELLUS_CV4L_H

typedef __UINT8_TYPE__ ocellus_u8;
typedef __UINT32_TYPE__ ocellus_u32;
typedef __INT32_TYPE__ ocellus_s32;
typedef __INT64_TYPE__ ocellus_s64;

struct ocellus_v4l2_capability {
  ocellus_u8 driver[16];
  ocellus_u8 card[32];
  ocellus_u8 bus_info[32];
  ocellus_u32 version;
  ocellus_u32 capabilities;
  ocellus_u32 device_caps;
  ocellus_u32 reserved[3];
};

struct ocellus_v4l2_fmtdesc {
  ocellus_u32 index;
  ocellus_u32 type;
  ocellus_u32 flags;
  ocellus_u8 description[32];
  ocellus_u32 pixelformat;
  ocellus_u32 mbus_code;
  ocellus_u32 reserved[3];
};

struct ocellus_v4l2_fract {
  ocellus_u32 numerator;
  ocellus_u32 denominator;
};

struct ocellus_v4l2_frmsizeenum {
  ocellus_u32 index;
  ocellus_u32 pixel_format;
  ocellus_u32 type;
  // Discrete: width, height. Otherwise the ranges below.
  ocellus_u32 min_width;
  ocellus_u32 max_width_or_height;
  ocellus_u32 step_width;
  ocellus_u32 min_height;
  ocellus_u32 max_height;
  ocellus_u32 step_height;
  ocellus_u32 reserved[2];
};

struct ocellus_v4l2_frmivalenum {
  ocellus_u32 index;
  ocellus_u32 pixel_format;
  ocellus_u32 width;
  ocellus_u32 height;
  ocellus_u32 type;
  // Discrete: one interval. Otherwise the shortest, the longest, the step.
  struct ocellus_v4l2_fract interval[3];
  ocellus_u32 reserved[2];
};

struct ocellus_v4l2_pix_format {
  ocellus_u32 width;
  ocellus_u32 height;
  ocellus_u32 pixelformat;
  ocellus_u32 field;
  ocellus_u32 bytesperline;
  ocellus_u32 sizeimage;
  ocellus_u32 colorspace;
  ocellus_u32 priv;
  ocellus_u32 flags;
  ocellus_u32 ycbcr_enc;
  ocellus_u32 quantization;
  ocellus_u32 xfer_func;
};

struct ocellus_v4l2_format {
  ocellus_u32 type;
  union {
    struct ocellus_v4l2_pix_format pix;
    ocellus_u8 raw[200];
    // Other members of the kernel's union hold pointers.
    void *alignment;
  } fmt;
};

struct ocellus_v4l2_requestbuffers {
  ocellus_u32 count;
  ocellus_u32 type;
  ocellus_u32 memory;
  ocellus_u32 capabilities;
  ocellus_u32 reserved;
};

// The time's fields are C's long, as in the C library's default struct timeval.
struct ocellus_v4l2_buffer {
  ocellus_u32 index;
  ocellus_u32 type;
  ocellus_u32 bytesused;
  ocellus_u32 flags;
  ocellus_u32 field;
  long seconds;
  long microseconds;
  ocellus_u32 timecode[4];
  ocellus_u32 sequence;
  ocellus_u32 memory;
  union {
    ocellus_u32 offset;
    unsigned long userptr;
  } m;
  ocellus_u32 length;
  ocellus_u32 reserved2;
  ocellus_u32 request_fd;
};

struct ocellus_v4l2_captureparm {
  ocellus_u32 capability;
  ocellus_u32 capturemode;
  struct ocellus_v4l2_fract timeperframe;
  ocellus_u32 extendedmode;
  ocellus_u32 readbuffers;
  ocellus_u32 reserved[4];
};

struct ocellus_v4l2_streamparm {
  ocellus_u32 type;
  union {
    struct ocellus_v4l2_captureparm capture;
    ocellus_u8 raw[200];
  } parm;
};

struct ocellus_v4l2_control {
  ocellus_u32 id;
  ocellus_s32 value;
};

struct ocellus_v4l2_queryctrl {
  ocellus_u32 id;
  ocellus_u32 type;
  ocellus_u8 name[32];
  ocellus_s32 minimum;
  ocellus_s32 maximum;
  ocellus_s32 step;
  ocellus_s32 default_value;
  ocellus_u32 flags;
  ocellus_u32 reserved[2];
};

struct ocellus_v4l2_event_subscription {
  ocellus_u32 type;
  ocellus_u32 id;
  ocellus_u32 flags;
  ocellus_u32 reserved[5];
};

struct ocellus_v4l2_event {
  ocellus_u32 type;
  union {
    ocellus_u32 src_change_changes;
    ocellus_u8 data[64];
    ocellus_s64 alignment;
  } u;
  ocellus_u32 pending;
  ocellus_u32 sequence;
  long seconds;
  long nanoseconds;
  ocellus_u32 id;
  ocellus_u32 reserved[8];
};

// A request's number holds the direction of its argument, the argument's size, 'V' and the request's own number.
#define OCELLUS_V4L2_REQUEST(direction, number, type) \
  ((direction) << 30 | (ocellus_u32)sizeof(type) << 16 | (ocellus_u32)'V' << 8 | (number))

enum ocellus_v4l2_request {
  OCELLUS_VIDIOC_QUERYCAP = OCELLUS_V4L2_REQUEST(2u, 0, struct ocellus_v4l2_capability),
  OCELLUS_VIDIOC_ENUM_FMT = OCELLUS_V4L2_REQUEST(3u, 2, struct ocellus_v4l2_fmtdesc),
  OCELLUS_VIDIOC_S_FMT = OCELLUS_V4L2_REQUEST(3u, 5, struct ocellus_v4l2_format),
  OCELLUS_VIDIOC_REQBUFS = OCELLUS_V4L2_REQUEST(3u, 8, struct ocellus_v4l2_requestbuffers),
  OCELLUS_VIDIOC_QUERYBUF = OCELLUS_V4L2_REQUEST(3u, 9, struct ocellus_v4l2_buffer),
  OCELLUS_VIDIOC_QBUF = OCELLUS_V4L2_REQUEST(3u, 15, struct ocellus_v4l2_buffer),
  OCELLUS_VIDIOC_DQBUF = OCELLUS_V4L2_REQUEST(3u, 17, struct ocellus_v4l2_buffer),
  OCELLUS_VIDIOC_STREAMON = OCELLUS_V4L2_REQUEST(1u, 18, int),
  OCELLUS_VIDIOC_STREAMOFF = OCELLUS_V4L2_REQUEST(1u, 19, int),
  OCELLUS_VIDIOC_G_PARM = OCELLUS_V4L2_REQUEST(3u, 21, struct ocellus_v4l2_streamparm),
  OCELLUS_VIDIOC_S_PARM = OCELLUS_V4L2_REQUEST(3u, 22, struct ocellus_v4l2_streamparm),
  OCELLUS_VIDIOC_G_CTRL = OCELLUS_V4L2_REQUEST(3u, 27, struct ocellus_v4l2_control),
  OCELLUS_VIDIOC_S_CTRL = OCELLUS_V4L2_REQUEST(3u, 28, struct ocellus_v4l2_control),
  OCELLUS_VIDIOC_QUERYCTRL = OCELLUS_V4L2_REQUEST(3u, 36, struct ocellus_v4l2_queryctrl),
  OCELLUS_VIDIOC_ENUM_FRAMESIZES = OCELLUS_V4L2_REQUEST(3u, 74, struct ocellus_v4l2_frmsizeenum),
  OCELLUS_VIDIOC_ENUM_FRAMEINTERVALS = OCELLUS_V4L2_REQUEST(3u, 75, struct ocellus_v4l2_frmivalenum),
  OCELLUS_VIDIOC_DQEVENT = OCELLUS_V4L2_REQUEST(2u, 89, struct ocellus_v4l2_event),
  OCELLUS_VIDIOC_SUBSCRIBE_EVENT = OCELLUS_V4L2_REQUEST(1u, 90, struct ocellus_v4l2_event_subscription),
};

enum {
  OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE = 1,
  OCELLUS_V4L2_MEMORY_MMAP = 1,
  OCELLUS_V4L2_FIELD_NONE = 1,

  OCELLUS_V4L2_CAP_VIDEO_CAPTURE = 0x1,
  OCELLUS_V4L2_CAP_VIDEO_OUTPUT = 0x2,
  OCELLUS_V4L2_CAP_VIDEO_CAPTURE_MPLANE = 0x1000,
  OCELLUS_V4L2_CAP_VIDEO_OUTPUT_MPLANE = 0x2000,
  OCELLUS_V4L2_CAP_VIDEO_M2M_MPLANE = 0x4000,
  OCELLUS_V4L2_CAP_VIDEO_M2M = 0x8000,
  OCELLUS_V4L2_CAP_META_CAPTURE = 0x800000,
  OCELLUS_V4L2_CAP_STREAMING = 0x4000000,
  OCELLUS_V4L2_CAP_META_OUTPUT = 0x8000000,
  OCELLUS_V4L2_CAP_IO_MC = 0x20000000,
  OCELLUS_V4L2_CAP_DEVICE_CAPS = 0x80000000,

  OCELLUS_V4L2_FRMSIZE_TYPE_DISCRETE = 1,
  OCELLUS_V4L2_FRMIVAL_TYPE_DISCRETE = 1,
  OCELLUS_V4L2_CAP_TIMEPERFRAME = 0x1000,

  OCELLUS_V4L2_BUF_FLAG_ERROR = 0x40,
  OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MASK = 0xe000,
  OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC = 0x2000,

  OCELLUS_V4L2_EVENT_SOURCE_CHANGE = 5,

  OCELLUS_V4L2_CTRL_FLAG_DISABLED = 1,
  OCELLUS_V4L2_CID_EXPOSURE_AUTO = 0x9a0901,
  OCELLUS_V4L2_CID_EXPOSURE_ABSOLUTE = 0x9a0902,
  OCELLUS_V4L2_CID_EXPOSURE_AUTO_PRIORITY = 0x9a0903,
  OCELLUS_V4L2_EXPOSURE_AUTO = 0,
  OCELLUS_V4L2_EXPOSURE_MANUAL = 1,
  OCELLUS_V4L2_EXPOSURE_APERTURE_PRIORITY = 3,
};

// libv4lconvert, which turns what cameras send into a few common formats.
struct v4lconvert_data;
/// NULL when there is no memory.
struct v4lconvert_data *ocellus_v4lconvert_create(void);
void v4lconvert_destroy(struct v4lconvert_data *data);
/// -1 where it cannot, with its words in v4lconvert_get_error_message; otherwise the bytes written. The formats are
/// the kernel's struct v4l2_format.
int v4lconvert_convert(
    struct v4lconvert_data *data, const struct ocellus_v4l2_format *source_format,
    const struct ocellus_v4l2_format *target_format, unsigned char *source, int source_size, unsigned char *target,
    int target_size);
const char *v4lconvert_get_error_message(struct v4lconvert_data *data);

#endif
