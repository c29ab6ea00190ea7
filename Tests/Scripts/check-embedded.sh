#!/usr/bin/env bash
# Compiles the board set as Embedded Swift for aarch64-none-none-elf (objects only, warnings as errors) and looks for
# floating-point arithmetic in what comes out. Needs no cross packages.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Tests/Scripts/board-set.sh
out=build/embedded
mkdir -p "$out"
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
objdump=$toolchain/bin/llvm-objdump

maps=()
for header in CIntrinsics CLinux CJPEG; do
  maps+=(-Xcc "-fmodule-map-file=Sources/$header/include/module.modulemap")
done

compile() { # module, sources…
  local module=$1
  shift
  swiftc -target aarch64-none-none-elf -enable-experimental-feature Embedded -wmo -parse-as-library -O \
    -swift-version 6 -warnings-as-errors -I "$out" "${maps[@]}" -module-name "$module" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" -c "$@" -o "$out/$module.o"
}

# Arithmetic, conversions, comparisons and roundings on floating-point registers; plain moves and loads are not.
arithmetic='^[[:space:]]*[0-9a-f]+:.*[[:space:]](f(add|sub|mul|div|madd|msub|nmadd|nmsub|nmul|mulx|mla|mls|mlal|mlsl|addp|abd|abs|neg|sqrt|min|max|minnm|maxnm|minp|maxp|minv|maxv|recpe|recps|rsqrte|rsqrts|cmp|cmpe|ccmp|cmeq|cmge|cmgt|cmle|cmlt|acge|acgt|csel|cvt[a-z]*|rint[a-z]*|cadd|cmla)|scvtf|ucvtf|bfdot|bfmmla)[[:space:]]'

floats() { # object
  "$objdump" -d --no-show-raw-insn "$1" | grep -E "$arithmetic" | head -5 || true
}

# The check itself must be able to fail.
echo 'public func probe(_ a: Double, _ b: Double) -> Double { a * b + 1 }' > "$out/probe.swift"
compile Probe "$out/probe.swift"
if [ -z "$(floats "$out/Probe.o")" ]; then
  echo "check-embedded: a deliberate Double was not found; the check is broken" >&2
  exit 1
fi

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
