"""Writes what the golden runs of Tests/TrainingTests start from, and what they must end in: the six runs of the numpy
reference's self-test, and runs of the reference with what its self-test leaves out (strides, clamps, residuals in the
middle, a head that grows).

    python3 Tests/Training/export_selftest.py [OUTPUT]

The reference lies in research/integer_training_reference beside the folder that OCELLUS_DATA names (../shared/data).
Importing its self-test runs it: what is written comes from a reference that passes its own checks. Needs numpy.

A record of the output: length and bytes of the name, a byte for the width of the numbers (1, 2, 4), a count, the numbers;
little-endian, lengths and counts of 4 bytes.
"""
import hashlib, json, os, struct, sys
from pathlib import Path

root = Path(__file__).resolve().parents[2]
data = Path(os.environ.get("OCELLUS_DATA", "../shared/data"))
reference = (root / data).resolve().parent / "research" / "integer_training_reference"
sys.dont_write_bytecode = True
sys.path.insert(0, str(reference))
import numpy as np  # noqa: E402
import inttrain  # noqa: E402
import selftest  # noqa: E402

arrays = {}


def add_layers(prefix, layers):
    for name, value in layers.items():
        # Scales are derived below where one is needed; 1-bit derivatives no run uses.
        if np.asarray(value).dtype.kind != "f" and not name.endswith("/bit"):
            arrays[prefix + name] = np.asarray(value)
    factor, shift = inttrain.fix15(layers["11.s1/sx"])
    arrays[prefix + "11.s1/inputFactor"], arrays[prefix + "11.s1/inputShift"] = np.asarray(factor), np.asarray(shift)


def digest(trainer):
    """As selftest.train has it."""
    h = hashlib.sha256()
    for layer in inttrain.flat(trainer.L):
        if isinstance(layer, (inttrain.Conv1x1, inttrain.DW)):
            h.update(layer.p.M.astype("<i4").tobytes())
            h.update(layer.b.astype("<i8").tobytes())
    h.update(trainer.head.p.M.astype("<i4").tobytes())
    return h.digest()


# The self-test's runs: photographs as selftest.train makes them.
add_layers("", selftest.toy())
g = np.random.default_rng(5)
y = np.arange(48) % 4
prototypes = g.integers(-25, 25, (4, 6, 6, 8))
arrays["photographs"] = np.clip(prototypes[y] + g.integers(-45, 45, (48, 6, 6, 8)), -128, 127).astype(np.int8)
arrays["labels"] = y
for run, value in json.loads((reference / "golden.json").read_text()).items():
    arrays["golden/" + run] = np.frombuffer(bytes.fromhex(value), np.int8)

# Three blocks: the first with stride 2 and fused clamps, two with residuals through which errors flow back.
first, second, third = (selftest.toy(seed=seed, stride=stride) for seed, stride in ((3, 2), (4, 1), (5, 1)))
for name in "11.e", "11.d":
    first[name + "/lo"], first[name + "/hi"] = first[name + "/zy"], 60
first["11.d/zx"] = first["11.p/zx"] = -5
third["11.e/zx"] = third["11.o/z2"] = 0
for name, layers in (("A", first), ("B", second), ("C", third)):
    add_layers(f"deep/{name}/", layers)
g = np.random.default_rng(6)
y = np.arange(16) % 4
x = np.clip(g.integers(-25, 25, (4, 9, 9, 8))[y] + g.integers(-45, 45, (16, 9, 9, 8)), -128, 127).astype(np.int8)
arrays["deep/photographs"], arrays["deep/labels"] = x, y
for patch in (1, 2, 3):
    config = inttrain.Cfg(r=patch, F=8, rnd_w="sr", lr=600, lr_head=600, lr_bias=600, seed=7)
    network = [inttrain.Block(first, 11, 1, 0, "re", 0), inttrain.Block(second, 11, 1, 1, "hs", 1)]
    trainer = inttrain.Trainer(network + inttrain.build(third, 11), -116, config)
    trainer.head.imprint(trainer.features(x), y, 4)
    trainer.total = 10
    for step in range(10):
        i = step % 2 * 8
        trainer.step(x[i:i + 8], y[i:i + 8], step)
    arrays[f"deep/golden/{patch}"] = np.frombuffer(digest(trainer), np.int8)

# A head alone, with steps so long that it grows, on labels so wrong that a gradient is 1.
x = g.integers(-128, 128, (32, 24)).astype(np.int8)
y = np.arange(32) % 5
trainer = inttrain.Trainer([], -7, inttrain.Cfg(F=8, rnd_w="sr", seed=3))
trainer.head.imprint(x, y, 5)
trainer.total = 40
arrays["head/features"], arrays["head/labels"] = x, (y + 1) % 5
start, wholes, errors = trainer.head.a, 0, hashlib.sha256()
for step in range(40):
    i = step % 4 * 8
    features, labels = x[i:i + 8], arrays["head/labels"][i:i + 8]
    logits = trainer.head.logits(features)
    wholes += int((trainer.head.loss_grad(logits, labels) == 32768).sum())
    size = trainer.lr(120000, step)
    error = trainer.head.backward(logits, features, labels, step, size, size)
    errors.update(error.m.astype("<i4").tobytes() + struct.pack("<i", error.e))
assert trainer.head.a < start and wholes > 0, (start, trainer.head.a, wholes)
arrays["head/masters"], arrays["head/biases"] = trainer.head.p.M, trainer.head.b
arrays["head/errors"] = np.frombuffer(errors.digest(), np.int8)
arrays["head/exponents"] = np.array([start, trainer.head.a])

output = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests/TrainingTests/Vectors/selftest.bin"
with open(output, "wb") as file:
    for name, value in arrays.items():
        value = np.atleast_1d(value).reshape(-1).astype(np.int64)
        width = next(w for w in (1, 2, 4) if -(1 << 8 * w - 1) <= value.min() and value.max() < 1 << 8 * w - 1)
        file.write(struct.pack("<I", len(name)) + name.encode() + struct.pack("<BI", width, value.size))
        file.write(value.astype(f"<i{width}").tobytes())
print(f"{output}: {output.stat().st_size} bytes")
