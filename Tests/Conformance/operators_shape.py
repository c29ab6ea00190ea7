"""Sweeps over the int32 shape arithmetic that converters leave in a model.

All shapes are known before the model runs, so a compiler can compute these numbers itself.
"""

import movement_layers as layers
from layers import feed


def dimension(model, dice, shape_tensor, axis):
    """One dimension of a shape as an int32 scalar, by STRIDED_SLICE or GATHER."""
    if dice.chance(0.7):
        return layers.strided_slice(model, shape_tensor, [axis], [axis + 1], [1], {"shrink": 1})
    return layers.gather(model, shape_tensor, axis, 0)


def alone(model, dice, x):
    """The shape itself is an output."""
    return [layers.shape_of(model, x)], "alone"


def flatten(model, dice, x):
    """[batch, -1], as a Flatten layer becomes."""
    batch = dimension(model, dice, layers.shape_of(model, x), 0)
    packed = layers.pack(model, [batch, model.constant(-1)], 0)
    return [layers.reshape_to(model, x, packed, (x.shape[0], x.size // x.shape[0]))], "flatten"


def packed(model, dice, x):
    """Every dimension taken out and packed again, in another order of grouping."""
    shape = layers.shape_of(model, x)
    dims = [dimension(model, dice, shape, axis) for axis in range(x.rank)]
    if x.rank > 1:
        product = layers.integers(model, "MUL", dims[0], dims[1])
        dims[:2] = [product]
    target = (x.shape[0] * x.shape[1], *x.shape[2:]) if x.rank > 1 else x.shape
    vector = layers.pack(model, dims, 0)
    return [layers.reshape_to(model, x, vector, target)], "packed"


def joined(model, dice, x):
    """CONCATENATION of a part of the shape and constants."""
    shape = layers.shape_of(model, x)
    keep = dice.between(1, x.rank)
    if dice.chance(0.5):
        part = layers.strided_slice(model, shape, [0], [keep], [1],
                                    {"begin": dice.between(0, 1)})
    else:
        part = layers.gather(model, shape, list(range(keep)), 0)
    vector = layers.join_integers(model, [part, model.constant([1, -1])])
    rest = x.size
    for d in x.shape[:keep]:
        rest //= d
    return [layers.reshape_to(model, x, vector, (*x.shape[:keep], 1, rest))], "joined"


def sums(model, dice, x):
    """ADD and MUL on the shape, the numbers themselves an output."""
    shape = layers.shape_of(model, x)
    doubled = layers.integers(model, "MUL", shape, model.constant([2]))
    more = layers.integers(model, dice.pick(("ADD", "SUB")), doubled, shape)
    return [more, layers.reshape_to(model, x, shape, x.shape)], "sums"


def enlarge(model, dice, x):
    """Twice the height and width for a RESIZE, as an upsampling layer becomes."""
    if x.rank != 4:
        return flatten(model, dice, x)
    shape = layers.shape_of(model, x)
    size = layers.strided_slice(model, shape, [1], [3], [1])
    factor = dice.between(1, 3)
    size = layers.integers(model, "MUL", size, model.constant([factor, factor]))
    name = dice.pick(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"))
    half = dice.chance(0.5)
    return [layers.resize(model, x, [s * factor for s in x.shape[1:3]], name, False, half,
                          size)], f"enlarge {factor}"


def shape_(model, dice, dtype):
    x = feed(model, dice, dice.shape(dice.pick((1, 2, 3, 4), (1, 2, 2, 5)), 1024), dtype)
    recipe = dice.pick((alone, flatten, packed, joined, sums, enlarge), (1, 2, 2, 2, 2, 2))
    model.outputs, words = recipe(model, dice, x)
    return f"{'x'.join(map(str, x.shape))} {words}"


SWEEPS = {"SHAPE": shape_}
