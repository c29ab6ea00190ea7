"""Sweeps over functions of one value, and over the float borders."""

import simple_layers as layers
from layers import constant, feed
from tflite_writer import LIMITS, Quant


def shape_words(tensor):
    return "x".join(map(str, tensor.shape))


def plain(layer, **scales):
    """A sweep of an operator whose only parameters are shape and quantisation."""
    def sweep(model, dice, dtype):
        shape = dice.shape(dice.pick((1, 2, 3, 4, 5), (1, 2, 2, 5, 1)), 4096)
        x = feed(model, dice, shape, dtype, dice.quant(dtype, **scales) if scales else None)
        model.outputs = [layer(model, dice, x)]
        return shape_words(x)
    return sweep


def softmax_(model, dice, dtype):
    shape = dice.shape(dice.pick((1, 2, 3, 4), (1, 4, 2, 2)), 4096)
    x = feed(model, dice, shape, dtype, dice.quant(dtype, low=5e-3, high=1.0, extreme=0.08))
    beta = dice.pick((1.0, 0.5, 2.0, 0.1, 7.3), (10, 1, 1, 1, 1))
    model.outputs = [layers.softmax(model, x, beta)]
    return f"{shape_words(x)} beta {beta}"


def leaky_relu_(model, dice, dtype):
    x = feed(model, dice, dice.shape(dice.between(1, 4), 4096), dtype)
    alpha = dice.pick((0.01, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, -0.5, 0.0, 1e-4))
    model.outputs = [layers.leaky_relu(model, dice, x, alpha)]
    return f"{shape_words(x)} alpha {alpha}"


def prelu_(model, dice, dtype):
    shape = dice.shape(dice.between(2, 4), 4096)
    x = feed(model, dice, shape, dtype)
    kind = dice.pick(("channel", "inner", "scalar", "full", "short"), (6, 3, 1, 1, 1))
    rest = shape[1:]
    alpha_shape = {"channel": [1] * (len(rest) - 1) + rest[-1:], "inner": rest, "full": shape,
                   "scalar": [1] * len(rest), "short": shape[-1:]}[kind]
    quant = Quant.of(dice.scale(1e-4, 1e-2, 0.1), dice.zero_point(dtype))
    if dice.chance(0.3):
        alpha = feed(model, dice, alpha_shape, dtype, quant)
    else:
        alpha = constant(model, dice, alpha_shape, dtype, quant)
    model.outputs = [layers.prelu(model, dice, x, alpha)]
    words = "" if alpha in model.inputs else " constant"
    return f"{shape_words(x)} alpha {shape_words(alpha)}{words}"


def rsqrt_(model, dice, dtype):
    shape = dice.shape(dice.between(1, 4), 2048)
    low = LIMITS[dtype][0]
    quant = Quant.of(dice.scale(), low + dice.pick((0, 1, 10, 128)))
    # LiteRT fails on negative values.
    values = dice.values(shape, dtype, quant.z).clip(quant.z + dice.between(0, 1), None)
    x = model.input(shape, dtype, quant, values)
    model.outputs = [layers.rsqrt(model, dice, x)]
    return shape_words(x)


def l2_normalization_(model, dice, dtype):
    shape = dice.shape(dice.between(1, 4), 4096)
    x = feed(model, dice, shape, dtype)
    model.outputs = [layers.l2_normalization(model, x)]
    return shape_words(x)


def quantize_(model, dice, dtype):
    """From one integer quantisation to another; `dtype` is the input's type."""
    x = feed(model, dice, dice.shape(dice.between(1, 4), 4096), dtype)
    target = dice.pick(("int8", "uint8"))
    kind = dice.pick(("any", "twin", "same-scale"), (4, 1, 1))
    quant = None
    if kind == "twin":
        # The same real values in the other type: LiteRT only flips the top bit.
        shift = 0 if target == dtype else 128 if target == "uint8" else -128
        quant = Quant.of(x.quant.s, x.quant.z + shift)
    elif kind == "same-scale":
        quant = Quant.of(x.quant.s, dice.zero_point(target))
    model.outputs = [layers.requantize(model, dice, x, target, quant)]
    return f"{shape_words(x)} to {target} {kind}"


def borders(model, dice, dtype):
    """Float borders: QUANTIZE from float32 at the start, DEQUANTIZE to float32 at the end."""
    x = feed(model, dice, dice.shape(dice.between(1, 4), 2048), dtype)
    kind = dice.pick(("both", "only", "input", "output", "two"))
    if kind == "only":
        # A quantised tensor that is the first border's inside and the last one's.
        model.outputs = [x]
        model.add_float_borders()
    else:
        y = layers.rectify(model, dice, "RELU", x)
        model.outputs = [y]
        if kind == "two":
            model.outputs = [x, y]
        model.add_float_borders(kind != "output", kind != "input")
    return f"{shape_words(x)} {kind}"


def rectifier(name):
    return plain(lambda model, dice, x: layers.rectify(model, dice, name, x))


SWEEPS = {
    "SOFTMAX": softmax_,
    "LOGISTIC": plain(lambda model, dice, x: layers.logistic(model, x), low=5e-3, high=0.3),
    "TANH": plain(lambda model, dice, x: layers.tanh(model, x), low=5e-3, high=0.3),
    "HARD_SWISH": plain(layers.hard_swish, low=5e-3, high=0.3),
    "RELU": rectifier("RELU"), "RELU6": rectifier("RELU6"),
    "RELU_N1_TO_1": rectifier("RELU_N1_TO_1"),
    "PRELU": prelu_, "LEAKY_RELU": leaky_relu_,
    "ELU": plain(layers.elu, low=5e-3, high=0.3), "ABS": plain(layers.absolute),
    "RSQRT": rsqrt_, "L2_NORMALIZATION": l2_normalization_,
    "QUANTIZE": quantize_, "DEQUANTIZE": borders,
}
