# vivid, the kernel's virtual video driver, as an HDMI camera that shows our pictures.

. "$board/vivid-camera.sh"

set_up() { load_vivid; }

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

# vivid has no MJPEG and, asked for it, gives YUYV without a word: the program must not take that for JPEG.
test_format_that_is_not_there() {
  ! timeout $patience ocellus classify --model "$subjects/digit/model.ocm" --camera "$camera" --format MJPG --count 1 \
    > $answers 2> $faults || fail "answered: $(cat $answers)"
  grep -q 'in no format that fits' $faults || fail "not said: $(cat $faults)"
}

# Starts the program in front of the digit.
watch_digit() {
  show digit YUYV
  watch digit "$camera" --format YUYV --size 640x480
  more_answers 2
}

press() { camera-control "$camera" "$1" 1; }

# Ends the program, all of whose answers must have been the file's.
stop_with_the_files_answers() {
  stop
  expect_answers digit picture.jpg
  note "$(summary)"
}

# Buffers that the driver marks as damaged. A press marks the next buffer of the camera or of the feeder.
test_flagged_buffers() {
  watch_digit
  wait_until $patience flag_a_buffer || fail "nothing said of them"
  press inject_v4l2_buf_flag_error
  more_answers 2
  expect_one_report "$flagged_report"
  stop_with_the_files_answers
}
flag_a_buffer() {
  press inject_v4l2_buf_flag_error
  sleep 0.03
  has_reports 1 "$flagged_report"
}

test_dropped_buffers() {
  watch_digit
  camera-control "$camera" percentage_of_dropped_buffers 50
  more_answers 8
  camera-control "$camera" percentage_of_dropped_buffers 0
  stop_with_the_files_answers
}

# Waits for answers after a fault that ended the feeder too, shows the picture again, and looks at the answers to that.
# Between the two the camera shows the driver's test pattern.
expect_answers_again() {
  local before
  more_answers 2
  show digit YUYV
  more_answers 2
  before=$(answer_count)
  more_answers 2
  expect_answers digit picture.jpg $((before + 1))
}

# The driver gives up a stream: EIO.
test_fatal_streaming_error() {
  local time
  watch_digit
  for time in 1 2; do
    press inject_fatal_streaming_error
    expect_answers_again
  done
  stop
  # Taking a frame fails, or giving one back.
  expect_counted "(driver errors|buffer refused)"
}

# It gives up a stream, and the next one does not start at once.
start_again_in_spite_of() {
  watch_digit
  press "inject_vidioc_$1_error"
  press inject_fatal_streaming_error
  expect_answers_again
  stop
  note "$(summary)"
}

test_reqbufs_error() { start_again_in_spite_of reqbufs; }
test_qbuf_error() { start_again_in_spite_of qbuf; }
test_streamon_error() { start_again_in_spite_of streamon; }

# The driver takes the device away while the node stays, until everyone has closed it.
test_disconnect() {
  watch_digit
  press disconnect
  wait_for_reports 1 "$gone_report"
  wait_for_reports 1 "$back_report"
  expect_answers_again
  stop
}

# vivid stamps frames with the time at which they end, which may be yet to come.
test_ages() {
  local start
  show digit YUYV
  start=$(milliseconds)
  watch digit "$camera" --format YUYV --size 640x480 --count 10
  finish
  expect_sane_ages $start
}

test_cameras() {
  ocellus cameras > $work/list
  expect_words $work/list "$camera" vivid platform:vivid-000 YUYV NV12
  ocellus cameras --json > $work/list
  grep "\"$camera\"" $work/list > $work/camera || fail "no $camera in: $(cat $work/list)"
  expect_words $work/camera '"kind":"camera"' '"driver":"vivid"' '"bus":"platform:vivid-000"' '"format":"YUYV"'
  grep "\"$output\"" $work/list > $work/output || fail "no $output in: $(cat $work/list)"
  expect_words $work/output '"kind":"output"'
}
