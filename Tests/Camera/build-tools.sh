#!/usr/bin/env bash
# Builds the tools of the camera tests: those of the board, static, against the libraries that the board's program is
# linked with; those of this machine. Arguments: the sysroot of a Swift SDK bundle for arm64, a folder of the build.
set -euo pipefail
sysroot=$1 out=$2
cd "$(dirname "$0")/Tools"
mkdir -p "$out/host"
toolchain=$(dirname "$(readlink -f "$(command -v swiftc)")")
# A structure that names some of its fields leaves the others zero.
compile=("$toolchain/clang" -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-missing-field-initializers)
board=("${compile[@]}" --target=aarch64-linux-gnu --sysroot="$sysroot" -fuse-ld=lld -static)

"${board[@]}" -o "$out/usb-camera" usb-camera/*.c
for tool in camera-control vivid-feeder; do
  "${board[@]}" -o "$out/$tool" $tool.c
  "${compile[@]}" -o "$out/host/$tool" $tool.c
done
"${compile[@]}" -o "$out/camera-pictures" camera-pictures.c -ljpeg
