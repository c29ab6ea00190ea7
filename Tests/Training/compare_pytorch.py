"""Trains the same tail from the same cached tensors in PyTorch: exact gradients, Adam, fp32 masters, one thread.

    python3 Tests/Training/compare_pytorch.py DUMP [--float | --head] [--blocks K] [--rates R ...] [--steps N]

DUMP is the folder that the test tool `training-export` writes (see dump.py). Forward is the deployed int8 arithmetic to
the last bit (torch_tail.py); with --float it is the dequantised network's, as fine-tuning in PyTorch usually is; with
--head only the linear head learns. Start (the imprinted head), mini-batches and their order are the run's. The learning
rate falls in a line to 0; of several the one is taken that is best on photographs that no mini-batch has, or else on
every fifth, which is then left out. --blocks trains the last K blocks and what follows them. Prints right answers on
the dump's test photographs, the time for an image, and the peak of the process's memory. Needs numpy, torch.
"""
import argparse, os, resource, sys, time
from pathlib import Path

for library in "OMP", "OPENBLAS", "MKL":
    os.environ[f"{library}_NUM_THREADS"] = "1"
sys.dont_write_bytecode = True
import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
# Also finds the reference.
import reference_run  # noqa: E402, F401
import inttrain  # noqa: E402
from dump import Dump  # noqa: E402
from tail import ModelError  # noqa: E402
from torch_tail import FloatTail, QuantizedTail  # noqa: E402


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def load(maps):
    """Cached tensors as a mini-batch."""
    return torch.as_tensor(np.asarray(maps).astype(np.float32)).permute(0, 3, 1, 2).contiguous()


class Head(torch.nn.Linear):
    """Of features in real units."""

    @torch.no_grad()
    def imprint(self, features, classes, output):
        """The head that the integers start from."""
        scale = float(output.scale)
        values = torch.round(features / scale + output.zero_point).clamp(-128, 127).numpy().astype(np.int8)
        head = inttrain.Head(output.zero_point, inttrain.Cfg())
        head.imprint(values, classes, self.out_features)
        self.weight.copy_(torch.as_tensor(head.p.q() * (2.0**-head.a / scale)))
        self.bias.copy_(torch.as_tensor(head.b * 2.0**-head.a))


class Run:
    """One training, from the imprinted head on."""

    def __init__(self, dump, flags):
        self.dump, tail = dump, dump.tail
        blocks = None if flags.blocks is None else tail.last_blocks(flags.blocks)
        self.network = FloatTail(tail, blocks) if flags.float else QuantizedTail(tail, [] if flags.head else blocks)
        self.cached = None
        if flags.head:
            self.cached = self.features(dump.features)
        self.head = Head(tail.output.count, dump.number("classes"))
        features = self.features(dump.features[dump.imprinted]) if self.cached is None else self.cached[dump.imprinted]
        self.head.imprint(features, dump.classes_of(dump.imprinted), tail.output)

    @torch.no_grad()
    def features(self, maps):
        return torch.cat([self.network(load(maps[i:i + 16])) for i in range(0, len(maps), 16)])

    def loss(self, batch):
        features = self.network(load(self.dump.features[batch])) if self.cached is None else self.cached[batch]
        classes = torch.as_tensor(self.dump.classes_of(batch).astype(np.int64))
        return F.cross_entropy(self.head(features), classes)

    def train(self, batches, rate):
        """Seconds that it took, and seconds of the processor."""
        parameters = [value for value in self.network.parameters() if value.requires_grad]
        optimizer = torch.optim.Adam([*parameters, *self.head.parameters()], lr=rate)
        start, work = time.monotonic(), time.process_time()
        for step, batch in enumerate(batches):
            optimizer.param_groups[0]["lr"] = rate * (len(batches) - step) / len(batches)
            optimizer.zero_grad()
            self.loss(batch).backward()
            optimizer.step()
        return time.monotonic() - start, time.process_time() - work

    @torch.no_grad()
    def right(self, maps, classes):
        return int((self.head(self.features(maps)).argmax(1).numpy() == classes).sum())


def validation(dump):
    """Photographs that are not trained on, and the mini-batches without them."""
    seen = np.zeros(len(dump.labels), bool)
    for batch in dump.batches:
        seen[batch // dump.views] = True
    held = np.flatnonzero(~seen)
    if len(held) > 0:
        return held, dump.batches
    held = np.concatenate([np.flatnonzero(dump.labels == label)[2::5] for label in np.unique(dump.labels)])
    batches = [batch[~np.isin(batch // dump.views, held)] for batch in dump.batches]
    return held, [batch for batch in batches if len(batch) > 0]


def choose_rate(dump, flags):
    held, batches = validation(dump)
    best = None
    for rate in flags.rates:
        run = Run(dump, flags)
        run.train(batches, rate)
        right = run.right(dump.features[held * dump.views], dump.labels[held])
        print(f"rate {rate:g}: {right} of {len(held)} held-out photographs right", flush=True)
        if best is None or right > best[0]:
            best = right, rate
    return best[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump", type=Path)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--float", action="store_true")
    kind.add_argument("--head", action="store_true")
    parser.add_argument("--blocks", type=int)
    parser.add_argument("--rates", type=float, nargs="+", default=[1e-4, 3e-4, 1e-3])
    parser.add_argument("--steps", type=int)
    flags = parser.parse_args()
    torch.set_num_threads(1)
    before = peak_bytes()
    dump = Dump(flags.dump)
    rate = flags.rates[0] if len(flags.rates) == 1 else choose_rate(dump, flags)
    run = Run(dump, flags)

    def test(when):
        if dump.test:
            maps, classes = dump.test
            right = run.right(maps, classes)
            print(f"{when}: {right} of {len(classes)} right, {100 * right / len(classes):.2f} %", flush=True)

    test("imprinted")
    batches = dump.batches[:flags.steps]
    seconds, work = run.train(batches, rate)
    peak = peak_bytes()
    test(f"trained with rate {rate:g}")
    images = sum(len(batch) for batch in batches)
    print(f"{images} images in {len(batches)} steps: {seconds:.2f} s, {1e6 * seconds / images:.0f} us for an image"
          f" ({1e6 * work / images:.0f} us of the processor)")
    print(f"peak memory {peak / 1e6:.0f} MB, {(peak - before) / 1e6:.0f} MB of it beyond the libraries")


if __name__ == "__main__":
    try:
        main()
    except ModelError as error:
        sys.exit(f"compare_pytorch: {error}")
