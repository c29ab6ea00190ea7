#!/usr/bin/env bash
# No floating-point type or literal in the board set's sources, and none of what Embedded Swift lacks.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Scripts/board-set.sh
folders=()
for module in $board_modules CIntrinsics CLinux CJPEG CV4L; do
  [ -d "Sources/$module" ] && folders+=("Sources/$module")
done

# Comments may speak of floats; code may not.
search() { # pattern, what
  local found
  found=$(grep -rnE --include='*.swift' --include='*.h' --include='*.c' "$1" "${folders[@]}" |
    grep -vE '^[^:]+:[0-9]+:[[:space:]]*(//|\*|/\*)' | sed -E 's,"([^"\\]|\\.)*","",g; s,[[:space:]]//.*,,' | grep -E "$1" || true)
  if [ -n "$found" ]; then
    echo "check-sources: $2:" >&2
    echo "$found" >&2
    return 1
  fi
}

status=0
search '\b(Float|Double|Float16|Float32|Float64|Float80|CGFloat|CFloat|CDouble|float|double)\b' \
  'a floating-point type' || status=1
search '[^0-9a-zA-Z_."x][0-9][0-9_]*\.[0-9]' 'a floating-point literal' || status=1
search '^import (Foundation|Glibc|Dispatch)' 'a library that boards do not have' || status=1
[ $status = 0 ] && echo "The board set's sources have no floating point."
exit $status
