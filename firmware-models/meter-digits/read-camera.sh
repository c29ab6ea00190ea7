#!/usr/bin/env bash
# Reads the first camera. Exits with 1, having said nothing more than why, where there is none that can be used.
# Argument: the ocellus program.
set -euo pipefail
program=$1
here=$(dirname "$0")
frames=300

# What is wrong with a camera is worth knowing; that there is none is not.
if ! report=$("$program" cameras); then
  shopt -s nullglob
  nodes=(/dev/video*)
  [ ${#nodes[@]} = 0 ] || echo "$report"
  echo "No camera here: reading the bundled clip."
  exit 1
fi
echo "Reading $frames frames of a camera; Ctrl-C ends it."
"$program" classify --model "$here/../meter-digits.ocm" --top 1 --count $frames
