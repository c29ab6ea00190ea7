#!/usr/bin/env bash
# Makes the seeded MobileNets that the benchmarks compare, where they are not there yet: FOLDER/models/*_int8.tflite.
# Argument: the folder, which also gets the Python environment.
set -euo pipefail
[ -e "$1/models/mobilenet_v3_small_int8.tflite" ] && exit 0
"$(dirname "$0")/python-environment.sh" "$1/tensorflow" "$(dirname "$0")/../Benchmarks/requirements-models.txt"
echo "Making the seeded networks (the converter's words go to $1/models.log)."
"$1/tensorflow/bin/python" "$(dirname "$0")/../Benchmarks/make_models.py" "$1/models" > "$1/models.log" 2>&1
