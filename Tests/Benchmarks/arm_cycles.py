"""Estimates what an inference costs on Arm cores that are not at hand, for each network and each operator.

A board's program runs under qemu-aarch64 with the plugin block_counts.c, which counts how often each basic block
runs between two readings of the clock; `ocellus bench --profile` reads the clock around every operator. llvm-mca
gives each block's cycles on the core's scheduling model, taken as if it looped on itself; products are summed.

These are estimates: caches hit, branches are predicted, blocks overlap only with themselves. LLVM has no model of the
Cortex-A72 and takes the A57's; for the A76 its server twin's, Neoverse N1, is taken. Use them for ratios.

Usage: arm_cycles.py OCELLUSC FOLDER [--core CORE]… [--operators] [--cache] MODEL.tflite…
Needs qemu-user, gcc and llvm-19; the boards' programs stand in build/ (`make BOARD=rpi4`).
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LLVM = "19"

# The board, QEMU's processor, LLVM's model, the most multiply-accumulates a cycle, and the data caches (kB and ways of
# both levels). smull and smlal2 take 8 products each, of which the A72 issues one a cycle and the A53 one in two or
# less; sdot takes 16, of which the A76 issues two.
Core = collections.namedtuple("Core", "board processor model macs cache")
CORES = {
    "a53": Core("rpi3", "cortex-a53", "cortex-a53", 5, "32:4:512:16"),
    "a55": Core("rock3", "max", "cortex-a55", 16, "32:4:512:16"),
    "a72": Core("rpi4", "cortex-a72", "cortex-a72", 8, "32:2:1024:16"),
    "a76": Core("rpi5", "cortex-a76", "neoverse-n1", 32, "64:4:512:8"),
}

# LiteRT 2.3 with XNNPACK on the same networks: millions of cycles, estimated the same way.
LITERT = {
    "mobilenet_v1_int8": {"a53": 279, "a72": 88.7, "a76": 28.2},
    "mobilenet_v2_int8": {"a53": 170, "a72": 59.6, "a76": 23.0},
    "mobilenet_v3_large_int8": {"a53": 135, "a72": 47.0, "a76": 19.9},
    "mobilenet_v3_small_int8": {"a53": 42, "a72": 15.6, "a76": 7.0},
}

PROCESS_CLOCK = 2

Segment = collections.namedtuple("Segment", "clock accesses misses1 misses2 counts")


def fail(message):
    sys.exit("arm_cycles: " + message)


def run(command, **options):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout
    except FileNotFoundError:
        fail(f"{command[0]} is missing")
    except subprocess.CalledProcessError as error:
        fail(f"{' '.join(command)}: {error.stderr.strip()[:400]}")


def build_plugin(folder):
    plugin = os.path.abspath(os.path.join(folder, "block_counts.so"))
    source = os.path.join(HERE, "block_counts.c")
    if not os.path.exists(plugin) or os.path.getmtime(plugin) < os.path.getmtime(source):
        run(["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-fvisibility=hidden", "-o", plugin, source])
    return plugin


def read_segments(path):
    """What ran before each reading of the clock: blocks' code and how often they ran."""
    code, segments = {}, []
    with open(path) as file:
        for line in file:
            words = line.split()
            if words[0] == "mark":
                segments.append(Segment(*map(int, words[1:]), {}))
            elif words[0] == "block":
                code[words[1]] = words[2]
            else:
                counts = segments[-1].counts
                counts[code[words[0]]] = counts.get(code[words[0]], 0) + int(words[1])
    return segments


def profile(core, model, plugin, folder, cache):
    """What is known of an inference's operators, the segments that they ran in, and the segment of loading."""
    path = os.path.join(folder, "blocks.txt")
    options = f"{plugin},out={path}" + (f",cache={core.cache}" if cache else "")
    program = f"build/{core.board}/ocellus"
    shown = run(["qemu-aarch64", program, "inspect", model, "--json"])
    operators = json.loads(shown)["operators"]
    profile = run(["qemu-aarch64", "-cpu", core.processor, "-plugin", options, program, "bench", "--model", model,
                   "--warmup", "1", "--runs", "1", "--profile", "--json"])
    for operator, line in zip(operators, profile.splitlines()[1:]):
        operator.update(json.loads(line))
    segments = read_segments(path)
    # A timed run: process clock, clock, clock before the first operator, after each, clock, process clock.
    ends = [index for index, segment in enumerate(segments) if segment.clock == PROCESS_CLOCK]
    # Loading lies between the first two readings.
    parts = segments[ends[-2] + 3:ends[-1] - 1]
    if len(parts) != len(operators):
        fail(f"{model}: {len(parts)} operators ran of {len(operators)}")
    return operators, parts, segments[1]


def instructions(code):
    return len(code) // 8


def disassemble(codes):
    """The assembly lines of each block that LLVM can read."""
    words = {code: re.findall("........", code) for code in codes}
    unique = sorted({word for list in words.values() for word in list})
    text = "".join(" ".join("0x" + word[i:i + 2] for i in range(0, 8, 2)) + "\n" for word in unique)
    result = subprocess.run(
        [f"llvm-mc-{LLVM}", "--disassemble", "-triple=aarch64", "-mattr=+all"], input=text, capture_output=True,
        text=True)
    # It names the line of every word that is no instruction.
    unreadable = {int(number) - 1 for number in re.findall(r"<stdin>:(\d+):", result.stderr)}
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip() and line.strip()[0] != "."]
    readable = [word for index, word in enumerate(unique) if index not in unreadable]
    if len(lines) != len(readable):
        fail(f"llvm-mc gave {len(lines)} lines for {len(readable)} instructions")
    assembly = dict(zip(readable, lines))
    return {code: [assembly[word] for word in list] for code, list in words.items()
            if all(word in assembly for word in list)}


def cycles_of_blocks(codes, core):
    """Cycles for one execution of each block, in a steady state."""
    blocks = list(disassemble(codes).items())
    text = "".join(
        f"# LLVM-MCA-BEGIN {index}\n" + "\n".join(lines) + f"\n# LLVM-MCA-END {index}\n"
        for index, (_, lines) in enumerate(blocks))
    # The models lack a few atomic instructions, which no kernel has.
    output = run(
        [f"llvm-mca-{LLVM}", "-mtriple=aarch64", f"-mcpu={core.model}", "-mattr=+all", "-iterations=50", "-json",
         "-skip-unsupported-instructions=lack-sched", "-instruction-info=false", "-resource-pressure=false"],
        input=text)
    cycles = {}
    for region in json.loads(output[output.index("{"):])["CodeRegions"]:
        view = region["SummaryView"]
        cycles[blocks[int(region["Name"])][0]] = view["TotalCycles"] / view["Iterations"]
    return cycles


def hot_blocks(segments):
    """The blocks that make 99.95 % of the instructions."""
    total = collections.Counter()
    for segment in segments:
        for code, count in segment.counts.items():
            total[code] += count * instructions(code)
    hot, covered, all = [], 0, sum(total.values())
    for code, count in total.most_common():
        hot.append(code)
        covered += count
        if covered >= 0.9995 * all:
            break
    return hot


def estimate(segment, cycles):
    """Estimated cycles and counted instructions; blocks without an estimate take what the others take."""
    known = sum(count * cycles[code] for code, count in segment.counts.items() if code in cycles)
    modelled = sum(count * instructions(code) for code, count in segment.counts.items() if code in cycles)
    all = sum(count * instructions(code) for code, count in segment.counts.items())
    return (known * all / modelled if modelled else all), all


def print_operators(core, operators, segments, cycles):
    """A line for each operator; one that runs together with the next has no time of its own."""
    print(f"  {'operator':30} {'shape':18} {'M MACs':>8} {'M cycles':>9} {'at limit':>9} {'MACs/cycle':>11}")
    macs = 0
    for operator, segment in zip(operators, segments):
        macs += operator["macs"]
        start = f"  {operator['index']:3} {operator['operator']:26} {str(operator['shape']):18}"
        if operator.get("runs_with_next"):
            print(start + " together with the next")
            continue
        count, _ = estimate(segment, cycles)
        print(f"{start} {macs / 1e6:8.2f} {count / 1e6:9.3f} {macs / core.macs / 1e6:9.3f} {macs / count:11.2f}")
        macs = 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("compiler")
    parser.add_argument("folder")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--core", action="append", choices=CORES)
    parser.add_argument("--operators", action="store_true")
    parser.add_argument("--cache", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    plugin = build_plugin(arguments.folder)
    rows = []
    for name in arguments.core or ["a53", "a72", "a76"]:
        core = CORES[name]
        results = []
        for model in arguments.models:
            stem = os.path.splitext(os.path.basename(model))[0]
            compiled = os.path.join(arguments.folder, stem + ".ocm")
            run([arguments.compiler, "compile", model, "-o", compiled])
            results.append((stem, *profile(core, compiled, plugin, arguments.folder, arguments.cache)))
        cycles = cycles_of_blocks(
            sorted({code for _, _, segments, loading in results
                    for part in (segments, [loading]) for code in hot_blocks(part)}), core)
        for stem, operators, segments, loading in results:
            rows.append(row(name, core, stem, operators, segments, loading, cycles))
            if arguments.operators:
                print(f"{name}, {stem}")
                print_operators(core, operators, segments, cycles)
    print_table(rows, arguments.cache)


def row(name, core, stem, operators, segments, loading, cycles):
    macs = sum(operator["macs"] for operator in operators)
    counts = [estimate(segment, cycles) for segment in segments]
    total, executed = sum(count for count, _ in counts), sum(count for _, count in counts)
    peer = LITERT.get(stem, {}).get(name)
    return [
        name, stem, f"{executed / 1e6:.1f}", f"{total / 1e6:.1f}", f"{macs / core.macs / 1e6:.1f}",
        f"{macs / total:.2f}", f"{peer:.1f}" if peer else "", f"{total / 1e6 / peer:.2f}" if peer else "",
        f"{estimate(loading, cycles)[0] / 1e6:.1f}", f"{sum(segment.misses2 for segment in segments):,}",
    ]


def print_table(rows, cache):
    titles = ["core", "model", "M instructions", "M cycles (estimate)", "at the core's limit", "MACs per cycle",
              "LiteRT (estimate)", "ocellus / LiteRT", "loading, M cycles", "L2 misses"]
    width = len(titles) if cache else len(titles) - 1
    for cells in [titles, ["---"] * len(titles)] + rows:
        print("| " + " | ".join(cells[:width]) + " |")


if __name__ == "__main__":
    main()
