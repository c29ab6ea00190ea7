#!/usr/bin/env bash
# Reads the first usable camera: one that gives MJPEG, which v4l2-ctl streams into the classifier. Exits with 1,
# having said nothing more than why, where there is none.
# Argument: the ocellus program.
set -euo pipefail
program=$1
here=$(dirname "$0")
frames=300
# The answers are shown as they come, and counted.
exec 3>&1

shopt -s nullglob
devices=(/dev/video*)
if [ ${#devices[@]} = 0 ]; then
  echo "No camera here: reading the bundled clip."
  exit 1
fi
command -v v4l2-ctl > /dev/null ||
  "$here/../../Tests/Scripts/install-dependencies.sh" v4l-utils:/usr/bin/v4l2-ctl

for device in "${devices[@]}"; do
  v4l2-ctl -d "$device" --list-formats 2> /dev/null | grep -q MJPG || continue
  echo "Reading $frames frames of $device."
  answers=$(v4l2-ctl -d "$device" --set-fmt-video=pixelformat=MJPG --stream-mmap --stream-count=$frames \
    --stream-to=- 2> /dev/null |
    "$program" classify --model "$here/../meter-digits.ocm" --top 1 - | tee /dev/fd/3 | wc -l) || true
  if [ "${answers:-0}" -gt 0 ]; then exit 0; fi
done
echo "No camera here gives MJPEG: reading the bundled clip."
exit 1
