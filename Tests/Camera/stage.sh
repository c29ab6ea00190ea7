#!/usr/bin/env bash
# What the emulated board boots: Debian's arm64 kernel with the modules of cameras, and busybox. Both are downloaded
# once; afterwards nothing is. Leaves in the folder: kernel, modules/ (with modules.builtin), busybox.
# Argument: a folder of the build.
set -euo pipefail
cd "$(dirname "$0")/../.."
. boards/debian-packages.sh
stage=$1

# Nothing half-made is left where the next run would take it for whole.
work=$stage.partial
rm -rf "$stage" "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
open_debian arm64 "$work/apt"
# The kernel's package has another name with each release; the metapackage depends on the current one.
kernel=$(apt-cache depends linux-image-arm64 | awk '$1 == "Depends:" { print $2; exit }')
download_packages "$work/packages" "$kernel" busybox-static

folders=(media usb)
patterns=()
for folder in "${folders[@]}"; do patterns+=("./lib/modules/*/kernel/drivers/$folder/*"); done
dpkg-deb --fsys-tarfile "$work/packages/$kernel"_*.deb |
  tar -x -C "$work" --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.builtin' "${patterns[@]}"
dpkg-deb -x "$work"/packages/busybox-static_*.deb "$work/busybox-static"
mv "$work"/boot/vmlinuz-* "$work/kernel"
mv "$work"/lib/modules/* "$work/modules"
mv "$work/busybox-static/bin/busybox" "$work/busybox"
rm -rf "$work/apt" "$work/packages" "$work/boot" "$work/lib" "$work/busybox-static"
mv "$work" "$stage"
