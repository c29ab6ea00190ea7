# The emulated USB camera under the kernel's own uvcvideo, with MJPEG and YUYV.

load_usb_camera() {
  load_module vhci-hcd
  load_module uvcvideo
}

# Plugs a camera in that shows a subject's picture, in place of the one before. Argument: the subject.
plug_in() {
  local folder=$subjects/$1
  clean_up_emulator
  : > $work/emulator
  usb-camera $work/commands --size 640x480 --jpeg "$folder/640x480/color.jpg" --yuyv "$folder/640x480/YUYV" \
    --size 320x240 --jpeg "$folder/320x240/color.jpg" --yuyv "$folder/320x240/YUYV" > $work/emulator 2>&1 &
  emulator=$!
  wait_until $patience is_there || fail "no camera: $(cat $work/emulator)"
  camera=$(capture_node)
}

capture_node() { device_named 'USB Camera*' 0; }
metadata_node() { device_named 'USB Camera*' 1; }
is_there() { [ -c "$(capture_node)" ]; }
is_gone() { [ -z "$(device_named 'USB Camera*')" ]; }

# Pulls the plug of the camera there was, if only in the test before, and waits until the kernel has taken it away.
clean_up_emulator() {
  kill $emulator 2> /dev/null || true
  wait_until $patience is_gone
  rm -f $work/commands
}

# Tells the emulated camera what to do, in the words of its source.
tell() { echo "$*" > $work/commands; }
