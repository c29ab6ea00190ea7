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

# Prints the answer to one frame, which must have the file's label. Arguments: the format, the picture's file.
answer() {
  watch shown "$camera" --format "$1" --size 640x480 --count 1
  finish
  echo "ANSWER $1 $(answers_in < $answers)"
  expect_answers shown "$2"
}

answer_vivid() { # format, its code, the picture's file
  camera=$vivid
  show shown "$2"
  answer "$1" "$3"
}

test_yuyv() { answer_vivid YUYV YUYV picture.jpg; }
test_nv12() { answer_vivid NV12 NV12 picture.jpg; }
test_rgb24() { answer_vivid RGB24 RGB3 picture.jpg; }
test_grey() { answer_vivid GREY GREY 640x480/grey.jpg; }

test_mjpeg() {
  plug_in shown
  answer MJPG picture.jpg
}
