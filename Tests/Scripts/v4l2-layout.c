// CV4L.h beside the kernel's header: compiling this is the check. The script that does it adds an assertion for each
// constant and request number that CV4L.h declares, and counts the structures here.
#include <stddef.h>
#include <linux/videodev2.h>

#include "CV4L.h"

#define SAME(ours, theirs) _Static_assert((unsigned long)(ours) == (unsigned long)(theirs), #ours " is not " #theirs)
#define STRUCTURE(name) SAME(sizeof(struct ocellus_##name), sizeof(struct name))
#define SIZE_OF(name, member) sizeof(((struct name *)0)->member)
// A member of another name, and one of the same.
#define RENAMED(name, ours, theirs) \
  SAME(offsetof(struct ocellus_##name, ours), offsetof(struct name, theirs)); \
  SAME(SIZE_OF(ocellus_##name, ours), SIZE_OF(name, theirs))
#define MEMBER(name, member) RENAMED(name, member, member)

STRUCTURE(v4l2_capability);
MEMBER(v4l2_capability, driver);
MEMBER(v4l2_capability, card);
MEMBER(v4l2_capability, bus_info);
MEMBER(v4l2_capability, version);
MEMBER(v4l2_capability, capabilities);
MEMBER(v4l2_capability, device_caps);
MEMBER(v4l2_capability, reserved);

STRUCTURE(v4l2_fmtdesc);
MEMBER(v4l2_fmtdesc, index);
MEMBER(v4l2_fmtdesc, type);
MEMBER(v4l2_fmtdesc, flags);
MEMBER(v4l2_fmtdesc, description);
MEMBER(v4l2_fmtdesc, pixelformat);
MEMBER(v4l2_fmtdesc, mbus_code);
MEMBER(v4l2_fmtdesc, reserved);

STRUCTURE(v4l2_fract);
MEMBER(v4l2_fract, numerator);
MEMBER(v4l2_fract, denominator);

STRUCTURE(v4l2_frmsizeenum);
MEMBER(v4l2_frmsizeenum, index);
MEMBER(v4l2_frmsizeenum, pixel_format);
MEMBER(v4l2_frmsizeenum, type);
RENAMED(v4l2_frmsizeenum, min_width, discrete.width);
RENAMED(v4l2_frmsizeenum, max_width_or_height, discrete.height);
RENAMED(v4l2_frmsizeenum, min_width, stepwise.min_width);
RENAMED(v4l2_frmsizeenum, max_width_or_height, stepwise.max_width);
RENAMED(v4l2_frmsizeenum, step_width, stepwise.step_width);
RENAMED(v4l2_frmsizeenum, min_height, stepwise.min_height);
RENAMED(v4l2_frmsizeenum, max_height, stepwise.max_height);
RENAMED(v4l2_frmsizeenum, step_height, stepwise.step_height);
MEMBER(v4l2_frmsizeenum, reserved);

STRUCTURE(v4l2_frmivalenum);
MEMBER(v4l2_frmivalenum, index);
MEMBER(v4l2_frmivalenum, pixel_format);
MEMBER(v4l2_frmivalenum, width);
MEMBER(v4l2_frmivalenum, height);
MEMBER(v4l2_frmivalenum, type);
RENAMED(v4l2_frmivalenum, interval[0], discrete);
RENAMED(v4l2_frmivalenum, interval[0], stepwise.min);
RENAMED(v4l2_frmivalenum, interval[1], stepwise.max);
RENAMED(v4l2_frmivalenum, interval[2], stepwise.step);
MEMBER(v4l2_frmivalenum, reserved);

STRUCTURE(v4l2_pix_format);
MEMBER(v4l2_pix_format, width);
MEMBER(v4l2_pix_format, height);
MEMBER(v4l2_pix_format, pixelformat);
MEMBER(v4l2_pix_format, field);
MEMBER(v4l2_pix_format, bytesperline);
MEMBER(v4l2_pix_format, sizeimage);
MEMBER(v4l2_pix_format, colorspace);
MEMBER(v4l2_pix_format, priv);
MEMBER(v4l2_pix_format, flags);
MEMBER(v4l2_pix_format, ycbcr_enc);
MEMBER(v4l2_pix_format, quantization);
MEMBER(v4l2_pix_format, xfer_func);

STRUCTURE(v4l2_format);
MEMBER(v4l2_format, type);
MEMBER(v4l2_format, fmt);
MEMBER(v4l2_format, fmt.pix);
RENAMED(v4l2_format, fmt.raw, fmt.raw_data);

STRUCTURE(v4l2_requestbuffers);
MEMBER(v4l2_requestbuffers, count);
MEMBER(v4l2_requestbuffers, type);
MEMBER(v4l2_requestbuffers, memory);
MEMBER(v4l2_requestbuffers, capabilities);
// Some bytes of what is reserved have become flags.
_Static_assert(
    offsetof(struct ocellus_v4l2_requestbuffers, reserved) ==
        offsetof(struct v4l2_requestbuffers, capabilities) + sizeof(__u32),
    "what is reserved lies behind the capabilities");

STRUCTURE(v4l2_buffer);
MEMBER(v4l2_buffer, index);
MEMBER(v4l2_buffer, type);
MEMBER(v4l2_buffer, bytesused);
MEMBER(v4l2_buffer, flags);
MEMBER(v4l2_buffer, field);
RENAMED(v4l2_buffer, seconds, timestamp.tv_sec);
RENAMED(v4l2_buffer, microseconds, timestamp.tv_usec);
MEMBER(v4l2_buffer, timecode);
MEMBER(v4l2_buffer, sequence);
MEMBER(v4l2_buffer, memory);
MEMBER(v4l2_buffer, m);
MEMBER(v4l2_buffer, m.offset);
MEMBER(v4l2_buffer, m.userptr);
MEMBER(v4l2_buffer, length);
MEMBER(v4l2_buffer, reserved2);
MEMBER(v4l2_buffer, request_fd);

STRUCTURE(v4l2_captureparm);
MEMBER(v4l2_captureparm, capability);
MEMBER(v4l2_captureparm, capturemode);
MEMBER(v4l2_captureparm, timeperframe);
MEMBER(v4l2_captureparm, extendedmode);
MEMBER(v4l2_captureparm, readbuffers);
MEMBER(v4l2_captureparm, reserved);

STRUCTURE(v4l2_streamparm);
MEMBER(v4l2_streamparm, type);
MEMBER(v4l2_streamparm, parm);
MEMBER(v4l2_streamparm, parm.capture);
RENAMED(v4l2_streamparm, parm.raw, parm.raw_data);

STRUCTURE(v4l2_control);
MEMBER(v4l2_control, id);
MEMBER(v4l2_control, value);

STRUCTURE(v4l2_queryctrl);
MEMBER(v4l2_queryctrl, id);
MEMBER(v4l2_queryctrl, type);
MEMBER(v4l2_queryctrl, name);
MEMBER(v4l2_queryctrl, minimum);
MEMBER(v4l2_queryctrl, maximum);
MEMBER(v4l2_queryctrl, step);
MEMBER(v4l2_queryctrl, default_value);
MEMBER(v4l2_queryctrl, flags);
MEMBER(v4l2_queryctrl, reserved);

STRUCTURE(v4l2_event_subscription);
MEMBER(v4l2_event_subscription, type);
MEMBER(v4l2_event_subscription, id);
MEMBER(v4l2_event_subscription, flags);
MEMBER(v4l2_event_subscription, reserved);

STRUCTURE(v4l2_event);
MEMBER(v4l2_event, type);
MEMBER(v4l2_event, u);
RENAMED(v4l2_event, u.src_change_changes, u.src_change.changes);
MEMBER(v4l2_event, u.data);
MEMBER(v4l2_event, pending);
MEMBER(v4l2_event, sequence);
RENAMED(v4l2_event, seconds, timestamp.tv_sec);
RENAMED(v4l2_event, nanoseconds, timestamp.tv_nsec);
MEMBER(v4l2_event, id);
MEMBER(v4l2_event, reserved);
