#!/usr/bin/env bash
# Installs the emulator of boards where it is missing. Fails, having said why, where that can't be done.
cd "$(dirname "$0")/../.." || exit
if ! Tests/Scripts/install-dependencies.sh qemu-system-arm:/usr/bin/qemu-system-aarch64; then
  echo "SKIPPED: qemu-system-aarch64 is missing; apt-get install --no-install-recommends qemu-system-arm"
  exit 1
fi
