#!/usr/bin/env python3
"""The board's program in front of the cameras of an emulated board.

    run.py test                  every suite; ends with "N passed, N failed, N skipped"
    run.py show PICTURE MODEL    what the program says to a picture, one line a format
    run.py shell                 a shell on the board

Needs what `make test-camera` puts into build/: the kernel, the tools, the programs of board and host.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import initramfs

here = Path(__file__).resolve().parent
root = here.parent.parent
build = root / "build/camera"
guest = here / "Guest"

# The suites with the processors that they run on: the program takes its kernels with and without dot products.
suites = {"vivid": "cortex-a72", "usb": "cortex-a76"}
sizes = ["640x480", "320x240"]
time_limit = 200


def digit_picture(folder):
    """A frame of the bundled clip, as a file. Its truth is a digit."""
    clip = (root / "firmware-models/meter-digits/clip.mjpeg").read_bytes()
    frames = [b"\xff\xd8\xff" + rest for rest in clip.split(b"\xff\xd8\xff")[1:]]
    truth = (root / "firmware-models/meter-digits/truth.tsv").read_text().split()
    path = folder / "digit.jpg"
    path.write_bytes(frames[truth.index("7")])
    return path


def photograph(folder, data):
    """A photograph with a network, where there are such; else None."""
    network = data / "models/imagenet/mobilenet_v3_small_1.0_224_uint8.tflite"
    pictures = data / "imagenet_sample/images.tar"
    name = "n03590841_jack-o'-lantern.JPEG"
    if not network.exists() or not pictures.exists():
        return None
    model = folder / "photograph.ocm"
    labels = data / "models/imagenet/imagenet_labels_1001.txt"
    run_quietly([root / "build/host/ocellusc", "compile", network, "-o", model, "--labels", labels])
    run_quietly(["tar", "-xf", pictures, "-C", folder, name])
    return folder / name, model


def run_quietly(command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout


def add_subject(archive, name, picture, model):
    """Adds a picture, its network, and the frames of the cameras that show the picture to the network."""
    inspection = run_quietly([root / "build/host/ocellus", "inspect", model])
    rule = "stretch" if "crop stretch" in inspection else "center"
    archive.file(f"subjects/{name}/picture.jpg", picture)
    archive.file(f"subjects/{name}/model.ocm", model)
    for size in sizes:
        frames = build / "frames" / name / size
        frames.mkdir(parents=True, exist_ok=True)
        run_quietly([build / "tools/camera-pictures", picture, rule, size, frames])
        archive.tree(f"subjects/{name}/{size}", frames)


def make_board(subjects):
    """Writes the board's files. Returns the archive's path."""
    archive = initramfs.Archive()
    archive.file("init", guest / "init")
    archive.tree("board", guest)
    archive.file("bin/busybox", build / "stage/busybox")
    for tool in ["camera-control", "vivid-feeder", "usb-camera"]:
        archive.file(f"bin/{tool}", build / "tools" / tool)
    archive.file("bin/ocellus", root / "build/arm64/ocellus")
    initramfs.add_modules(archive, build / "stage/modules", ["vivid", "vhci-hcd", "uvcvideo"])
    for name, (picture, model) in subjects.items():
        add_subject(archive, name, picture, model)
    path = build / "initramfs"
    archive.write(path)
    return path


def emulator(processor, suite, files, is_interactive=False):
    return ["qemu-system-aarch64", "-machine", "virt", "-cpu", processor, "-smp", "2", "-m", "512",
            "-accel", "tcg,thread=multi", "-display", "none", "-nodefaults", "-no-reboot",
            "-serial", "mon:stdio" if is_interactive else "stdio",
            "-kernel", str(build / "stage/kernel"), "-initrd", str(files),
            "-append", f"console=ttyAMA0 quiet panic=-1 rdinit=/init suite={suite}"]


def board_lines(processor, suite, files):
    """Boots the board and yields the lines that it prints. They are in build/camera/SUITE.log too."""
    process = subprocess.Popen(emulator(processor, suite, files), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    limit = threading.Timer(time_limit, process.kill)
    limit.start()
    try:
        with open(build / f"{suite}.log", "w") as log:
            for line in process.stdout:
                line = line.decode(errors="replace").rstrip()
                log.write(line + "\n")
                log.flush()
                yield line
    finally:
        limit.cancel()
        process.kill()
        process.wait()


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, verdict):
        self.passed += verdict == "PASS"
        self.failed += verdict == "FAIL"
        self.skipped += verdict == "SKIP"

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(0 if self.failed == 0 and self.passed > 0 else 1)


def run_suite(suite, processor, files, counts):
    """Runs a suite. Each of its tests must report exactly once, and the board must come to its end."""
    expected = re.findall(r"^test_([a-z0-9_]+)\(\)", (guest / f"{suite}.sh").read_text(), re.MULTILINE)
    reported = []
    has_ended = False
    for line in board_lines(processor, suite, files):
        found = re.match(r"TEST (\w+) (PASS|FAIL|SKIP) ?(.*)", line)
        if found and found[1] in expected and found[1] not in reported:
            reported.append(found[1])
            counts.add(found[2])
            print(f"{found[2]} {suite} {found[1]}: {found[3]}", flush=True)
        elif line == "END":
            has_ended = True
        elif line:
            print(f"     {line}", flush=True)
    for name in expected:
        if name not in reported:
            counts.add("FAIL")
            print(f"FAIL {suite} {name}: not reported")
    if not has_ended:
        counts.add("FAIL")
        print(f"FAIL {suite}: the board did not come to its end; build/camera/{suite}.log has what it said")


def test():
    data = Path(os.environ.get("OCELLUS_DATA", root / "../shared/data"))
    subjects = {"digit": (digit_picture(build), root / "firmware-models/meter-digits.ocm")}
    found = photograph(build, data)
    if found:
        subjects["photograph"] = found
    else:
        print(f"No photographs at {data} (set OCELLUS_DATA): the cameras show the bundled clip's digit only.")
    files = make_board(subjects)
    counts = Counts()
    for suite, processor in suites.items():
        start = time.monotonic()
        run_suite(suite, processor, files, counts)
        print(f"{suite} on {processor}: {time.monotonic() - start:.0f} s", flush=True)
    counts.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("test")
    commands.add_parser("shell")
    arguments = parser.parse_args()
    if arguments.command == "test":
        test()
    else:
        files = make_board({"digit": (digit_picture(build), root / "firmware-models/meter-digits.ocm")})
        subprocess.run(emulator("cortex-a72", "shell", files, is_interactive=True))


if __name__ == "__main__":
    main()
