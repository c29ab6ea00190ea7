// An emulated USB camera: what its files share. One camera, one thread.
//
// The kernel's vhci-hcd gives a USB port whose device is a program at the other end of a socket (link.c). Here it is a
// camera of the USB Video Class 1.0 (descriptors.c, requests.c), which sends pictures (pictures.c) as isochronous
// packets (stream.c), well or badly as it was told (faults). The kernel's own uvcvideo makes /dev/video* of it.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Pictures

enum { most_sizes = 8, most_pictures = 16 };

/// The formats in the order of the descriptors, which count from 1.
enum format { mjpeg = 1, yuyv = 2, format_count = 2 };

struct picture {
  const uint8_t *bytes;
  size_t length;
};

/// A size that the camera offers, in pixels, and what it shows at it: its JPEGs in turn, or one raw frame in YUYV.
struct frame_size {
  int width, height;
  int jpeg_count;
  struct picture jpegs[most_pictures];
  struct picture yuyv;
};

extern struct frame_size frame_sizes[most_sizes];
extern int frame_size_count;

/// What is wrong with the pictures: every Nth, or none for 0. Commands change it at any time.
struct faults {
  unsigned truncated;      // cut off in the middle
  unsigned marked;         // with the error bit of the UVC payload header
  unsigned extraneous;     // with bytes after a marker segment that belong to nothing
  bool without_huffman;    // without their tables, which UVC allows
};
extern struct faults faults;

/// The bytes of frame `number`, counted from 1, with the faults that it is to have. Valid until the next call.
struct picture next_picture(const struct frame_size *size, enum format format, unsigned long number);

// The USB device

/// What probe and commit negotiate: format and frame count from 1, the interval is in units of 100 ns.
struct negotiated {
  uint8_t format, frame;
  uint32_t interval;
};
extern struct negotiated committed;

extern const uint32_t intervals[3];
enum { interval_count = 3 };

/// The alternate settings of the streaming interface: 0 sends nothing, the others have packets of this many bytes,
/// up to three a microframe.
extern const uint16_t packet_sizes[4];
enum { alternate_count = 4 };
int packet_bytes(uint16_t packet_size);
int most_frame_bytes(const struct frame_size *size);

enum { video_control = 0, video_streaming = 1, streaming_endpoint = 0x81 };
enum { camera_terminal = 1, processing_unit = 2 };

/// The descriptor of a type and index. Returns its length, 0 where there is none.
size_t descriptor(int type, int index, const uint8_t **bytes);

/// Makes the descriptors of the sizes there are.
void build_descriptors(void);

/// Answers a request of the control endpoint. `data` holds what came with it, or takes the answer.
/// Returns the answer's length, or -1 for a stall.
int answer_request(const uint8_t setup[8], uint8_t *data);

/// Whether the streaming interface has an alternate setting with packets.
extern bool is_streaming;

// The link to the kernel

struct packet {
  uint32_t offset, length, actual_length, status;
};
enum { most_packets = 128 };

/// Isochronous packets that the kernel waits for.
struct transfer {
  struct transfer *next;
  uint32_t number, packet_count;
  struct packet packets[most_packets];
};
extern struct transfer *waiting_transfers;

/// Plugs the camera in. Returns whether the port was free.
bool plug(void);
void unplug(void);
bool is_plugged(void);
/// The socket to poll, -1 where the camera is unplugged.
int link_socket(void);
/// Reads one message of the kernel and does what it says.
void handle_message(void);
/// Answers the first of the waiting transfers with `bytes`, its packets' actual lengths on end.
void complete_transfer(const uint8_t *bytes, size_t length);

// The stream

/// Sends what is due. Returns the milliseconds until there is more, -1 where only a message can bring it.
int send_pictures(void);
