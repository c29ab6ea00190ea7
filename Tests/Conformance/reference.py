"""The expected output of a model: LiteRT's reference kernels, asked twice."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np

from tflite_writer import QUANTISED

# The reference set adds SUM up without its scales and lacks ELU; models with one of these run
# on the built-in kernels instead, without XNNPACK.
NOT_REFERENCE = ("SUM", "ELU")


class Refused(Exception):
    """LiteRT does not run the model."""


class Worker:
    """One LiteRT process, started anew when it dies."""

    def __init__(self, filling):
        self.filling = filling
        self.process = None

    def send(self, job):
        if self.process is None:
            environment = dict(os.environ, MALLOC_PERTURB_=str(self.filling),
                               TF_CPP_MIN_LOG_LEVEL="3")
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("reference_worker.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment)
        try:
            pickle.dump(job, self.process.stdin)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def receive(self):
        try:
            return pickle.load(self.process.stdout)
        except (EOFError, pickle.UnpicklingError):
            code = self.process.wait()
            self.process = None
            return f"died: {code}"

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


class Reference:
    """Two LiteRT processes whose fresh memory differs."""

    def __init__(self):
        self.workers = [Worker(0), Worker(0xA5)]

    def run(self, model):
        """(model bytes, input bytes, expected output bytes) of a model; may raise `Refused`."""
        feeds, checks, given = [], [], []
        for tensor in model.inputs:
            inside = model.inner.get(tensor.index, tensor)
            values = model.feeds[inside.index]
            given.append(values.tobytes())
            if inside is tensor:
                feeds.append((tensor.index, values))
            else:
                real = (values.astype(np.float64) - inside.quant.z) * inside.quant.s
                feeds.append((tensor.index, real.astype(np.float32)))
                checks.append((inside.index, values))
        reads = [model.inner.get(t.index, t).index for t in model.outputs]
        job = {
            "shapes": [t.shape for t in model.tensors],
            "model": model.pack(), "feeds": feeds, "checks": checks, "reads": reads,
            "resolver": ("BUILTIN_WITHOUT_DEFAULT_DELEGATES" if model.uses(*NOT_REFERENCE)
                         else "BUILTIN_REF"),
        }
        borders = bool(model.inner)
        # The second run keeps every tensor and is invoked twice: neither may change a thing.
        self.workers[0].send(dict(job, preserve=borders, times=1))
        self.workers[1].send(dict(job, preserve=True, times=2))
        results = [worker.receive() for worker in self.workers]
        for result in results:
            if isinstance(result, str):
                raise Refused(result)
        if results[0] != results[1]:
            raise Refused("results differ between two runs")
        return job["model"], b"".join(given), b"".join(results[0])

    def close(self):
        for worker in self.workers:
            worker.close()


def is_interesting(model, expected):
    """Whether the outputs are more than one value; the caller keeps a few that are not."""
    return len(set(expected)) > 1 or not any(
        model.inner.get(t.index, t).dtype in QUANTISED for t in model.outputs)
