#!/usr/bin/env bash
# Boards beside the host, on emulated processors: kernels, operator cases, real and mutated models to the byte,
# photographs and the bundled clip to the line; and what a program does on a processor it was not built for.
# Arguments: the host's programs ocellus and ocellusc. The boards' programs, their runners and the cases are in build/.
set -euo pipefail
cd "$(dirname "$0")/../.."
host=$1 compiler=$2
out=build/test-arm
data=${OCELLUS_DATA:-../shared/data}
passed=0 failed=0
mkdir -p "$out"

check() { # what, command…: counts its success
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $what"
  fi
}

emulate() { # board, processor, program, arguments…
  local emulator=qemu-aarch64 board=$1 processor=$2 program=$3
  shift 3
  [ "$board" = armv7 ] && emulator=qemu-arm
  "$emulator" -cpu "$processor" "build/$board/$program" "$@"
}

# The emulator has no Cortex-A55; "max" has all that it has.
boards="rpi-zero2w:cortex-a53 rpi3:cortex-a53 rpi4:cortex-a72 rpi5:cortex-a76 rock3:max arm64:max armv7:cortex-a7"

for pair in $boards; do check "the board ${pair%:*}" Tests/Scripts/check-board.sh "${pair%:*}"; done
check "the camera interface" Tests/Scripts/check-v4l2-layout.sh arm64 armhf

# Cases: one board for each core, and each instruction set there.
run_cases() { # board:processor
  emulate "${1%:*}" "${1#*:}" board-runner < "$out/board.cases" > "$out/${1%:*}.log" 2>&1
}
export -f run_cases emulate
export out
xargs -n 1 -P "$(nproc)" bash -c 'run_cases "$0" || true' <<< \
  "rpi5:cortex-a76 arm64:max rpi3:cortex-a53 rpi4:cortex-a72 armv7:cortex-a7"
for board in rpi3 rpi4 rpi5 arm64 armv7; do
  log=$out/$board.log
  grep FAILED "$log" | head -20 | sed "s/^/$board: /" || true
  if counts=$(tail -n 1 "$log" | grep -E '^[0-9]+ passed, [0-9]+ failed$'); then
    echo "$board: $counts of the cases"
    read -r good _ bad _ <<< "$counts"
    passed=$((passed + good)) failed=$((failed + bad))
  else
    failed=$((failed + 1))
    echo "$board: the runner died at: $(tail -n 1 "$log")"
  fi
done

# Lines: every board's program, and those for newer cores on an older one.
classify() { # command…
  "$@" classify --model firmware-models/meter-digits.ocm --count 5 firmware-models/meter-digits/clip.mjpeg
  if [ -d "$data/imagenet_sample" ]; then
    "$@" classify --model "$out/photographs.ocm" "$out/photographs"
  fi
  # libjpeg's own limit of memory, in kilobytes or megabytes, which boards read by a stand-in for sscanf.
  if [ -d "$data/jpeg_odd" ]; then
    for limit in 1 900k 2m x; do
      JPEGMEM=$limit "$@" classify --model firmware-models/meter-digits.ocm \
        "$data/jpeg_odd/ref/progressive3.jpg" 2>&1 || true
    done
  fi
}
if [ -d "$data/imagenet_sample" ]; then
  network=$data/models/imagenet/mobilenet_v3_small_1.0_224_uint8.tflite
  "$compiler" compile "$network" -o "$out/photographs.ocm" \
    --labels "$data/models/imagenet/imagenet_labels_1001.txt" > /dev/null
  mkdir -p "$out/photographs"
  tar -tf "$data/imagenet_sample/images.tar" | awk 'tolower($0) ~ /\.jpe?g$/ && count++ < 20' > "$out/photographs.list"
  tar -xf "$data/imagenet_sample/images.tar" -C "$out/photographs" -T "$out/photographs.list"
else
  echo "SKIPPED: no photographs at $data (set OCELLUS_DATA); only the bundled clip is classified"
fi
classify "$host" > "$out/host.lines"
same_lines() { # board, processor
  classify emulate "$1" "$2" ocellus > "$out/$1-$2.lines" && diff "$out/host.lines" "$out/$1-$2.lines" | head -4
  cmp -s "$out/host.lines" "$out/$1-$2.lines"
}
[ "$(wc -l < "$out/host.lines")" -ge 5 ] || { echo "test-arm: the host classified nothing" >&2; exit 1; }
for pair in $boards rpi5:cortex-a53 rock3:cortex-a53 arm64:cortex-a53; do
  check "lines of ${pair%:*} on ${pair#*:}" same_lines "${pair%:*}" "${pair#*:}"
done

# The 32-bit program on a processor that the C library is too new for.
says_so() {
  local status=0
  emulate armv7 arm1176 ocellus --version 2> "$out/arm1176.log" || status=$?
  [ $status = 1 ] && grep -q "older than Armv7" "$out/arm1176.log"
}
check "armv7 on an ARM1176" says_so

echo "$passed passed, $failed failed"
[ $failed = 0 ]
