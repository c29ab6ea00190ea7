# vivid, the kernel's virtual video driver, as an HDMI camera that shows our pictures.

set_up() {
  # One device with one HDMI input and one HDMI output.
  load_module vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=3 num_outputs=1 output_types=1
  camera=$(device_named 'vivid-*-vid-cap')
  output=$(device_named 'vivid-*-vid-out')
}

# Shows a subject's picture. Arguments: a subject, the code of a format.
show() {
  [ -z "$feeder" ] || { kill "$feeder"; wait "$feeder"; } 2> /dev/null || true
  vivid-feeder "$camera" "$output" "$2" 640x480 "/subjects/$1/640x480/$2" > $work/feeder 2>&1 &
  feeder=$!
  wait_until $patience grep -q feeding $work/feeder || fail "the feeder: $(cat $work/feeder)"
}

# What the camera shows in a format gets the file's answer. Arguments: the program's name of the format, its code, the
# picture's file.
same_answers() {
  local subject
  for subject in digit photograph; do
    has_subject $subject || continue
    show $subject "$2"
    watch $subject "$camera" --format "$1" --size 640x480 --count 3
    finish
    expect_answers $subject "$3"
  done
}

test_yuyv() { same_answers YUYV YUYV picture.jpg; }
test_nv12() { same_answers NV12 NV12 picture.jpg; }
test_rgb24() { same_answers RGB24 RGB3 picture.jpg; }
test_grey() { same_answers GREY GREY 640x480/grey.jpg; }
