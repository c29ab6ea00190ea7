"""Estimates what making a network's input of a camera's frame costs on Arm cores that are not at hand.

frame-bench runs under qemu-aarch64 with the plugin of arm_cycles.py; the clock is read before and after each run.
The limit of a frame of YUYV is three cycles for each of the 480 × 480 source pixels that the input shows. With a JPEG,
decoding it alone is compared with making an input of it, and four views.

Usage: arm_frames.py FOLDER [--core CORE]… [JPEG]
Needs what arm_cycles.py needs; the boards' frame-bench stands in build/ (`make BOARD=rpi4 frame-bench`).
"""

import argparse
import os

from arm_cycles import (CORES, build_plugin, cycles_of_blocks, estimate, hot_blocks, read_segments, run)

LIMITS = {"YUYV": 3 * 480 * 480}
ROUNDS = 2  # one in vain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("picture", nargs="?", default=os.devnull)
    parser.add_argument("--core", action="append", choices=CORES)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    plugin = build_plugin(arguments.folder)
    path = os.path.join(arguments.folder, "frames.txt")
    print("| core | source | M instructions | thousand cycles (estimate) | at most | of decoding |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in arguments.core or ["a53", "a72", "a76"]:
        core = CORES[name]
        with open(arguments.picture) as file:
            shown = run(["qemu-aarch64", "-cpu", core.processor, "-plugin", f"{plugin},out={path}",
                         f"build/{core.board}/frame-bench", "once"], stdin=file)
        kinds = [line.split("\t")[0] for line in shown.splitlines()]
        # Between the two readings of each round; those of the rounds in vain are left out.
        segments = read_segments(path)[1::2][ROUNDS - 1::ROUNDS][:len(kinds)]
        cycles = cycles_of_blocks(sorted({code for segment in segments for code in hot_blocks([segment])}), core)
        decoding = None
        for kind, segment in zip(kinds, segments):
            count, executed = estimate(segment, cycles)
            if kind == "JPEG decoded":
                decoding = count
            ratio = f"{count / decoding:.2f}" if kind.startswith("JPEG to") else ""
            limit = f"{LIMITS[kind] / 1e3:.0f}" if kind in LIMITS else ""
            print(f"| {name} | {kind} | {executed / 1e6:.2f} | {count / 1e3:.0f} | {limit} | {ratio} |")


if __name__ == "__main__":
    main()
