#!/usr/bin/env bash
# Compares every size, offset, request number and constant of CV4L.h with the kernel's linux/videodev2.h.
# Arguments: none for this machine, or boards' architectures (Debian's names) whose Swift SDKs are in build/.
set -euo pipefail
cd "$(dirname "$0")/../.."
header=Sources/CV4L/include/CV4L.h
source=Tests/Scripts/v4l2-layout.c
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the header declares is what is compared: a constant by its name in the kernel's header, a structure by hand.
sed -nE 's/^  OCELLUS_([A-Z0-9_]+) = .*/SAME(OCELLUS_\1, \1);/p' "$header" > "$work/constants"
structures() { grep -oE "$1\(?(ocellus_)?v4l2_[a-z]+(_[a-z]+)*$2" "$3" | sed -E 's/.*v4l2_([a-z_]+).*/\1/' | sort; }
if ! diff <(structures '^struct ' ' [{]' "$header") <(structures '^STRUCTURE' '[)]' "$source"); then
  echo "check-v4l2-layout: $source and $header do not have the same structures" >&2
  exit 1
fi
cat "$source" "$work/constants" > "$work/layout.c"

compare() { # what, options of the compiler…
  local what=$1
  shift
  "$clang" -std=gnu11 -fsyntax-only -I "$(dirname "$header")" "$@" "$work/layout.c" || return 1
  echo "$what: the camera interface is laid out as in the kernel's header."
}

status=0
[ $# = 0 ] && { compare "$(uname -m)" || status=1; }
for architecture in "$@"; do
  sysroot=build/swift-sdks/ocellus-$architecture.artifactbundle/sdk/sysroot
  case $architecture in
    arm64) linux=aarch64-linux-gnu ;;
    armhf) linux=arm-linux-gnueabihf ;;
    *) echo "check-v4l2-layout: no architecture $architecture; there are arm64 and armhf" >&2; exit 2 ;;
  esac
  compare "$architecture" --target="$linux" --sysroot="$sysroot" -isystem "$sysroot/usr/include/$linux" || status=1
done
exit $status
