# vivid's HDMI input and output, of which the one shows what is fed into the other.

# Loads the driver, with one device, and finds its nodes: camera, output.
load_vivid() {
  load_module vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=3 num_outputs=1 output_types=1
  camera=$(device_named 'vivid-*-vid-cap')
  output=$(device_named 'vivid-*-vid-out')
}

# Shows a subject's picture. Arguments: a subject, the code of a format.
show() {
  [ -z "$feeder" ] || { kill "$feeder"; wait "$feeder"; } 2> /dev/null || true
  : > $work/feeder
  vivid-feeder "$camera" "$output" "$2" 640x480 "$subjects/$1/640x480/$2" > $work/feeder 2>&1 &
  feeder=$!
  wait_until $patience grep -q feeding $work/feeder || fail "the feeder: $(cat $work/feeder)"
}
