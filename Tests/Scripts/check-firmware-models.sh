#!/usr/bin/env bash
# The committed firmware models are what the compiler makes of their networks today.
# Argument: the ocellusc program.
set -euo pipefail
compiler=$(realpath "$1")
cd "$(dirname "$0")/../../firmware-models/meter-digits"
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$compiler" compile meter-digits.tflite -o "$made" --labels labels.txt --crop stretch
cmp "$made" ../meter-digits.ocm || {
  echo "check-firmware-models: compile meter-digits.ocm again, as its card says" >&2
  exit 1
}
