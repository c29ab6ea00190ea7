"""Trains the numpy reference as a run of `ocellus finetune` has trained, and compares every weight and bias.

    python3 Tests/Training/reference_run.py DUMP [--steps N] [--write FILE] [--test]

DUMP is the folder that the test tool `training-export` writes (see dump.py). The reference lies in
research/integer_training_reference beside the folder that OCELLUS_DATA names (../shared/data). Needs numpy. --steps N
stops after N steps and compares nothing; --write writes what the reference ends in, in the layout of tuned.bin; --test
counts right answers on the dump's test photographs before and after. Exit status: 0 equal (or nothing compared), 1 not.
"""
import argparse, os, sys, time
from pathlib import Path

# One thread: waiting threads of a library for matrix products slow a busy machine down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
root = Path(__file__).resolve().parents[2]
data = Path(os.environ.get("OCELLUS_DATA", "../shared/data"))
reference = (root / data).resolve().parent / "research" / "integer_training_reference"
sys.dont_write_bytecode = True
sys.path.insert(0, str(reference))
import numpy as np  # noqa: E402
import inttrain  # noqa: E402
import tail_constants as constants  # noqa: E402
from dump import Dump  # noqa: E402
from tail import ModelError, map_shape  # noqa: E402


def layer_arrays(node):
    """What the reference's layers with weights read."""
    attributes = node.attributes
    factors, bits = constants.weight_scales(attributes["scales"])
    arrays = {
        "w": attributes["weights"], "b": attributes["bias"], "mult": attributes["mantissas"].astype(np.int64),
        "shift": attributes["exponents"].astype(np.int64), "zx": attributes["inputs"][0].zero_point,
        "zy": attributes["zero_point"], "lo": attributes["low"], "hi": attributes["high"], "f": factors, "fq": bits,
        "invM": constants.bias_units(attributes["mantissas"], attributes["exponents"]),
        "stride": attributes.get("stride", 1),
    }
    return {f"{node.name}/{key}": value for key, value in arrays.items()}


class Depthwise(inttrain.DW):
    """The reference's, with the padding that the file gives."""

    def __init__(self, node):
        super().__init__(layer_arrays(node), node.name)
        self.padding = {}
        for axis in 0, 1:
            length, outputs = node.shape[axis], node.output_shape[axis]
            before = node.attributes["padding"][axis]
            after = max((outputs - 1) * self.s + self.k - length - before, 0)
            if self.padding.setdefault(length, (outputs, before, after)) != (outputs, before, after):
                raise ModelError(f"{node.name}: the reference pads both sides of a square map alike")

    def pads(self, length):
        return self.padding[length]


class Mean(inttrain.Pool):
    """The reference's mean, or that of a network that was of uint8: there halves go up, not away from zero."""

    def __init__(self, node):
        self.ties_up = node.attributes["ties_up"]

    def forward(self, x, train=False):
        result = super().forward(x, train)
        if self.ties_up:
            count = x.shape[1] * x.shape[2]
            sums = x.astype(np.int32).sum((1, 2), keepdims=True)
            result = ((sums + 128 * count + count // 2) // count - 128).astype(np.int8)
        return result


def product(node, x, y):
    """Of activations less their zero points, as LiteRT rounds it."""
    mantissa, exponent = node.attributes["factors"][2]
    values = node.attributes["zero_point"] + inttrain.mbqm(x * y, mantissa, exponent)
    return np.clip(values, node.attributes["low"], node.attributes["high"]).astype(np.int8)


class Gate(inttrain.Se):
    """A map times the gates that a branch of frozen layers has made."""

    def __init__(self, node):
        self.name, self.node = node.name, node
        self.zero_points = [tensor.zero_point for tensor in node.attributes["inputs"]]
        gate = node.attributes["inputs"][1]
        self.values = constants.gate_values(gate.scale, gate.zero_point)

    def forward(self, x, gates, train=False):
        if train:
            self.g = self.values[gates.astype(np.int32) + 128]
        x, y = (values.astype(np.int64) - zero for values, zero in zip((x, gates), self.zero_points))
        return product(self.node, x, y)


class Identity:
    def forward(self, x, train=False):
        return x

    def backward(self, error, step, need_x=True):
        return error


class Scale:
    """A product with a constant, in a branch of frozen layers."""

    def __init__(self, node):
        self.node, self.constant = node, node.attributes["constant"]
        self.zero_point = node.attributes["inputs"][0].zero_point

    def forward(self, x, train=False):
        constant = self.constant.value.astype(np.int64) - self.constant.zero_point
        return product(self.node, x.astype(np.int64) - self.zero_point, constant)


def make_add(node):
    first, second = node.attributes["inputs"]
    (m1, s1), (m2, s2), (my, sy) = node.attributes["factors"]
    values = dict(z1=first.zero_point, z2=second.zero_point, zy=node.attributes["zero_point"],
                  m1=m1, s1=s1, m2=m2, s2=s2, my=my, sy=sy)
    return inttrain.Add({f"/{key}": value for key, value in values.items()}, "")


def make_table(tail, node):
    table = node.attributes["table"]
    derivatives = np.zeros(256) if node.is_frozen else constants.table_derivatives(
        table, *constants.table_scales(tail, node))
    return inttrain.Lut({"/lut": table, "/dlut": derivatives, "/bit": derivatives}, "")


def make_layer(tail, node):
    makers = {
        "convolution": lambda: inttrain.Conv1x1(layer_arrays(node), node.name), "depthwise": lambda: Depthwise(node),
        "table": lambda: make_table(tail, node), "add": lambda: make_add(node), "pool": lambda: Mean(node),
        "gate": lambda: Gate(node), "scale": lambda: Scale(node), "identity": Identity,
    }
    return makers[node.kind]()


class Network:
    """The tail as layers of the reference, in the order of its graph."""

    def __init__(self, tail, config, total, rise=0, top_slope=64):
        self.tail, self.config, self.total, self.rise = tail, config, total, rise
        self.layers = [make_layer(tail, node) for node in tail.nodes]
        self.clamps = {}
        patches, number = tail.patches(config.r), 10
        for node, layer in zip(tail.nodes, self.layers):
            layer.cfg = config
            # A depthwise layer's patch is its output's, others' are those of input and output alike.
            layer.r = patches[node.output] if node.kind == "depthwise" else patches[node.inputs[0]]
            layer.lrw = layer.lrb = lambda step: self.step_size(config.lr, step)
            if node.has_weights and not node.is_frozen:
                layer.attach(config, number)
                number += 2
            if node.clamp and not node.is_frozen:
                clamp = inttrain.Clamp(layer)
                clamp.d = constants.clamp_derivatives(*node.clamp, top_slope)
                clamp.cfg, clamp.r = config, patches[node.output]
                self.clamps[node.output] = clamp
        # The places that an error has to reach: what comes after a trained layer.
        self.wanted = set()
        for node in tail.nodes:
            if not node.is_frozen and (node.has_weights or self.wanted & set(node.inputs)):
                self.wanted.add(node.output)
        if map_shape(tail.output)[:2] != (1, 1):
            raise ModelError(f"the tail's output is of {tail.output.shape}, not a feature vector")
        self.head = inttrain.Head(tail.output.zero_point, config)

    def step_size(self, first, step):
        """Falls in a line to 0, and rises in the first steps."""
        size = inttrain.Trainer.lr(self, first, step)
        return size * (step + 1) // self.rise if step < self.rise else size

    def features(self, x, train=False):
        values = {self.tail.input.offset: x}
        for node, layer in zip(self.tail.nodes, self.layers):
            inputs = [values[place] for place in node.inputs]
            if node.kind == "add":
                result = layer.forward(*inputs)
            else:
                result = layer.forward(*inputs, train=train and not node.is_frozen)
            if train and node.output in self.clamps:
                self.clamps[node.output].forward(result, True)
            values[node.output] = result
        return values[self.tail.output.offset].reshape(len(x), -1)

    def imprint(self, x, classes, count):
        self.head.imprint(np.concatenate([self.features(x[i:i + 32]) for i in range(0, len(x), 32)]), classes, count)

    def step(self, x, classes, step):
        features = self.features(x, True)
        logits = self.head.logits(features)
        size = self.step_size(self.config.lr_head, step)
        error = self.head.backward(logits, features, classes, step, size, size, need_x=bool(self.wanted))
        errors = {self.tail.output.offset: error}
        for node, layer in reversed(list(zip(self.tail.nodes, self.layers))):
            error = errors.pop(node.output, None)
            if error is None or node.output not in self.wanted:
                continue
            if node.output in self.clamps:
                error = self.clamps[node.output].backward(error, step)
            places = [place for place in node.inputs if place in self.wanted]
            if node.kind != "add":
                error = layer.backward(error, step, need_x=bool(places))
            for place in places:
                known = errors.get(place)
                errors[place] = error if known is None else inttrain.err_add(error, known, self.config, step)

    def predictions(self, x):
        return np.concatenate([
            self.head.logits(self.features(x[i:i + 32])).argmax(1) for i in range(0, len(x), 32)])

    def result(self):
        """Names, arrays in the layout of tuned.bin."""
        for node, layer in zip(self.tail.nodes, self.layers):
            if node.has_weights and not node.is_frozen:
                yield f"{node.name}: weights", layer.w.astype("<i1")
                yield f"{node.name}: biases", layer.b.astype("<i4")
        yield "head: weights", self.head.p.q().astype("<i1")
        yield "head: biases", self.head.b.astype("<i4")
        yield "head: exponent", np.array([self.head.a], "<i4")


def compare(network, found):
    """Whether the bytes found are the network's; says where they are not."""
    start = differing = compared = 0
    for name, expected in network.result():
        values = np.frombuffer(found[start:start + expected.nbytes], expected.dtype)
        start += expected.nbytes
        if len(values) < expected.size:
            print(f"{name}: tuned.bin ends before it")
            return False
        values, expected = values.astype(np.int64), expected.reshape(-1).astype(np.int64)
        compared += values.size
        if (count := int((values != expected).sum())):
            first = int((values != expected).argmax())
            print(f"{name}: {count} of {values.size} differ, by up to {abs(values - expected).max()};"
                  f" first at {first}: {values[first]}, the reference has {expected[first]}")
            differing += count
    if start != len(found):
        print(f"tuned.bin has {len(found)} bytes; the reference has {start}")
        return False
    print(f"{compared - differing} of {compared} weights and biases are the reference's")
    return differing == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--write")
    parser.add_argument("--test", action="store_true")
    flags = parser.parse_args()
    dump = Dump(flags.dump)
    size, narrow = dump.number("step_size"), dump.number("master_bits") == 16
    config = inttrain.Cfg(
        r=dump.number("patch"), B=dump.number("mantissa_bits"), F=8 if narrow else 16, rnd_w="sr" if narrow else "rn",
        lr=size, lr_head=dump.number("head_step_size", size), lr_bias=size, seed=dump.number("seed"))
    assert dump.number("steps") == len(dump.batches), "run.txt and batches.bin differ in the number of steps"
    network = Network(
        dump.tail, config, len(dump.batches), dump.number("rise", 0), dump.number("top_slope", 64))
    network.imprint(dump.features[dump.imprinted], dump.classes_of(dump.imprinted), dump.number("classes"))

    def test(when):
        if flags.test and dump.test:
            maps, classes = dump.test
            print(f"{when}: {(network.predictions(maps) == classes).sum()} of {len(classes)} right", flush=True)

    test("imprinted")
    steps, start = len(dump.batches) if flags.steps is None else flags.steps, time.time()
    for step, batch in enumerate(dump.batches[:steps]):
        network.step(dump.features[batch], dump.classes_of(batch), step)
        if step % 50 == 0:
            print(f"step {step + 1} of {steps}", flush=True)
    print(f"{min(steps, len(dump.batches))} steps in {time.time() - start:.1f} s")
    test("trained")
    if flags.write:
        Path(flags.write).write_bytes(b"".join(value.tobytes() for _, value in network.result()))
    if steps < len(dump.batches):
        print(f"stopped after {steps} of {len(dump.batches)} steps: nothing compared")
    elif (dump.folder / "tuned.bin").exists():
        sys.exit(0 if compare(network, (dump.folder / "tuned.bin").read_bytes()) else 1)
    else:
        print("the dump has no tuned.bin: nothing compared")


if __name__ == "__main__":
    try:
        main()
    except ModelError as error:
        sys.exit(f"reference_run: {error}")
