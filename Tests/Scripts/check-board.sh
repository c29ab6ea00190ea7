#!/usr/bin/env bash
# A board's program: static, stripped, small, no floating-point arithmetic in its Swift objects, no instruction that
# its processor may lack. Argument: the board.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Scripts/board-set.sh
. Tests/Scripts/disassembly.sh
out=build/$1
status=0

size=$(stat -c %s "$out/ocellus")
headers=$("$objdump" -p -h "$out/ocellus")
if [ "$size" -ge 2000000 ] || grep -qE "INTERP|DYNAMIC|\.symtab" <<< "$headers"; then
  echo "check-board: $out/ocellus has $size bytes, or is not static or not stripped" >&2
  status=1
fi

# SwiftPM names a folder by the triple.
check_floats_are_found "$out" -target "$(basename "$(dirname "$(readlink -f "$out/swiftpm/release")")")"
for module in $board_modules; do
  for object in "$out/swiftpm/release/$module.build"/*.o; do
    found=$(floats "$object")
    [ -z "$found" ] && continue
    echo "check-board: $object has floating-point arithmetic:" >&2
    echo "$found" >&2
    status=1
  done
done
check_instruction_sets "$out/ocellus.debug" || status=1
[ $status = 0 ] && echo "$1: $size bytes, static, without floating-point arithmetic"
exit $status
