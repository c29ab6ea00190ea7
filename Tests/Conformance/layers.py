"""Layers with weights: convolutions and matrix products, for single operators and for graphs.

Every layer takes the model and the dice first, adds its constants and its operator, chooses the
quantisation of its result unless given one, and returns the result.
"""

import numpy as np

from tflite_writer import ACTIVATIONS, PADDINGS, Quant, estimate

# Kernels multiply a 32-bit sum by a power of two first; below this bound that cannot overflow,
# which in C++ would be undefined.
ACCUMULATOR_LIMIT = 2.0 ** 29


class Impossible(Exception):
    """The drawn parameters make no model; draw again."""


def feed(model, dice, shape, dtype, quant=None):
    """A model input of random values, and of random quantisation unless given one."""
    quant = quant or dice.quant(dtype)
    return model.input(shape, dtype, quant, dice.values(shape, dtype, quant.z))


def constant(model, dice, shape, dtype, quant=None):
    """A constant operand of random values."""
    quant = quant or dice.quant(dtype)
    tensor = model.tensor(shape, dtype, quant, dice.values(shape, dtype, quant.z))
    estimate(tensor, tensor.data)
    return tensor


def clip_by(activation, low, high):
    """The part of low...high that a fused activation lets through."""
    least, most = {"none": (-np.inf, np.inf), "relu": (0, np.inf), "relu6": (0, 6),
                   "relu_n1_to_1": (-1, 1)}[activation]
    return float(np.clip(low, least, most)), float(np.clip(high, least, most))


def result(model, dice, shape, dtype, low, high, floor=0.0, activation="none", quant=None):
    """The tensor that a layer writes; its real values are estimated to lie in low...high."""
    clipped = clip_by(activation, low, high)
    if quant is None:
        # Converters see the clipped range; a scale for the unclipped one tests the clamping.
        target = clipped if dice.chance(0.7) else (low, high)
        quant = dice.quant_for(dtype, *target, floor=floor)
    tensor = model.tensor(shape, dtype, quant)
    tensor.low = float(np.clip(clipped[0], tensor.low, tensor.high))
    tensor.high = float(np.clip(clipped[1], tensor.low, tensor.high))
    tensor.rms = max(tensor.high, -tensor.low, 1e-12) / 2
    return tensor


def with_bias(dice, inputs, bias):
    """An absent bias is either left out or an input of its own that says so."""
    return inputs + [bias] if bias or dice.chance(0.5) else inputs


def window(size, kernel, stride, dilation, padding):
    """The output size along one axis."""
    reach = (kernel - 1) * dilation + 1
    out = -(-size // stride) if padding == "same" else -(-(size - reach + 1) // stride)
    if out <= 0:
        raise Impossible("window larger than the image")
    return out


def weight_tensor(model, dice, x, shape, axis, per_channel, name=None):
    """Constant weights; uint8 ones have a zero point, int8 ones may have a scale per channel."""
    values = dice.weights(shape, x.dtype)
    if x.dtype == "uint8":
        quant = Quant.of(dice.scale(1e-3, 3e-2, 0.1), dice.zero_point("uint8"))
    elif per_channel:
        count = shape[axis]
        base = dice.scale(1e-3, 3e-2, 0.1)
        spread = dice.pick((2.0, 20.0, 1e4), (6, 3, 1))
        scales = base * np.exp(dice.rng.uniform(-np.log(spread), 0, count))
        if count > 1 and dice.chance(0.1):
            # Converters give a channel of zero weights a tiny scale.
            dead = dice.between(0, count - 1)
            scales[dead] = 1e-9
            np.moveaxis(values, axis, 0)[dead] = 0
        quant = Quant(tuple(float(np.float32(s)) for s in scales), (0,) * count, axis)
    else:
        quant = Quant.of(dice.scale(1e-3, 3e-2, 0.1))
    return model.tensor(shape, x.dtype, quant, values, name)


def products(model, dice, x, weights, axis, bias=True):
    """Bias, the estimated range of the sums, and the least safe output scale.

    Returns (bias tensor or None, low, high, floor).
    """
    count = weights.shape[axis]
    w = np.moveaxis(weights.data.astype(np.float64), axis, 0).reshape(count, -1)
    w = w - np.reshape(weights.quant.zero_point, (-1, 1))
    scales = np.broadcast_to(np.float32(x.quant.s) * np.float32(weights.quant.scale), (count,))
    spread = np.sqrt((w * w).sum(axis=1)) * x.rms / x.quant.s
    bound = np.abs(w).sum(axis=1) * 256
    values, tensor = np.zeros(count, np.int64), None
    if bias:
        kind = dice.pick(("usual", "zero", "large", "huge"), (75, 10, 12, 3))
        size = {"usual": spread, "zero": 0 * spread, "large": 20 * spread + 1000,
                "huge": 0 * spread + 2.0 ** 28}[kind]
        values = np.clip(np.round(dice.rng.normal(0, 1, count) * size), -2 ** 30, 2 ** 30)
        values = values.astype(np.int64)
        quant = Quant(tuple(float(s) for s in (scales if len(weights.quant.scale) > 1
                                               else scales[:1])),
                      (0,) * len(weights.quant.scale), 0)
        tensor = model.tensor((count,), "int32", quant, values)
    low = float(((values - 3 * spread) * scales).min())
    high = float(((values + 3 * spread) * scales).max())
    floor = float(((bound + np.abs(values)) * scales).max()) / ACCUMULATOR_LIMIT
    return tensor, low, high, floor


def conv2d(model, dice, x, channels, kernel=(1, 1), stride=(1, 1), dilation=(1, 1),
           padding="same", groups=1, activation="none", per_channel=True, bias=True, quant=None,
           weights=None):
    """CONV_2D; kernel, stride and dilation are (height, width). LiteRT insists on a bias."""
    n, h, w, c = x.shape
    shape = (channels, *kernel, c // groups)
    out = [window(s, *p, padding) for s, p in zip((h, w), zip(kernel, stride, dilation))]
    if weights is None:
        weights = weight_tensor(model, dice, x, shape, 0, per_channel)
    b, low, high, floor = products(model, dice, x, weights, 0, bias)
    y = result(model, dice, (n, *out, channels), x.dtype, low, high, floor, activation, quant)
    return model.op(
        "CONV_2D", [x, weights, b], [y], 6 if groups > 1 else None,
        padding=PADDINGS[padding], strideH=stride[0], strideW=stride[1],
        dilationHFactor=dilation[0], dilationWFactor=dilation[1],
        fusedActivationFunction=ACTIVATIONS[activation])


def depthwise(model, dice, x, multiplier=1, kernel=(3, 3), stride=(1, 1), dilation=(1, 1),
              padding="same", activation="none", per_channel=True, bias=True, quant=None):
    """DEPTHWISE_CONV_2D."""
    n, h, w, c = x.shape
    shape = (1, *kernel, c * multiplier)
    out = [window(s, *p, padding) for s, p in zip((h, w), zip(kernel, stride, dilation))]
    weights = weight_tensor(model, dice, x, shape, 3, per_channel)
    b, low, high, floor = products(model, dice, x, weights, 3, bias)
    y = result(model, dice, (n, *out, shape[3]), x.dtype, low, high, floor, activation, quant)
    return model.op(
        "DEPTHWISE_CONV_2D", [x, weights, b] if b else [x, weights], [y],
        padding=PADDINGS[padding], strideH=stride[0], strideW=stride[1],
        depthMultiplier=multiplier, dilationHFactor=dilation[0], dilationWFactor=dilation[1],
        fusedActivationFunction=ACTIVATIONS[activation])


def fully_connected(model, dice, x, units, keep_dims=False, depth=None, activation="none",
                    per_channel=False, bias=True, quant=None):
    """FULLY_CONNECTED; `depth` (the innermost dimension unless given) divides the input."""
    depth = depth or x.shape[-1]
    weights = weight_tensor(model, dice, x, (units, depth), 0, per_channel)
    b, low, high, floor = products(model, dice, x, weights, 0, bias)
    leading = x.shape[:-1] if keep_dims else (x.size // depth,)
    y = result(model, dice, (*leading, units), x.dtype, low, high, floor, activation, quant)
    version = None
    if x.dtype == "int8":
        version = 12 if per_channel else 6 if b is None else 5 if keep_dims else 4
    return model.op("FULLY_CONNECTED", with_bias(dice, [x, weights], b), [y], version,
                    keepNumDims=keep_dims, fusedActivationFunction=ACTIVATIONS[activation])


def transpose_conv(model, dice, x, channels, kernel=(2, 2), stride=(2, 2), padding="same",
                   extra=(0, 0), activation="none", per_channel=True, bias=True, quant=None):
    """TRANSPOSE_CONV; `extra` enlarges the output, as odd sizes do that were strided down."""
    n, h, w, c = x.shape
    out = []
    for size, k, s, e in zip((h, w), kernel, stride, extra):
        # The forward convolution of the output must give back the input's size.
        whole = size * s if padding == "same" else (size - 1) * s + k
        whole += -min(e, s - 1) if padding == "same" else min(e, s - 1)
        out.append(max(whole, 1))
        if window(out[-1], k, s, 1, padding) != size:
            raise Impossible("no such transposed convolution")
    weights = weight_tensor(model, dice, x, (channels, *kernel, c), 0, per_channel)
    b, low, high, floor = products(model, dice, x, weights, 0, bias)
    y = result(model, dice, (n, *out, channels), x.dtype, low, high, floor, activation, quant)
    shape = model.constant(y.shape)
    version = 4 if activation != "none" else 3 if b else None
    return model.op(
        "TRANSPOSE_CONV", with_bias(dice, [shape, weights, x], b), [y], version,
        padding=PADDINGS[padding], strideH=stride[0], strideW=stride[1],
        fusedActivationFunction=ACTIVATIONS[activation])


def batch_matmul(model, dice, x, y, adj_x=False, adj_y=False, quant=None):
    """BATCH_MATMUL with broadcast batches."""
    rows, inner = x.shape[-2:][::-1] if adj_x else x.shape[-2:]
    columns = y.shape[-2] if adj_y else y.shape[-1]
    batches = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    spread = 3 * np.sqrt(inner) * x.rms * y.rms
    floor = x.quant.s * y.quant.s * inner * 256 * 256 / ACCUMULATOR_LIMIT
    z = result(model, dice, (*batches, rows, columns), x.dtype, -spread, spread, floor,
               quant=quant)
    return model.op("BATCH_MATMUL", [x, y], [z], adjX=adj_x, adjY=adj_y)
