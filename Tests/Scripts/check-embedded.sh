#!/usr/bin/env bash
# Compiles the board set as Embedded Swift for aarch64-none-none-elf (objects only, warnings as errors) and looks for
# floating-point arithmetic in what comes out. Needs no cross packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Scripts/board-set.sh
. Tests/Scripts/disassembly.sh
out=build/embedded
mkdir -p "$out"

maps=()
for header in CIntrinsics CLinux CJPEG CV4L; do
  maps+=(-Xcc "-fmodule-map-file=Sources/$header/include/module.modulemap")
done

compile() { # module, sources…
  local module=$1
  shift
  swiftc -target aarch64-none-none-elf -enable-experimental-feature Embedded -wmo -parse-as-library -O \
    -swift-version 6 -warnings-as-errors -I "$out" "${maps[@]}" -package-name ocellus -module-name "$module" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" -c "$@" -o "$out/$module.o"
}

check_floats_are_found "$out" -target aarch64-none-none-elf

status=0
for module in $board_modules; do
  [ -d "Sources/$module" ] || continue
  compile "$module" $(find "Sources/$module" -name '*.swift' | sort)
  found=$(floats "$out/$module.o")
  if [ -n "$found" ]; then
    echo "check-embedded: $module has floating-point arithmetic:" >&2
    echo "$found" >&2
    status=1
  fi
done
[ $status = 0 ] && echo "The board set compiles as Embedded Swift, without floating-point arithmetic."
exit $status
