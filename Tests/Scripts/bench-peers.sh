#!/usr/bin/env bash
# Ocellus beside LiteRT, OpenVINO and ONNX Runtime, on seeded MobileNets and, where they are, on the real uint8 ones.
# Arguments: the programs ocellus and ocellusc.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/benchmarks
data=${OCELLUS_DATA:-../shared/data}
mkdir -p "$out"

environment() { # name, requirements
  Tests/Scripts/python-environment.sh "$out/$1" "Tests/Benchmarks/$2"
}

environment peers requirements.txt
Tests/Scripts/make-networks.sh "$out"
models=("$out"/models/*_int8.tflite)
if [ -d "$data/models/imagenet" ]; then
  models+=("$data"/models/imagenet/*uint8.tflite "$data"/models/imagenet/*quant.tflite)
else
  echo "SKIPPED: no real models at $data (set OCELLUS_DATA); only the seeded ones are compared"
fi

# ONNX Runtime takes the same networks as ONNX files, with quantised operators between QuantizeLinear and
# DequantizeLinear; one that can't be converted is left out of its column.
mkdir -p "$out/onnx"
for model in "${models[@]}"; do
  onnx=$out/onnx/$(basename "$model" .tflite).onnx
  [ -e "$onnx" ] && continue
  environment tensorflow requirements-models.txt
  "$out/tensorflow/bin/python" -m tf2onnx.convert --tflite "$model" --output "$onnx" --opset 17 \
    > "$out/onnx.log" 2>&1 || echo "$(basename "$model"): no ONNX file of it (see $out/onnx.log)"
done

"$out/peers/bin/python" Tests/Benchmarks/compare.py "$1" "$2" "$out/compiled" "$out/onnx" "${models[@]}"
