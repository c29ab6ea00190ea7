"""Kills fine-tuning runs at random instants, and fills the disk under them; what is resumed must end in the same bytes.

    python3 Tests/Training/kill_finetune.py OCELLUS MODEL.ocm PHOTOGRAPHS [--kills N] [--seed N] [-- FLAGS]

An undisturbed run comes first. Then, for each kill: a run from the start, SIGKILL at a random instant of it, perhaps
another while it is resumed, and a resumption to the end, which must give the undisturbed bytes. At no time may the
output path hold anything but those bytes or what it held before. Of runs killed in their last tenth the resumption must
take less than 0.4 of a run. Then files are limited to all kinds of lengths, as a full disk does: the run must say so,
leave the output as it was, and be resumed to the same bytes. FLAGS are handed to `ocellus finetune`.
The last line is `N passed, N failed`.
"""
import argparse, os, random, resource, signal, subprocess, sys, tempfile, time
from pathlib import Path


class Runs:
    def __init__(self, flags, folder):
        self.output = folder / "tuned.ocm"
        self.command = [flags.ocellus, "finetune", "--model", flags.model, "--data", flags.photographs,
                        "--output", str(self.output), "--json", *flags.flags]
        self.failures = self.passes = 0

    def start(self, resume, limit=None):
        def prepare():
            if limit is not None:
                # Instead of the signal that a file too long raises, the error that a full disk would give.
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return subprocess.Popen(self.command + ["--resume"] * resume, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=prepare)

    def finish(self, resume, limit=None):
        begin = time.monotonic()
        process = self.start(resume, limit)
        out, errors = process.communicate()
        return process.returncode, out.decode(), errors.decode(), time.monotonic() - begin

    def clear(self):
        for file in self.output.parent.iterdir():
            file.unlink()

    def files(self):
        return sorted(file.name for file in self.output.parent.iterdir())

    def judge(self, is_right, what):
        if is_right:
            self.passes += 1
        else:
            self.failures += 1
            print(f"FAILED: {what}", flush=True)

    def undisturbed(self):
        code, _, errors, seconds = self.finish(False)
        if code != 0:
            sys.exit(f"kill_finetune: the undisturbed run failed: {errors}")
        self.expected = self.output.read_bytes()
        self.judge(self.files() == ["tuned.ocm"], f"nothing but the model is left: {self.files()}")
        return seconds

    def output_is_whole(self, before):
        found = self.output.read_bytes() if self.output.exists() else None
        return found in (before, self.expected)

    def kill(self, instants, length):
        """Kills at each of the instants, from the beginning of a run or of its resumption; resumes to the end."""
        self.clear()
        before = None
        if len(instants) > 1:
            before = b"what was there before"
            self.output.write_bytes(before)
        for number, instant in enumerate(instants):
            process = self.start(number > 0)
            time.sleep(instant)
            was_running = process.poll() is None
            process.kill()
            process.communicate()
            self.judge(self.output_is_whole(before), f"the output is whole after a kill at {instant:.3f} s")
            if not was_running:
                return
        code, out, errors, seconds = self.finish(True)
        name = f"killed at {instants}"
        self.judge(code == 0, f"{name}: the resumption ends with {code}: {errors.strip()}")
        self.judge(self.output_is_whole(None), f"{name}: the resumption ends in other bytes")
        if len(instants) == 1 and instants[0] > 0.9 * length:
            self.judge('"resumed"' in out and seconds < 0.4 * length,
                       f"{name}: the resumption took {seconds:.2f} of {length:.2f} s")

    def fill(self, limit):
        self.clear()
        before = b"what was there before"
        self.output.write_bytes(before)
        code, _, errors, _ = self.finish(False, limit)
        name = f"files of at most {limit} bytes"
        self.judge(code in (0, 1) and (code == 0) == (self.output.read_bytes() == self.expected),
                   f"{name}: ends with {code}: {errors.strip()}")
        if code == 0:
            return False
        self.judge(self.output.read_bytes() == before and errors.startswith("ocellus: "),
                   f"{name}: the output is as it was, and an error was given: {errors.strip()}")
        code, _, errors, _ = self.finish(True)
        self.judge(code == 0 and self.output.read_bytes() == self.expected, f"{name}: resumed: {code} {errors.strip()}")
        return True


def main():
    arguments = sys.argv[1:]
    rest = arguments[arguments.index("--") + 1:] if "--" in arguments else []
    parser = argparse.ArgumentParser()
    parser.add_argument("ocellus")
    parser.add_argument("model")
    parser.add_argument("photographs")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args(arguments[:len(arguments) - len(rest) - ("--" in arguments)])
    flags.flags = rest
    random.seed(flags.seed)
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(flags, Path(folder))
        length = min(runs.undisturbed(), runs.undisturbed())
        print(f"an undisturbed run takes {length:.2f} s", flush=True)
        for number in range(flags.kills):
            if number % 5 == 4:
                instants = [random.uniform(0, length), random.uniform(0, length / 2)]
            elif number % 5 == 3:
                instants = [random.uniform(0.9, 1) * length]
            else:
                instants = [random.uniform(0, length)]
            runs.kill(instants, length)
        limits = [0, 1, 100, 4096, len(runs.expected) - 1] + [random.randrange(len(runs.expected)) for _ in range(5)]
        refused = sum(runs.fill(limit) for limit in limits)
        runs.judge(refused > 3, f"{refused} of {len(limits)} limits were in the way")
    print(f"{runs.passes} passed, {runs.failures} failed")
    sys.exit(runs.failures > 0)


main()
