// Pictures as isochronous packets, at the rate that was negotiated: each packet begins with a payload header.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "camera.h"

// Bits of the payload header. No time stamps: the emulated bus counts no frames that they could refer to.
enum { frame_bit = 0x01, end_of_frame = 0x02, error_bit = 0x40, end_of_header = 0x80, header_length = 2 };

static struct picture picture;
static size_t sent;
static bool has_picture, is_marked;
static uint8_t toggled_bit;
static unsigned long frame_number;
/// When the next frame and the next transfer are due, in nanoseconds; 0 before the first.
static uint64_t next_frame, next_transfer;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void begin_frame(uint64_t time) {
  uint64_t interval = committed.interval * 100ull;
  frame_number++;
  picture = next_picture(&frame_sizes[committed.frame - 1], committed.format, frame_number);
  sent = 0;
  has_picture = true;
  is_marked = faults.marked > 0 && frame_number % faults.marked == 0;
  toggled_bit ^= frame_bit;
  // A camera that the emulator kept waiting goes on from here; it doesn't catch up.
  next_frame = next_frame + interval < time ? time : next_frame + interval;
}

/// Fills one packet and returns its length.
static size_t fill_packet(uint8_t *bytes, size_t room) {
  bytes[0] = header_length;
  bytes[1] = end_of_header | toggled_bit;
  if (!has_picture || room <= header_length) return header_length;
  if (is_marked) bytes[1] |= error_bit;
  size_t count = picture.length - sent;
  if (count > room - header_length) count = room - header_length;
  memcpy(bytes + header_length, picture.bytes + sent, count);
  sent += count;
  if (sent == picture.length) {
    bytes[1] |= end_of_frame;
    has_picture = false;
  }
  return header_length + count;
}

int send_pictures(void) {
  static uint8_t bytes[most_packets * 3072];
  const uint64_t microframe = 125000, millisecond = 1000000;
  if (!is_streaming) {
    has_picture = false;
    next_frame = next_transfer = 0;
    return -1;
  }
  struct transfer *transfer = waiting_transfers;
  if (!transfer) return -1;
  uint64_t time = now();
  if (time < next_transfer) return (int)((next_transfer - time + millisecond - 1) / millisecond);
  if (next_transfer + 50 * millisecond < time) next_transfer = time;
  next_transfer += transfer->packet_count * microframe;
  if (!has_picture && time >= next_frame) begin_frame(time);

  size_t length = 0;
  for (uint32_t index = 0; index < transfer->packet_count; index++) {
    struct packet *packet = &transfer->packets[index];
    size_t room = packet->length < 3072 ? packet->length : 3072;
    packet->actual_length = (uint32_t)fill_packet(bytes + length, room);
    length += packet->actual_length;
  }
  complete_transfer(bytes, length);
  return 0;
}
