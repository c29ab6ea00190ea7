// The link to the kernel: vhci-hcd speaks USB/IP (the kernel's Documentation/usb/usbip_protocol) over a socket that is
// handed to it. All its numbers are in network order.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "camera.h"

enum { command_submit = 1, command_unlink = 2, return_submit = 3, return_unlink = 4 };
enum { direction_in = 1 };
#define NO_PACKETS 0xffffffffu

struct header {
  uint32_t command, number, device, direction, endpoint;
  union {
    struct { uint32_t flags, length, start_frame, packet_count, interval; uint8_t setup[8]; } submit;
    struct { uint32_t status, length, start_frame, packet_count, error_count; uint8_t padding[8]; } result;
    struct { uint32_t number; uint8_t padding[24]; } unlink;
    struct { uint32_t status; uint8_t padding[24]; } unlinked;
  };
} __attribute__((packed));
_Static_assert(sizeof(struct header) == 48, "USB/IP's header has 48 bytes");

struct transfer *waiting_transfers;
static int link_descriptor = -1;

// An unlink may come before the submit that it names, which the kernel took back before sending it. Such a submit must
// not be answered: the kernel, which knows it no more, would drop the device. By number, in a ring.
enum { remembered = 4096 };
static uint32_t submitted[remembered], cancelled[remembered];

static void free_transfers(void) {
  while (waiting_transfers) {
    struct transfer *first = waiting_transfers;
    waiting_transfers = first->next;
    free(first);
  }
}

bool is_plugged(void) { return link_descriptor >= 0; }
int link_socket(void) { return link_descriptor; }

bool plug(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return false;
  int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY | O_CLOEXEC);
  // Port 0, the socket, bus 1 and device 1, high speed.
  char words[64];
  int length = snprintf(words, sizeof words, "0 %d %d 3", ends[1], 1 << 16 | 1);
  bool attached = attach >= 0 && write(attach, words, (size_t)length) == length;
  if (attach >= 0) close(attach);
  close(ends[1]);
  if (!attached) {
    close(ends[0]);
    return false;
  }
  link_descriptor = ends[0];
  memset(submitted, 0, sizeof submitted);
  memset(cancelled, 0, sizeof cancelled);
  return true;
}

void unplug(void) {
  if (!is_plugged()) return;
  // The kernel holds the other end: it must see this one end even while a message is on its way.
  shutdown(link_descriptor, SHUT_RDWR);
  close(link_descriptor);
  link_descriptor = -1;
  is_streaming = false;
  free_transfers();
}

static bool receive(void *bytes, size_t length) {
  for (uint8_t *next = bytes; length > 0;) {
    ssize_t count = read(link_descriptor, next, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    next += count;
    length -= (size_t)count;
  }
  return true;
}

static void transmit(const void *bytes, size_t length) {
  for (const uint8_t *next = bytes; length > 0;) {
    ssize_t count = send(link_descriptor, next, length, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unplug();
    next += count;
    length -= (size_t)count;
  }
}

static void answer_submit(uint32_t number, int status, const void *bytes, size_t length, size_t actual_length) {
  static uint8_t message[1 << 20];
  struct header header = {.command = htonl(return_submit), .number = htonl(number)};
  header.result.status = htonl((uint32_t)status);
  header.result.length = htonl((uint32_t)actual_length);
  header.result.packet_count = htonl(NO_PACKETS);
  memcpy(message, &header, sizeof header);
  if (length > 0) memcpy(message + sizeof header, bytes, length);
  transmit(message, sizeof header + length);
}

void complete_transfer(const uint8_t *bytes, size_t length) {
  static uint8_t message[1 << 20];
  struct transfer *transfer = waiting_transfers;
  waiting_transfers = transfer->next;
  struct header header = {.command = htonl(return_submit), .number = htonl(transfer->number)};
  header.result.length = htonl((uint32_t)length);
  header.result.packet_count = htonl(transfer->packet_count);
  memcpy(message, &header, sizeof header);
  memcpy(message + sizeof header, bytes, length);
  size_t total = sizeof header + length;
  for (uint32_t index = 0; index < transfer->packet_count; index++) {
    const struct packet *packet = &transfer->packets[index];
    struct packet sent = {htonl(packet->offset), htonl(packet->length), htonl(packet->actual_length),
                          htonl(packet->status)};
    memcpy(message + total, &sent, sizeof sent);
    total += sizeof sent;
  }
  free(transfer);
  transmit(message, total);
}

/// Reads an isochronous transfer's packets, of which `kept` is false where it was taken back already.
static bool receive_packets(uint32_t number, uint32_t count, bool kept) {
  struct transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer || count > most_packets) abort();
  transfer->number = number;
  transfer->packet_count = count;
  if (!receive(transfer->packets, count * sizeof(struct packet)) || !kept) {
    free(transfer);
    return !kept;
  }
  for (uint32_t index = 0; index < count; index++) {
    struct packet *packet = &transfer->packets[index];
    *packet = (struct packet){ntohl(packet->offset), ntohl(packet->length), 0, 0};
  }
  struct transfer **end = &waiting_transfers;
  while (*end) end = &(*end)->next;
  *end = transfer;
  return true;
}

static bool handle_submit(const struct header *header) {
  uint32_t number = ntohl(header->number), length = ntohl(header->submit.length);
  uint32_t packet_count = ntohl(header->submit.packet_count);
  bool is_in = ntohl(header->direction) == direction_in;
  static uint8_t data[1 << 16];
  memset(data, 0, 64);
  if (length > sizeof data && !is_in) abort();
  if (!is_in && !receive(data, length)) return false;
  submitted[number % remembered] = number;
  bool kept = cancelled[number % remembered] != number;
  if (packet_count != 0 && packet_count != NO_PACKETS) return receive_packets(number, packet_count, kept);
  if (!kept) return true;
  int answer = ntohl(header->endpoint) == 0 ? answer_request(header->submit.setup, data) : -1;
  if (answer < 0) {
    answer_submit(number, -EPIPE, 0, 0, 0);
  } else if (is_in) {
    size_t sent = (uint32_t)answer < length ? (uint32_t)answer : length;
    answer_submit(number, 0, data, sent, sent);
  } else {
    answer_submit(number, 0, 0, 0, length);
  }
  return true;
}

static void handle_unlink(const struct header *header) {
  uint32_t number = ntohl(header->unlink.number);
  // 0 says that the transfer was answered already.
  int status = 0;
  if (submitted[number % remembered] != number) {
    cancelled[number % remembered] = number;
    status = -ECONNRESET;
  }
  for (struct transfer **next = &waiting_transfers; *next; next = &(*next)->next) {
    if ((*next)->number != number) continue;
    struct transfer *found = *next;
    *next = found->next;
    free(found);
    status = -ECONNRESET;
    break;
  }
  struct header answer = {.command = htonl(return_unlink), .number = header->number};
  answer.unlinked.status = htonl((uint32_t)status);
  transmit(&answer, sizeof answer);
}

void handle_message(void) {
  struct header header;
  if (!receive(&header, sizeof header)) return unplug();
  if (ntohl(header.command) == command_submit) {
    if (!handle_submit(&header)) unplug();
  } else if (ntohl(header.command) == command_unlink) {
    handle_unlink(&header);
  }
}
