"""Sweeps over binary arithmetic, pooling and reductions."""

from layers import constant, feed
from movement_layers import arg_max
from simple_layers import binary, bounds, like, pool, reduce
from tflite_writer import LIMITS, Quant


def broadcast_shapes(dice, most_rank):
    """Two shapes that broadcast together."""
    rank = dice.between(1, most_rank) if most_rank < 5 else most_rank
    shape = dice.shape(rank, 4096)
    shapes = [list(shape), list(shape)]
    if dice.chance(0.6):
        for axis in range(rank):
            if dice.chance(0.4):
                shapes[dice.between(0, 1)][axis] = 1
        if dice.chance(0.4):
            del shapes[dice.between(0, 1)][:dice.between(1, rank)]
    return shapes


def operands(model, dice, dtype, most_rank=4, same_quant=False):
    """Two operands, broadcast or not, constant or not; returns (a, b, words)."""
    shapes = broadcast_shapes(dice, most_rank)
    quant = dice.quant(dtype)
    if dice.chance(0.1):
        x = feed(model, dice, shapes[0], dtype, quant)
        return x, x, f"{'x'.join(map(str, shapes[0]))} twice"
    other = quant
    if not same_quant:
        other = dice.quant(dtype)
        if dice.chance(0.25):
            # Very different scales are where the fixed-point sums lose digits.
            ratio = dice.log(1e-5, 1e5)
            other = Quant.of(min(max(quant.s * ratio, 1e-7), 1e4), other.z)
    constant_at = dice.pick((None, 0, 1), (7, 1, 2))
    tensors = [(constant if place == constant_at else feed)(model, dice, dims, dtype, q)
               for place, (dims, q) in enumerate(zip(shapes, (quant, other)))]
    words = " ".join("x".join(map(str, dims)) or "scalar" for dims in shapes)
    return *tensors, words + ("" if constant_at is None else f" constant-{'ab'[constant_at]}")


def arithmetic(name):
    """ADD, SUB, MUL."""
    def sweep(model, dice, dtype):
        a, b, words = operands(model, dice, dtype, dice.pick((4, 5, 6), (12, 1, 1)))
        activation = dice.activation()
        model.outputs = [binary(model, dice, name, a, b, activation)]
        return words + ("" if activation == "none" else f" {activation}")
    return sweep


def squared_difference(model, dice, dtype):
    a, b, words = operands(model, dice, dtype, dice.pick((4, 5, 6), (12, 1, 1)))
    model.outputs = [binary(model, dice, "SQUARED_DIFFERENCE", a, b)]
    return words


def extremum(name):
    """MINIMUM, MAXIMUM: they compare stored values, so all quantisations are the same."""
    def sweep(model, dice, dtype):
        a, b, words = operands(model, dice, dtype, dice.pick((4, 5, 6), (8, 1, 1)),
                               same_quant=True)
        # The broadcast result has the rank of the longer operand.
        shape = [max(p, q) for p, q in zip((1,) * (b.rank - a.rank) + a.shape,
                                           (1,) * (a.rank - b.rank) + b.shape)]
        y = like(model, a, shape)
        y.low, y.high = bounds(name, a, b)
        model.outputs = [model.op(name, [a, b], [y])]
        return words
    return sweep


def pooling(name):
    """AVERAGE_POOL_2D, MAX_POOL_2D."""
    def sweep(model, dice, dtype):
        image = dice.image()
        usual = dice.chance(0.8)
        kernel = [dice.between(1, min(s, 7) if usual else 9) for s in image[1:3]]
        if dice.chance(0.2):
            kernel = image[1:3]
        stride = [dice.between(1, 4) for _ in kernel]
        fits = all(k <= s for k, s in zip(kernel, image[1:3]))
        padding = dice.pick(("same", "valid")) if fits else "same"
        quant = dice.quant(dtype)
        values = dice.values(image, dtype, quant.z)
        if dice.chance(0.3):
            # Few distinct neighbouring values make means that end in a half.
            near = quant.z + dice.rng.integers(-2, 3, image)
            values = near.clip(*LIMITS[dtype]).astype(values.dtype)
        x = model.input(image, dtype, quant, values)
        activation = dice.activation()
        model.outputs = [pool(model, name, x, kernel, stride, padding, activation)]
        return "{}x{} s{}x{} {} {}".format(*kernel, *stride, padding, activation)
    return sweep


def reduction(name):
    """MEAN, SUM."""
    def sweep(model, dice, dtype):
        rank = dice.pick((1, 2, 3, 4, 5), (1, 2, 2, 6, 1))
        x = feed(model, dice, dice.shape(rank), dtype)
        axes = dice.order(rank)[:dice.between(1, rank)]
        if rank == 4 and dice.chance(0.4):
            axes = dice.pick(([1, 2], [2, 1]))
        axes = [a - rank if dice.chance(0.2) else a for a in axes]
        if dice.chance(0.05):
            axes.append(axes[0])
        keep = dice.chance(0.6)
        quant = x.quant if dice.chance(0.25) else None
        model.outputs = [reduce(model, dice, name, x, axes, keep, quant)]
        return f"{'x'.join(map(str, x.shape))} axes {','.join(map(str, axes))}" + (
            " keep" if keep else "") + (" same-quant" if quant else "")
    return sweep


def arg_max_(model, dice, dtype):
    shape = dice.shape(dice.between(1, 5))
    quant = dice.quant(dtype)
    values = dice.values(shape, dtype, quant.z)
    if dice.chance(0.4):
        values = values // 64 * 64  # ties
    x = model.input(shape, dtype, quant, values)
    axis = dice.between(-x.rank, x.rank - 1) if dice.chance(0.6) else -1
    out = dice.pick(("int32", "int64"), (3, 1))
    model.outputs = [arg_max(model, x, axis, out, dice.chance(0.6))]
    return f"{'x'.join(map(str, shape))} axis {axis} {out}"


SWEEPS = {
    "ADD": arithmetic("ADD"), "SUB": arithmetic("SUB"), "MUL": arithmetic("MUL"),
    "SQUARED_DIFFERENCE": squared_difference,
    "MINIMUM": extremum("MINIMUM"), "MAXIMUM": extremum("MAXIMUM"),
    "AVERAGE_POOL_2D": pooling("AVERAGE_POOL_2D"), "MAX_POOL_2D": pooling("MAX_POOL_2D"),
    "MEAN": reduction("MEAN"), "SUM": reduction("SUM"), "ARG_MAX": arg_max_,
}
