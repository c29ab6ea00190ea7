# What the checks look for in disassembled code. Sourced by them, from the package's folder.
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
objdump=$toolchain/bin/llvm-objdump

# Arithmetic, conversions, comparisons and roundings on floating-point registers; plain moves and loads are not.
arithmetic_arm64='f(add|sub|mul|div|madd|msub|nmadd|nmsub|nmul|mulx|mla|mls|mlal|mlsl|addp|abd|abs|neg|sqrt|min|max|minnm|maxnm|minp|maxp|minv|maxv|recpe|recps|rsqrte|rsqrts|cmp|cmpe|ccmp|cmeq|cmge|cmgt|cmle|cmlt|acge|acgt|csel|cvt[a-z]*|rint[a-z]*|cadd|cmla)|scvtf|ucvtf|bfdot|bfmmla'
# On 32-bit Arm also the calls that stand for them.
arithmetic_arm32='v[a-z]+(\.[us][0-9]+)?\.f(16|32|64)(\.[us][0-9]+)?|R_ARM_[A-Z0-9_]+[[:space:]]+__(aeabi_(c?[df]|u?[il]2[df])|[a-z]+[sd]f)[a-z0-9]*'
arithmetic="^[[:space:]]*[0-9a-f]+:.*[[:space:]](($arithmetic_arm64)[[:space:]]|$arithmetic_arm32)"

# The first places of floating-point arithmetic in an object.
floats() { # object
  "$objdump" -d -r --no-show-raw-insn "$1" | grep -E "$arithmetic" | grep -vE "vmov\.f" | head -5 || true
}

# The check itself must be able to fail.
check_floats_are_found() { # folder, flags of swiftc
  local out=$1
  shift
  echo 'public func probe(_ a: Double, _ b: Double) -> Double { a * b + 1 }' > "$out/probe.swift"
  swiftc "$@" -enable-experimental-feature Embedded -wmo -parse-as-library -O -module-name Probe \
    -c "$out/probe.swift" -o "$out/Probe.o"
  [ -n "$(floats "$out/Probe.o")" ] && return 0
  echo "a deliberate Double was not found; the check is broken" >&2
  return 1
}

# From a disassembly: the functions outside the modules of an instruction set that use its instructions. Only these
# modules get feature flags, and nothing else may run before the processor has been asked.
leaked_instructions() {
  awk '
    /^[0-9a-f]+ <.*>:$/ { name = $2; owns = name ~ /Kernels(AVX|Dotprod)|0[A-Z][0-9]+(AVX|Dotprod)/ }
    !owns && (/[[:space:]](su|us|s|u)dot[[:space:]]/ || /%[yz]mm/) && !(name in seen) {
      seen[name] = 1
      print name " " $0
    }'
}

check_instruction_sets() { # program with symbols
  local probe='0 <other>:\n 0: sdot\tv0.4s, v1.16b, v2.16b\n4 <third>:\n 4: vpaddd\t%%ymm0, %%ymm1, %%ymm2\n' leaked
  if [ "$(printf "$probe" | leaked_instructions | wc -l)" != 2 ]; then
    echo "a deliberate leak was not found; the check is broken" >&2
    return 1
  fi
  leaked=$("$objdump" -d --no-show-raw-insn "$1" | leaked_instructions)
  [ -z "$leaked" ] && return 0
  echo "$1: instructions of an instruction set outside its module:" >&2
  echo "$leaked" | head -5 >&2
  return 1
}
