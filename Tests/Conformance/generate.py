"""Generates conformance cases: models, inputs, and the outputs of LiteRT's reference kernels.

See README.md for the format of the file.
"""

import argparse
import struct
import sys
import time
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import graphs_hazards
import graphs_vision
import operators_arithmetic
import operators_matrix
import operators_movement
import operators_shape
import operators_unary
from dice import Dice
from layers import Impossible
from reference import Reference, Refused, is_interesting
from refused import refused_cases
from tflite_writer import Model

MAGIC = b"OCASES01"
SWEEPS = {**operators_matrix.SWEEPS, **operators_arithmetic.SWEEPS, **operators_unary.SWEEPS,
          **operators_movement.SWEEPS, **operators_shape.SWEEPS}
GRAPHS = {f"GRAPH/{name}": sweep
          for name, sweep in {**graphs_vision.SWEEPS, **graphs_hazards.SWEEPS}.items()}
SWEEPS.update(GRAPHS)
# This share of all cases are graphs.
GRAPH_SHARE = 0.22
# Operators with more parameters get more cases.
WEIGHTS = {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 3, "ADD": 2, "MUL": 2}
# An operator and type that LiteRT refused this often in a row, without a success, is not for it.
PATIENCE = 15


def write_cases(path, cases):
    """Writes (name, model, input, expected) tuples as a .cases file."""
    with open(path, "wb") as file:
        file.write(MAGIC + struct.pack("<I", len(cases)))
        for name, *blobs in cases:
            for blob in (name.encode(), *blobs):
                file.write(struct.pack("<I", len(blob)) + blob)


class Generator:
    """Draws models until LiteRT has run enough of them."""

    def __init__(self, seed, small, limit):
        self.seed, self.small, self.limit = seed, small, limit
        self.reference = Reference()
        self.accepted, self.refused = Counter(), defaultdict(Counter)

    def one(self, key, name, dtype):
        """One case, or None if the draw came to nothing."""
        dice = Dice(key, self.small)
        dice.calm = name in GRAPHS
        model = Model(empty_buffers=dice.chance(0.5))
        try:
            words = SWEEPS[name](model, dice, dtype)
        except Impossible:
            return None
        if dice.chance(0.1) and not model.inner:
            borders = dice.pick(((True, True), (True, False), (False, True)), (3, 1, 1))
            model.add_float_borders(*borders)
            words += " float-" + {(True, True): "both", (True, False): "in"}.get(borders, "out")
        if dice.chance(0.3):
            model.shuffle(dice.order(len(model.tensors)))
        try:
            blob, given, expected = self.reference.run(model)
        except Refused as reason:
            self.refused[name, dtype][str(reason)] += 1
            return None
        if not is_interesting(model, expected) and dice.chance(0.8):
            return None
        if self.limit and len(blob) + len(given) + len(expected) > self.limit:
            return None
        number = self.accepted[name, dtype]
        self.accepted[name, dtype] += 1
        return f"{name}/{dtype}/{number:04} {words}".strip(), blob, given, expected

    def operator(self, name, count):
        """`count` cases of one operator, shared out over its types."""
        place = zlib.crc32(name.encode())  # so that other operators do not change this one's cases
        cases, alive, attempt = [], ["int8", "uint8"], 0
        while len(cases) < count and alive and attempt < 40 * count + 100:
            key = [self.seed, place, attempt]
            attempt += 1
            # Two int8 cases for each uint8 one.
            behind = 2 * self.accepted[name, "uint8"] < self.accepted[name, "int8"]
            dtype = alive[-1] if behind else alive[0]
            case = self.one(key, name, dtype)
            if case is not None:
                cases.append(case)
            elif not self.accepted[name, dtype] and \
                    sum(self.refused[name, dtype].values()) >= PATIENCE:
                alive.remove(dtype)
        return cases


def shares(names, count, even):
    """How many of `count` cases each operator and each graph gets."""
    weights = {name: 1 if even else WEIGHTS.get(name, 1) for name in names}
    graphs = [name for name in names if name in GRAPHS]
    singles = sum(weight for name, weight in weights.items() if name not in GRAPHS)
    if graphs and singles:
        each = GRAPH_SHARE / (1 - GRAPH_SHARE) * singles / len(graphs)
        weights.update(dict.fromkeys(graphs, each))
    total, sums = sum(weights.values()), [0]
    for name in names:
        sums.append(sums[-1] + weights[name])
    edges = [round(count * s / total) for s in sums]
    return [b - a for a, b in zip(edges, edges[1:])]


def chosen(text):
    """The operators of a comma-separated list; GRAPH stands for all graphs."""
    names = []
    for name in filter(None, text.split(",")):
        names += list(GRAPHS) if name == "GRAPH" else [name]
    for name in names:
        if name not in SWEEPS:
            raise SystemExit(f"unknown operator {name}; known: {', '.join(SWEEPS)}")
    return names or list(SWEEPS)


def table(generator, cases):
    """The counts per operator."""
    names = dict.fromkeys(n for n, _ in list(generator.accepted) + list(generator.refused))
    print(f"{'operator':28}{'int8':>7}{'uint8':>7}   refused: int8  uint8")
    for name in names:
        refused = [sum(generator.refused[name, d].values()) for d in ("int8", "uint8")]
        print(f"{name:28}{generator.accepted[name, 'int8']:7}"
              f"{generator.accepted[name, 'uint8']:7}{refused[0]:16}{refused[1]:7}")
    print(f"{'total':28}{len(cases):7}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--refused", type=Path, help="write the models to refuse")
    parser.add_argument("--count", type=int, help="3000 unless given, 400 with --small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operators", default="", help="comma-separated; GRAPH for all graphs")
    parser.add_argument("--small", action="store_true", help="tiny tensors, evenly chosen")
    parser.add_argument("--reasons", action="store_true", help="say why models were refused")
    arguments = parser.parse_args()
    if arguments.refused:
        cases = refused_cases()
        write_cases(arguments.refused, cases)
        print(f"{len(cases)} models to be refused")
    if not arguments.output:
        return
    names = chosen(arguments.operators)
    count = arguments.count or (400 if arguments.small else 3000)
    generator = Generator(arguments.seed, arguments.small, 6000 if arguments.small else 0)
    start, cases = time.time(), []
    for name, share in zip(names, shares(names, count, arguments.small)):
        cases += generator.operator(name, share)
    generator.reference.close()
    write_cases(arguments.output, cases)
    table(generator, cases)
    if arguments.reasons:
        for key, reasons in generator.refused.items():
            for reason, times in reasons.most_common(6):
                print(*key, times, reason.replace("\n", " ")[:300])
    print(f"{arguments.output.stat().st_size} bytes, {time.time() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
