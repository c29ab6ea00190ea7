#!/usr/bin/env python3
"""The board's program in front of the cameras of an emulated board.

    run.py test                  every suite; ends with "N passed, N failed, N skipped"
    run.py show PICTURE MODEL    what the program says to a picture from a file and in every format
    run.py shell                 a shell on the board

Needs what `make test-camera` puts into build/: the kernel, the tools, the programs of board and host.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import board
import subjects

# The suites with the processors that they run on: the program takes its kernels without and with dot products.
suites = {"vivid": "cortex-a72", "usb": "cortex-a76"}


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def report(self, verdict, test, words, is_quiet=False):
        self.passed += verdict == "PASS"
        self.failed += verdict == "FAIL"
        self.skipped += verdict == "SKIP"
        if verdict != "PASS" or not is_quiet:
            print(f"{verdict} {test}{': ' if words else ''}{words}", flush=True)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(0 if self.failed == 0 and self.passed > 0 else 1)


def run_suite(suite, command, counts, place, is_quiet=False):
    """Counts a suite's tests. Each must report exactly once, and the suite must come to its end. A quiet one prints
    its answers only, and what fails."""
    script = (board.guest / f"{suite}.sh").read_text()
    expected = re.findall(r"^test_([a-z0-9_]+)\(\)", script, re.MULTILINE)
    start = time.monotonic()
    has_ended = False
    for line in board.lines(command, f"{suite}-{place}"):
        result = re.match(r"TEST (\w+) (PASS|FAIL|SKIP) ?(.*)", line)
        if result and result[1] in expected:
            expected.remove(result[1])
            counts.report(result[2], f"{suite} {result[1]}", result[3], is_quiet)
        elif line == "END":
            has_ended = True
        elif line.startswith("ANSWER "):
            _, source, answer = line.split(" ", 2)
            print(f"{source:11}{answer}", flush=True)
        elif line and not line.endswith("reboot: Power down"):
            print(f"     {line}", flush=True)
    for name in expected:
        counts.report("FAIL", f"{suite} {name}", "not reported")
    if not has_ended:
        counts.report("FAIL", suite, f"cut off; build/camera/{suite}-{place}.log has what it said")
    if not is_quiet:
        print(f"{suite} on {place}: {time.monotonic() - start:.0f} s", flush=True)


def run_on_this_kernel(counts):
    """The suite of vivid with the host's program, where this machine's kernel has vivid and it is free."""
    can_load = os.geteuid() == 0 and shutil.which("modprobe") and subprocess.run(
        ["modprobe", "-n", "-q", "vivid"]).returncode == 0
    if not can_load or Path("/sys/module/vivid").exists():
        counts.report("SKIP", "vivid on this machine", "its kernel has no vivid that this user may load")
        return
    environment = os.environ
    environment["OCELLUS_SUBJECTS"] = str(subjects.build / "subjects")
    environment["PATH"] = f"{subjects.root}/build/host:{subjects.build}/tools/host:{environment['PATH']}"
    try:
        run_suite("vivid", ["sh", board.guest / "run.sh", "vivid"], counts, "host")
    finally:
        subprocess.run(["modprobe", "-r", "vivid"])


def test():
    subjects.add_digit()
    subjects.add_photograph()
    counts = Counts()
    for suite, processor in suites.items():
        run_suite(suite, board.emulator(processor, suite, "stdio"), counts, processor)
    run_on_this_kernel(counts)
    counts.finish()


def show(picture, model):
    for path, name in [(picture, "PICTURE"), (model, "MODEL")]:
        if not Path(path).is_file():
            sys.exit(f"test-camera: {name}={path}: there is no such file; PICTURE=x.jpg MODEL=m.ocm go together")
    subjects.add_subject("shown", picture, model)
    counts = Counts()
    run_suite("show", board.emulator("cortex-a76", "show", "stdio"), counts, "cortex-a76", is_quiet=True)
    counts.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("test")
    showing = commands.add_parser("show")
    showing.add_argument("picture")
    showing.add_argument("model")
    commands.add_parser("shell")
    arguments = parser.parse_args()
    subjects.clear()
    if arguments.command == "test":
        test()
    elif arguments.command == "show":
        show(arguments.picture, arguments.model)
    else:
        subjects.add_digit()
        board.shell()


if __name__ == "__main__":
    main()
