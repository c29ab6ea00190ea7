"""Small graphs that trap compilers: shared tensors, in-place and zero-copy hazards, odd borders."""

import movement_layers as move
import simple_layers as simple
from graphs_vision import kernel, picture, width
from layers import Impossible, constant, conv2d, depthwise, feed, fully_connected
from operators_movement import factorise
from tflite_writer import Quant


def unary(model, dice, x, same_quant=False):
    """A random function of one value, by preference one that a compiler might do in place."""
    name = dice.pick(("RELU", "RELU6", "HARD_SWISH", "LOGISTIC", "LEAKY_RELU", "QUANTIZE",
                      "PRELU", "TANH"), (4, 2, 2, 1, 2, 2, 1, 1))
    quant = x.quant if same_quant else None
    if name in ("RELU", "RELU6"):
        return simple.rectify(model, dice, name, x, quant)
    if name == "HARD_SWISH":
        return simple.hard_swish(model, dice, x, quant)
    if name == "LEAKY_RELU":
        return simple.leaky_relu(model, dice, x, 0.2, quant)
    if name == "QUANTIZE":
        return simple.requantize(model, dice, x, x.dtype)
    if name == "PRELU":
        alpha = constant(model, dice, (1,) * max(x.rank - 2, 0) + x.shape[-1:], x.dtype,
                         Quant.of(0.003, dice.zero_point(x.dtype)))
        return simple.prelu(model, dice, x, alpha)
    return simple.logistic(model, x) if name == "LOGISTIC" else simple.tanh(model, x)


def vector(model, dice, dtype, most=1500):
    """An input of any rank."""
    quant = Quant.of(dice.log(0.005, 0.05), dice.zero_point(dtype))
    return feed(model, dice, dice.shape(dice.between(1, 4), most), dtype, quant)


def same_operand(model, dice, dtype):
    """op(x, x), of an input or of an intermediate result."""
    x = vector(model, dice, dtype)
    if dice.chance(0.5):
        x = unary(model, dice, x)
    y = simple.binary(model, dice, dice.pick(("ADD", "SUB", "MUL")), x, x)
    model.outputs = [y] if dice.chance(0.5) else [unary(model, dice, y), y]
    return ""


def used_again(model, dice, dtype):
    """x is used after an operator that could have been done in place of it."""
    x = vector(model, dice, dtype)
    x = unary(model, dice, x)
    y = unary(model, dice, x, same_quant=True)
    z = simple.binary(model, dice, dice.pick(("ADD", "SUB", "MUL")), y, x)
    model.outputs = [z] + ([x] if dice.chance(0.3) else [])
    return ""


def diamond(model, dice, dtype):
    x = picture(model, dice, dtype)
    c = x.shape[3]
    a = conv2d(model, dice, x, c, kernel(dice))
    left, right = unary(model, dice, a), depthwise(model, dice, a, 1, (3, 3))
    b = simple.binary(model, dice, "ADD", left, right)
    model.outputs = [simple.binary(model, dice, "MUL", b, a)]
    return ""


def elementwise_web(model, dice, dtype):
    """Random operators on random earlier results, several of them outputs."""
    pool = [vector(model, dice, dtype)]
    if dice.chance(0.5):
        pool.append(feed(model, dice, pool[0].shape, dtype,
                         Quant.of(0.02, dice.zero_point(dtype))))
    count = dice.between(3, 12)
    for _ in range(count):
        a, b = dice.pick(pool[-3:]), dice.pick(pool)
        kind = dice.pick(("unary", "binary", "extremum", "constant"), (4, 4, 1, 1))
        if kind == "extremum" and a.quant == b.quant:
            y = simple.like(model, a, a.shape)
            model.op(dice.pick(("MINIMUM", "MAXIMUM")), [a, b], [y])
            pool.append(y)
        elif kind == "binary":
            pool.append(simple.binary(model, dice, dice.pick(("ADD", "SUB", "MUL")), a, b,
                                      dice.activation()))
        elif kind == "constant":
            c = constant(model, dice, a.shape[-1:], dtype, Quant.of(0.02, dice.zero_point(dtype)))
            pool.append(simple.binary(model, dice, dice.pick(("ADD", "MUL")), a, c))
        else:
            pool.append(unary(model, dice, a, dice.chance(0.3)))
    model.outputs = [pool[-1]] + [t for t in pool[:-1] if dice.chance(0.15)]
    return f"{count} operators {len(model.outputs)} outputs"


def moved(model, dice, x, pool):
    """A random operator that only moves values; returns the new tensors."""
    kind = dice.pick(("reshape", "transpose", "slice", "strided", "concat", "pad", "split",
                      "squeeze", "expand", "gather", "twice", "pack"))
    if kind == "reshape":
        return [move.reshape(model, x, factorise(dice, x.size, dice.between(1, 4)))]
    if kind == "transpose" and x.rank:
        return [move.transpose(model, x, dice.order(x.rank))]
    if kind == "slice" and x.rank:
        begin = [dice.between(0, (d - 1) // 2) for d in x.shape]
        return [move.cut(model, x, begin, [-1 if dice.chance(0.5) else d - b
                                           for d, b in zip(x.shape, begin)])]
    if kind == "strided" and 0 < x.rank < 5:
        return [move.strided_slice(model, x, [0] * x.rank, list(x.shape),
                                   [dice.between(1, 2) for _ in x.shape])]
    if kind == "concat" and x.rank:
        axis = dice.between(0, x.rank - 1)
        fitting = [t for t in pool if t.rank == x.rank and all(
            i == axis or d == e for i, (d, e) in enumerate(zip(t.shape, x.shape)))]
        return [move.concatenate(model, [x, dice.pick(fitting)], axis)]
    if kind == "twice" and x.rank:
        return [move.concatenate(model, [x, x], dice.between(0, x.rank - 1))]
    if kind == "pack" and x.rank < 4:
        return [move.pack(model, [x, dice.pick([t for t in pool if t.shape == x.shape])],
                          dice.between(0, x.rank))]
    if kind == "pad" and 0 < x.rank < 5:
        return [move.pad(model, x, [[dice.between(0, 1), dice.between(0, 1)] for _ in x.shape])]
    if kind == "split" and x.rank and any(d % 2 == 0 for d in x.shape):
        axis = dice.pick([i for i, d in enumerate(x.shape) if d % 2 == 0])
        return move.split(model, x, axis, 2)
    if kind == "squeeze" and 1 in x.shape and x.rank > 1:
        return [move.squeeze(model, x, [x.shape.index(1)])]
    if kind == "expand" and x.rank < 5:
        return [move.expand_dims(model, x, dice.between(0, x.rank))]
    if kind == "gather" and x.rank:
        axis = dice.between(0, x.rank - 1)
        indices = dice.rng.integers(0, x.shape[axis], dice.between(1, max(1, x.shape[axis])))
        return [move.gather(model, x, indices, axis)]
    return []


def movement_web(model, dice, dtype):
    """Random movements of random earlier results: slices of slices, views of inputs and outputs."""
    x = vector(model, dice, dtype, 400)
    pool = [x]
    count = dice.between(2, 10)
    while len(model.operators) < count:
        source = dice.pick(pool[-3:])
        if source.size < 2000:
            pool += moved(model, dice, source, pool)
        else:
            pool += [move.cut(model, source, [0] * source.rank,
                              [max(1, d // 2) for d in source.shape])]
    made = pool[1:]
    model.outputs = [made[-1]] + [t for t in made[:-1] if dice.chance(0.2)]
    return f"{count} operators {len(model.outputs)} outputs"


def mixed_web(model, dice, dtype):
    """Random image layers on random earlier results."""
    pool = [picture(model, dice, dtype)]
    count = dice.between(3, 9)
    for _ in range(count):
        x, others = dice.pick(pool[-2:]), pool
        kind = dice.pick(("conv", "depthwise", "pool", "binary", "concat", "unary", "pad", "mean"),
                         (4, 3, 2, 3, 2, 3, 1, 1))
        partners = [t for t in others if t.shape == x.shape]
        joinable = [t for t in others if t.shape[:3] == x.shape[:3] and t.quant == x.quant]
        if kind == "conv" or x.shape[3] > 40:
            y = conv2d(model, dice, x, width(dice), kernel(dice), activation=dice.activation(),
                       per_channel=dtype == "int8" and dice.chance(0.8))
        elif kind == "depthwise":
            y = depthwise(model, dice, x, 1, (3, 3), activation=dice.activation())
        elif kind == "pool":
            y = simple.pool(model, dice.pick(("AVERAGE_POOL_2D", "MAX_POOL_2D")), x, (2, 2),
                            (1, 1), "same")
        elif kind == "binary":
            y = simple.binary(model, dice, dice.pick(("ADD", "MUL", "SUB")), x,
                              dice.pick(partners))
        elif kind == "concat":
            y = move.concatenate(model, [x, dice.pick(joinable)], 3)
        elif kind == "pad":
            y = move.pad(model, x, [[0, 0], [1, 0], [0, 1], [0, 0]])
        elif kind == "mean":
            gate = simple.reduce(model, dice, "MEAN", x, [1, 2], True)
            y = simple.binary(model, dice, "MUL", x, gate)
        else:
            y = unary(model, dice, x)
        pool.append(y)
    model.outputs = [pool[-1]] + [t for t in pool[1:-1] if dice.chance(0.12)]
    return f"{count} layers {len(model.outputs)} outputs"


def two_heads(model, dice, dtype):
    """Two outputs of one trunk; the trunk may be an output as well."""
    trunk = conv2d(model, dice, picture(model, dice, dtype), width(dice), kernel(dice),
                   activation="relu6")
    heads = [conv2d(model, dice, trunk, dice.between(1, 6)),
             fully_connected(model, dice, simple.reduce(model, dice, "MEAN", trunk, [1, 2], False),
                             dice.between(1, 9))]
    model.outputs = heads if dice.chance(0.5) else [heads[1], trunk, heads[0]]
    return f"{len(model.outputs)} outputs"


def output_consumed(model, dice, dtype):
    """A chain whose every link is an output."""
    x = vector(model, dice, dtype)
    model.outputs = []
    for _ in range(dice.between(2, 4)):
        x = unary(model, dice, x, dice.chance(0.5))
        model.outputs.append(x)
    if dice.chance(0.5):
        model.outputs.reverse()
    return f"{len(model.outputs)} outputs"


def view_of_input(model, dice, dtype):
    """The input goes straight to an output, by RESHAPE or itself."""
    x = vector(model, dice, dtype)
    y = move.reshape(model, x, factorise(dice, x.size, dice.between(1, 4)))
    kind = dice.pick(("reshape", "with-input", "chain", "twice", "worked"))
    if kind == "reshape":
        model.outputs = [y]
    elif kind == "with-input":
        model.outputs = [x, y]
    elif kind == "chain":
        model.outputs = [move.squeeze(model, move.expand_dims(model, y, 0), [0])]
    elif kind == "twice":
        model.outputs = [y, move.reshape(model, y, (-1,))]
    else:
        # The view is changed where the input still counts.
        model.outputs = [simple.rectify(model, dice, "RELU", y, y.quant), y,
                         simple.rectify(model, dice, "RELU6", x)]
    return kind


def many_inputs(model, dice, dtype):
    """Two to four model inputs of differing shapes, one of them perhaps never used."""
    first = vector(model, dice, dtype, 600)
    inputs = [first] + [feed(model, dice, first.shape[i % max(first.rank, 1):], dtype,
                             Quant.of(0.02, dice.zero_point(dtype)))
                        for i in range(1, dice.between(2, 4))]
    order = list(inputs)
    unused = dice.chance(0.25)
    if unused:
        feed(model, dice, (3,), dtype, Quant.of(0.1, 0))
    if dice.chance(0.5):
        model.inputs.reverse()
    y = order[0]
    for t in order[1:]:
        y = simple.binary(model, dice, dice.pick(("ADD", "MUL", "SUB")), t, y)
    model.outputs = [y]
    return f"{len(model.inputs)} inputs{' unused' if unused else ''}"


def duplicate_output(model, dice, dtype):
    """One tensor is two outputs."""
    y = unary(model, dice, vector(model, dice, dtype))
    model.outputs = [y, y]
    return ""


def dead_code(model, dice, dtype):
    """Operators whose results nobody reads, one of SPLIT's parts among them."""
    x = vector(model, dice, dtype)
    unary(model, dice, x)
    even = [i for i, d in enumerate(x.shape) if d % 2 == 0]
    if not even:
        raise Impossible("nothing to split")
    parts = move.split(model, x, even[0], 2)
    model.outputs = [unary(model, dice, dice.pick(parts))]
    return ""


def shared_weights(model, dice, dtype):
    """The same weights in two layers: one tensor, or two tensors on one buffer."""
    x = picture(model, dice, dtype)
    c = x.shape[3]
    y = conv2d(model, dice, x, c, kernel(dice), quant=x.quant)
    weights = model.operators[-1][1][1]
    if dice.chance(0.5):
        weights.share = "weights"
        twin = model.tensor(weights.shape, dtype, weights.quant, weights.data)
        twin.share, weights = "weights", twin
    model.outputs = [conv2d(model, dice, y, c, weights.shape[1:3], weights=weights)]
    return "one-buffer" if weights.share else "one-tensor"


def other_borders(model, dice, dtype):
    """A model of one type inside whose borders are of the other, through QUANTIZE."""
    other = "uint8" if dtype == "int8" else "int8"
    shift = 128 if other == "uint8" else -128
    image = dice.image(2048)
    z = dice.zero_point(dtype)
    x = feed(model, dice, image, other, Quant.of(0.02, z + shift))
    x = simple.requantize(model, dice, x, dtype, Quant.of(0.02, z))
    y = conv2d(model, dice, x, width(dice), kernel(dice), activation=dice.activation())
    model.outputs = [simple.requantize(model, dice, y, other, Quant.of(y.quant.s,
                                                                       y.quant.z + shift))]
    if dice.chance(0.3):
        model.outputs.append(y)
    return other


def float_borders(model, dice, dtype):
    """Float borders of several inputs and outputs, an output that is consumed as well."""
    a = picture(model, dice, dtype)
    b = feed(model, dice, a.shape, dtype, Quant.of(0.03, dice.zero_point(dtype)))
    c = simple.binary(model, dice, "ADD", a, b)
    d = conv2d(model, dice, c, width(dice), kernel(dice))
    model.outputs = dice.pick(([d], [d, c], [c, d], [d, a]))
    model.add_float_borders(dice.chance(0.8), True)
    return f"{len(model.outputs)} outputs"


def built_in_movement(model, dice, dtype):
    """SUM or ELU among movements; see NOT_REFERENCE for why no other arithmetic is here."""
    x = vector(model, dice, dtype)
    if dtype == "int8" and dice.chance(0.5):
        y, name = simple.elu(model, dice, x), "ELU"
    else:
        y, name = simple.reduce(model, dice, "SUM", x, [-1], True), "SUM"
    z = move.concatenate(model, [y, y], 0)
    model.outputs = [move.reshape(model, z, (-1,)), y]
    return name


SWEEPS = {
    "same-operand": same_operand, "used-again": used_again, "diamond": diamond,
    "elementwise-web": elementwise_web, "movement-web": movement_web, "mixed-web": mixed_web,
    "two-heads": two_heads, "output-consumed": output_consumed, "view-of-input": view_of_input,
    "many-inputs": many_inputs, "duplicate-output": duplicate_output, "dead-code": dead_code,
    "shared-weights": shared_weights, "other-borders": other_borders,
    "float-borders": float_borders, "built-in-movement": built_in_movement,
}
