"""The emulated board: its files, its processor, and what it says on its serial line."""

import subprocess
import sys
import threading

import initramfs
from subjects import build, root

guest = root / "Tests/Camera/Guest"
# Seconds after which a board is switched off that does not do so itself.
time_limit = 200


def make_files():
    """Writes the archive of the board's files, with the subjects there are. Returns its path."""
    archive = initramfs.Archive()
    archive.file("init", guest / "init")
    archive.tree("board", guest)
    archive.tree("subjects", build / "subjects")
    archive.file("bin/busybox", build / "stage/busybox")
    archive.file("bin/ocellus", root / "build/arm64/ocellus")
    for tool in ["camera-control", "vivid-feeder", "usb-camera"]:
        archive.file(f"bin/{tool}", build / "tools" / tool)
    initramfs.add_modules(archive, build / "stage/modules", ["vivid", "vhci-hcd", "uvcvideo"])
    path = build / "initramfs"
    archive.write(path)
    return path


def emulator(processor, suite, serial):
    """The command that boots the board with a suite."""
    return ["qemu-system-aarch64", "-machine", "virt", "-cpu", processor, "-smp", "2", "-m", "512",
            "-accel", "tcg,thread=multi", "-display", "none", "-nodefaults", "-no-reboot", "-serial", serial,
            "-kernel", str(build / "stage/kernel"), "-initrd", str(make_files()),
            "-append", f"console=ttyAMA0 quiet panic=-1 rdinit=/init suite={suite}"]


def lines(command, log_name):
    """Runs a command and yields the lines that it prints. They are in build/camera/LOG_NAME.log too."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    limit = threading.Timer(time_limit, process.kill)
    limit.start()
    try:
        with open(build / f"{log_name}.log", "w") as log:
            for line in process.stdout:
                line = line.decode(errors="replace").rstrip()
                log.write(line + "\n")
                log.flush()
                yield line
    finally:
        limit.cancel()
        process.kill()
        process.wait()


def shell():
    """A shell on the board, on this terminal. Control-A X switches it off."""
    sys.exit(subprocess.run(emulator("cortex-a72", "shell", "mon:stdio")).returncode)
