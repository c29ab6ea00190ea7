// Sets a control of a camera: camera-control DEVICE NAME VALUE. vivid's faults are controls.
#include <fcntl.h>
#include <unistd.h>

#include "controls.h"

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: camera-control DEVICE NAME VALUE\n");
    return 2;
  }
  int device = open(arguments[1], O_RDWR | O_NONBLOCK);
  if (device < 0) fail(arguments[1]);
  if (set_control(device, arguments[2], atoi(arguments[3])) < 0) fail(arguments[2]);
  return 0;
}
