"""Estimates what the inner loops of training cost on Arm cores that are not at hand.

training-bench runs under qemu-aarch64 with the plugin of arm_cycles.py; the clock is read before and after each run.

Usage: arm_training.py FOLDER [--core CORE]… [--cache]
Needs what arm_cycles.py needs; the boards' training-bench stands in build/ (`make BOARD=rpi4 training-bench`).
"""

import argparse
import os

from arm_cycles import CORES, build_plugin, cycles_of_blocks, estimate, hot_blocks, read_segments, run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--core", action="append", choices=CORES)
    parser.add_argument("--cache", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    plugin = build_plugin(arguments.folder)
    path = os.path.join(arguments.folder, "training.txt")
    print("| core | kernel | shape | thousand operations | thousand cycles (estimate) | operations a cycle |"
          + (" L1 misses | L2 misses |" if arguments.cache else ""))
    print("| --- " * (8 if arguments.cache else 6) + "|")
    for name in arguments.core or ["a53", "a72", "a76"]:
        core = CORES[name]
        options = f"{plugin},out={path}" + (f",cache={core.cache}" if arguments.cache else "")
        shown = run(["qemu-aarch64", "-cpu", core.processor, "-plugin", options, f"build/{core.board}/training-bench",
                     "once"])
        lines = [line.split("\t") for line in shown.splitlines()]
        # Of each kernel: before all, before and after a run in vain, before and after the one that counts.
        segments = read_segments(path)[4::5][:len(lines)]
        cycles = cycles_of_blocks(sorted({code for segment in segments for code in hot_blocks([segment])}), core)
        for (kernel, shape, operations), segment in zip(lines, segments):
            count, _ = estimate(segment, cycles)
            misses = f" {segment.misses1:,} | {segment.misses2:,} |" if arguments.cache else ""
            print(f"| {name} | {kernel} | {shape} | {int(operations) / 1e3:.1f} | {count / 1e3:.1f} | "
                  f"{int(operations) / count:.2f} |{misses}")


if __name__ == "__main__":
    main()
