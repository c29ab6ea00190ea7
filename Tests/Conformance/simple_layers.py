"""Layers without weights, for single operators and for graphs."""

import numpy as np

from layers import result, window
from tflite_writer import ACTIVATIONS, PADDINGS, Quant


def fixed(dtype, scale, int8_zero_point):
    """The output quantisation that LiteRT prescribes for an operator."""
    return Quant.of(scale, int8_zero_point + (128 if dtype == "uint8" else 0))


def like(model, x, shape):
    """A tensor with the quantisation and the estimates of another."""
    y = model.tensor(shape, x.dtype, x.quant)
    y.low, y.high, y.rms = x.low, x.high, x.rms
    return y


def axes_tensor(model, values, dtype="int32"):
    """A constant of axes, sizes or the like; empty ones keep their type."""
    return model.constant(np.asarray(values, np.int64), dtype)


# -- arithmetic --------------------------------------------------------------------------------


def bounds(name, a, b):
    """The interval of a binary operator's results."""
    corners = {
        "ADD": lambda p, q: p + q, "SUB": lambda p, q: p - q, "MUL": lambda p, q: p * q,
        "MINIMUM": min, "MAXIMUM": max, "SQUARED_DIFFERENCE": lambda p, q: (p - q) ** 2,
    }[name]
    ends = [corners(p, q) for p in (a.low, a.high) for q in (b.low, b.high)]
    if name == "SQUARED_DIFFERENCE":
        ends.append(0.0)
    return min(ends), max(ends)


def binary(model, dice, name, a, b, activation="none", quant=None):
    """ADD, SUB, MUL, SQUARED_DIFFERENCE with broadcasting."""
    low, high = bounds(name, a, b)
    # LiteRT aborts (ADD, SUB, SQUARED_DIFFERENCE) or overflows (MUL) below these output scales.
    twice = 2 * max(a.quant.s, b.quant.s)
    floor = {"ADD": twice / 2 ** 20, "SUB": twice / 2 ** 20, "MUL": a.quant.s * b.quant.s / 2 ** 12,
             "SQUARED_DIFFERENCE": twice ** 2 / 2 ** 14}[name] * 1.01
    y = result(model, dice, np.broadcast_shapes(a.shape, b.shape), a.dtype, low, high, floor,
               activation, quant)
    options = {} if name == "SQUARED_DIFFERENCE" else {
        "fusedActivationFunction": ACTIVATIONS[activation]}
    return model.op(name, [a, b], [y], **options)


def pool(model, name, x, kernel, stride=(1, 1), padding="valid", activation="none"):
    """AVERAGE_POOL_2D or MAX_POOL_2D; the result keeps the quantisation."""
    n, h, w, c = x.shape
    out = [window(s, k, t, 1, padding) for s, k, t in zip((h, w), kernel, stride)]
    y = like(model, x, (n, *out, c))
    return model.op(name, [x], [y], padding=PADDINGS[padding], filterHeight=kernel[0],
                    filterWidth=kernel[1], strideH=stride[0], strideW=stride[1],
                    fusedActivationFunction=ACTIVATIONS[activation])


# -- functions of one value --------------------------------------------------------------------


def softmax(model, x, beta=1.0):
    y = model.tensor(x.shape, x.dtype, fixed(x.dtype, 1 / 256, -128))
    y.low, y.high, y.rms = 0.0, 1.0, 0.3
    return model.op("SOFTMAX", [x], [y], beta=float(beta))


def rectify(model, dice, name, x, quant=None):
    """RELU, RELU6 or RELU_N1_TO_1 as an operator of its own, which rescales."""
    activation = name.lower()
    y = result(model, dice, x.shape, x.dtype, x.low, x.high, x.quant.s / 2 ** 20, activation, quant)
    return model.op(name, [x], [y])


def leaky_relu(model, dice, x, alpha, quant=None):
    alpha = float(np.float32(alpha))
    ends = [x.low, x.high, alpha * x.low]
    y = result(model, dice, x.shape, x.dtype, min(ends), max(ends),
               x.quant.s * max(1, abs(alpha)) / 2 ** 20, quant=quant)
    return model.op("LEAKY_RELU", [x], [y], alpha=alpha)


def prelu(model, dice, x, alpha, quant=None):
    ends = [x.low, x.high, alpha.low * x.low, alpha.high * x.low]
    floor = max(x.quant.s / 2 ** 20, x.quant.s * alpha.quant.s / 2 ** 12)
    shape = np.broadcast_shapes(x.shape, alpha.shape)
    y = result(model, dice, shape, x.dtype, min(ends), max(ends), floor, quant=quant)
    return model.op("PRELU", [x, alpha], [y])


def hard_swish(model, dice, x, quant=None):
    """HARD_SWISH; below this output scale LiteRT shifts by a negative count."""
    y = result(model, dice, x.shape, x.dtype, -0.375, max(x.high, 0.0), x.quant.s / 100,
               quant=quant)
    return model.op("HARD_SWISH", [x], [y])


def logistic(model, x):
    y = model.tensor(x.shape, x.dtype, fixed(x.dtype, 1 / 256, -128))
    y.low, y.high, y.rms = 0.0, 1.0, 0.5
    return model.op("LOGISTIC", [x], [y])


def tanh(model, x):
    y = model.tensor(x.shape, x.dtype, fixed(x.dtype, 1 / 128, 0))
    y.low, y.high, y.rms = -1.0, 1.0, 0.5
    return model.op("TANH", [x], [y])


def elu(model, dice, x, quant=None):
    y = result(model, dice, x.shape, x.dtype, max(x.low, -1.0), x.high, x.quant.s / 2 ** 20,
               quant=quant)
    return model.op("ELU", [x], [y])


def absolute(model, dice, x, quant=None):
    y = result(model, dice, x.shape, x.dtype, 0.0, max(x.high, -x.low), x.quant.s / 2 ** 20,
               quant=quant)
    return model.op("ABS", [x], [y])


def rsqrt(model, dice, x, quant=None):
    """RSQRT; LiteRT fails on negative values."""
    y = result(model, dice, x.shape, x.dtype, 0.0, 1 / np.sqrt(x.quant.s),
               1 / np.sqrt(x.quant.s) / 2 ** 10, quant=quant)
    return model.op("RSQRT", [x], [y])


def l2_normalization(model, x):
    y = model.tensor(x.shape, x.dtype, fixed(x.dtype, 1 / 128, 0))
    y.low, y.high, y.rms = -1.0, 1.0, 1 / np.sqrt(x.shape[-1])
    return model.op("L2_NORMALIZATION", [x], [y])


def requantize(model, dice, x, dtype, quant=None):
    """QUANTIZE from one integer quantisation to another."""
    if quant is None:
        quant = dice.quant_for(dtype, x.low, x.high, x.quant.s / 2 ** 20)
    y = model.tensor(x.shape, dtype, quant)
    y.low, y.high = [float(np.clip(end, y.low, y.high)) for end in (x.low, x.high)]
    y.rms = x.rms
    return model.op("QUANTIZE", [x], [y], 2)


# -- reductions --------------------------------------------------------------------------------


def reduced_shape(shape, axes, keep_dims):
    """The shape of a reduction."""
    axes = {a % len(shape) for a in axes}
    if keep_dims:
        return tuple(1 if i in axes else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in axes)


def reduce(model, dice, name, x, axes, keep_dims=True, quant=None):
    """MEAN or SUM."""
    shape = reduced_shape(x.shape, axes, keep_dims)
    count = x.size // max(int(np.prod(shape, dtype=np.int64)), 1)
    low, high = x.low, x.high
    if x.index in model.feeds:
        real = (model.feeds[x.index].astype(float) - x.quant.z) * x.quant.s
        real = getattr(real, name.lower())(tuple({a % x.rank for a in axes}))
        low, high = float(real.min()), float(real.max())
    elif name == "SUM":
        low, high = min(low, 0) * np.sqrt(count), max(high, 0) * np.sqrt(count)
    elif count > 4:
        middle = (low + high) / 2
        low, high = [middle + (end - middle) * 3 / np.sqrt(count) for end in (low, high)]
    floor = x.quant.s / 2 ** 8
    y = result(model, dice, shape, x.dtype, low, high, floor, quant=quant)
    scalar = len(axes) == 1 and dice.chance(0.2)
    return model.op(name, [x, axes_tensor(model, axes[0] if scalar else axes)], [y],
                    keepDims=keep_dims)
