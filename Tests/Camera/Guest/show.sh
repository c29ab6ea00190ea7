# One picture, what its file gives and what each format of the cameras gives.

. "$board/vivid-camera.sh"
. "$board/usb-camera.sh"

set_up() {
  load_vivid
  load_usb_camera
  vivid=$camera
  echo "ANSWER file $(file_answer shown picture.jpg)"
  echo "ANSWER grey-file $(file_answer shown 640x480/grey.jpg)"
}

# Prints the answer to one frame, whatever it is. Argument: the format.
answer() {
  watch shown "$camera" --format "$1" --size 640x480 --count 1
  finish
  has_answers 1 || fail "no answer"
  echo "ANSWER $1 $(answers_in < $answers)"
}

answer_vivid() { # format, its code
  camera=$vivid
  show shown "$2"
  answer "$1"
}

test_yuyv() { answer_vivid YUYV YUYV; }
test_nv12() { answer_vivid NV12 NV12; }
test_rgb24() { answer_vivid RGB24 RGB3; }
test_grey() { answer_vivid GREY GREY; }

test_mjpeg() {
  plug_in shown
  answer MJPG
}
