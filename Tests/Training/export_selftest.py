"""Writes what the golden runs of Tests/TrainingTests start from: the toy network of the numpy reference's self-test, its
photographs, and the hashes that the runs must end in.

    python3 Tests/Training/export_selftest.py [OUTPUT]

The reference lies in research/integer_training_reference beside the folder that OCELLUS_DATA names (../shared/data).
Importing its self-test runs it: what is written comes from a reference that passes its own checks. Needs numpy.

A record of the output: length and bytes of the name, a byte for the width of the numbers (1, 4), a count, the numbers;
little-endian, lengths and counts of 4 bytes.
"""
import json, os, struct, sys
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
for name, value in selftest.toy().items():
    if np.asarray(value).dtype.kind != "f":  # a scale: derived below where one is needed
        arrays[name] = np.asarray(value)
arrays["11.s1/inputFactor"], arrays["11.s1/inputShift"] = map(np.asarray, inttrain.fix15(selftest.toy()["11.s1/sx"]))

# As selftest.train makes them.
g = np.random.default_rng(5)
y = np.arange(48) % 4
prototypes = g.integers(-25, 25, (4, 6, 6, 8))
arrays["photographs"] = np.clip(prototypes[y] + g.integers(-45, 45, (48, 6, 6, 8)), -128, 127).astype(np.int8)
arrays["labels"] = y

for run, digest in json.loads((reference / "golden.json").read_text()).items():
    arrays["golden/" + run] = np.frombuffer(bytes.fromhex(digest), np.int8)

output = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests/TrainingTests/Vectors/selftest.bin"
with open(output, "wb") as file:
    for name, value in arrays.items():
        value = np.atleast_1d(value).reshape(-1)
        value = value if value.dtype == np.int8 else value.astype(np.int64)
        assert value.dtype == np.int8 or np.abs(value).max() < 1 << 31, name
        value = value if value.dtype == np.int8 else value.astype("<i4")
        file.write(struct.pack("<I", len(name)) + name.encode() + struct.pack("<BI", value.itemsize, value.size))
        file.write(value.tobytes())
print(f"{output}: {output.stat().st_size} bytes")
