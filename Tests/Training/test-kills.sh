#!/usr/bin/env bash
# Kills fine-tuning runs and fills the disk under them: what is resumed must end in the same bytes.
#
#   test-kills.sh OCELLUS OCELLUSC KILLS
#
# Needs the photographs of OCELLUS_DATA.
set -euo pipefail
ocellus=$1 ocellusc=$2 kills=$3
data=${OCELLUS_DATA:-../shared/data}
photographs=$data/grocery12/train.tar
model=$data/models/imagenet/mobilenet_v3_small_1.0_224_uint8.tflite
if [ ! -f "$photographs" ] || [ ! -f "$model" ]; then
  echo "SKIPPED: no photographs at $data (set OCELLUS_DATA)"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/all" "$folder/photographs"
tar xf "$photographs" -C "$folder/all"
for class in Banana Kiwi Lemon; do
  mkdir "$folder/photographs/$class"
  find "$folder/all/$class" -name '*.jpg' | sort | head -n 15 | xargs cp -t "$folder/photographs/$class"
done
"$ocellusc" compile "$model" -o "$folder/base.ocm"
python3 "$(dirname "$0")/kill_finetune.py" "$ocellus" "$folder/base.ocm" "$folder/photographs" --kills "$kills" \
  -- --blocks 1 --epochs 60
