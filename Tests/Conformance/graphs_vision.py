"""Small graphs as converters write them for image models. Each function draws one and names it."""

import numpy as np

import movement_layers as move
import simple_layers as simple
from layers import (batch_matmul, constant, conv2d, depthwise, feed, fully_connected,
                    transpose_conv)
from tflite_writer import Quant


def picture(model, dice, dtype, channels=None, even=False):
    """An image input of a scale that later layers can work with."""
    image = dice.image(3072)
    if even:
        image[1:3] = [max(2, s // 2 * 2) for s in image[1:3]]
    image[3] = channels or min(image[3], 24)
    quant = Quant.of(dice.log(0.005, 0.05), dice.zero_point(dtype))
    return feed(model, dice, image, dtype, quant)


def width(dice):
    return dice.pick((1, 3, 4, 5, 8, 9, 12, 16) if not dice.small else (1, 3, 4, 5, 8))


def kernel(dice):
    return dice.pick(((3, 3), (1, 1), (5, 5), (3, 1), (2, 2)), (5, 2, 1, 1, 1))


def inverted_residual(model, dice, dtype):
    x = picture(model, dice, dtype)
    c, stride = x.shape[3], dice.pick((1, 2), (3, 1))
    activation = dice.pick(("relu6", "relu", "none"), (3, 1, 1))
    y = conv2d(model, dice, x, c * dice.pick((1, 2, 3)), activation=activation)
    y = depthwise(model, dice, y, 1, kernel(dice), (stride, stride), activation=activation)
    y = conv2d(model, dice, y, c)
    if stride == 1:
        y = simple.binary(model, dice, "ADD", *dice.pick(((x, y), (y, x))))
    model.outputs = [y]
    return f"s{stride} {activation}"


def depth_first(model, dice, dtype):
    """What can be computed a few lines at a time: a convolution, a depthwise one, a pointwise one."""
    shape = [1, *dice.image(3072)[1:]]
    x = feed(model, dice, shape, dtype, Quant.of(dice.log(0.005, 0.05), dice.zero_point(dtype)))
    parts = dice.pick(("all", "first", "last"), (3, 1, 1))
    function = dice.pick(("none", "relu6", "hard-swish"), (2, 2, 1))
    activation = "none" if function == "hard-swish" else function
    if parts != "last":
        x = conv2d(model, dice, x, width(dice), dice.pick(((1, 1), (3, 3), (2, 1)), (4, 2, 1)),
                   dice.pick(((1, 1), (2, 2), (1, 3)), (4, 2, 1)), activation=activation)
        if function == "hard-swish":
            x = simple.hard_swish(model, dice, x)
    taps = (dice.between(1, 6), dice.between(1, 6))
    steps = dice.pick(((1, 1), (2, 2), (3, 3), (2, 1), (1, 2)), (5, 3, 1, 1, 1))
    holes = dice.pick(((1, 1), (2, 2), (1, 3), (3, 1)), (5, 1, 1, 1)) if steps == (1, 1) else (1, 1)
    reach = [(k - 1) * d + 1 for k, d in zip(taps, holes)]
    fits = all(r <= side for r, side in zip(reach, x.shape[1:3]))
    padding = dice.pick(("same", "valid"), (3, 1)) if fits else "same"
    y = depthwise(model, dice, x, 1, taps, steps, holes, padding, activation=activation)
    if parts != "first":
        if function == "hard-swish":
            y = simple.hard_swish(model, dice, y)
        y = conv2d(model, dice, y, width(dice), activation=activation)
    model.outputs = [y]
    return f"{parts} {taps} {steps} {holes} {padding} {function}"


def squeeze_excite(model, dice, dtype):
    x = picture(model, dice, dtype)
    c = x.shape[3]
    x = conv2d(model, dice, x, c, kernel(dice), activation="relu")
    pooled = dice.pick(("mean", "mean-flat", "pool"))
    if pooled == "pool":
        s = simple.pool(model, "AVERAGE_POOL_2D", x, x.shape[1:3])
    else:
        s = simple.reduce(model, dice, "MEAN", x, [1, 2], pooled == "mean")
        if pooled == "mean-flat":
            s = move.reshape(model, s, (-1, 1, 1, c))
    s = conv2d(model, dice, s, max(1, c // 2), activation="relu")
    s = conv2d(model, dice, s, c)
    gate = dice.pick(("logistic", "hard-sigmoid", "hard-swish"))
    if gate == "logistic":
        s = simple.logistic(model, s)
    elif gate == "hard-swish":
        s = simple.hard_swish(model, dice, s)
    else:
        three = model.tensor((), dtype, Quant.of(3 / 255, -128 if dtype == "int8" else 0),
                             np.array(127 if dtype == "int8" else 255))
        sixth = model.tensor((), dtype, Quant.of(1 / 6 / 255, -128 if dtype == "int8" else 0),
                             np.array(127 if dtype == "int8" else 255))
        three.low = three.high = 3.0
        sixth.low = sixth.high = 1 / 6
        s = simple.binary(model, dice, "ADD", s, three, "relu6")
        s = simple.binary(model, dice, "MUL", s, sixth)
    model.outputs = [simple.binary(model, dice, "MUL", *dice.pick(((x, s), (s, x))))]
    return f"{pooled} {gate}"


def padded_depthwise(model, dice, dtype):
    x = picture(model, dice, dtype)
    x = conv2d(model, dice, x, width(dice), activation=dice.activation())
    side = dice.pick(([1, 1], [0, 1], [1, 0], [2, 3]))
    x = move.pad(model, x, [[0, 0], side, side, [0, 0]])
    fits = min(x.shape[1:3]) >= 3
    model.outputs = [depthwise(model, dice, x, 1, (3, 3) if fits else (1, 1), (2, 2),
                               padding="valid", activation=dice.activation())]
    return f"pad {side[0]},{side[1]}"


def padded_conv(model, dice, dtype):
    """A standalone PAD that a compiler may fold, and paddings that it must not."""
    x = picture(model, dice, dtype)
    kind = dice.pick(("pad", "padv2", "mirror", "channels", "batch", "twice"), (4, 2, 2, 1, 1, 1))
    side = [[0, 0], [1, 1], [1, 1], [0, 0]]
    if kind == "mirror":
        side = [[0, 0], *([0, 0] if s < 2 else [1, 1] for s in x.shape[1:3]), [0, 0]]
        y = move.mirror_pad(model, x, side, dice.between(0, 1))
    elif kind == "padv2":
        y = move.pad(model, x, side, int(dice.values((), dtype, x.quant.z)))
    else:
        if kind == "channels":
            side[3] = [0, dice.between(1, 3)]
        if kind == "batch":
            side[0] = [1, 0]
        y = move.pad(model, x, side)
    size = 3 if min(y.shape[1:3]) >= 3 else 1
    stride = dice.between(1, 2)
    z = conv2d(model, dice, y, width(dice), (size, size), (stride, stride),
               padding=dice.pick(("valid", "same"), (3, 1)), activation=dice.activation())
    model.outputs = [z]
    if kind == "twice":
        # The padded image has a second consumer.
        model.outputs.append(simple.pool(model, "MAX_POOL_2D", y, (1, 1), (2, 2)))
    return kind


def separate_activation(model, dice, dtype):
    """conv, then an activation as an operator of its own with its own quantisation."""
    x = conv2d(model, dice, picture(model, dice, dtype), width(dice), kernel(dice))
    name = dice.pick(("RELU", "RELU6", "RELU_N1_TO_1", "HARD_SWISH", "LEAKY_RELU", "PRELU",
                      "LOGISTIC", "TANH"))
    same = x.quant if dice.chance(0.3) else None
    if name in ("RELU", "RELU6", "RELU_N1_TO_1"):
        y = simple.rectify(model, dice, name, x, same)
    elif name == "HARD_SWISH":
        y = simple.hard_swish(model, dice, x)
    elif name == "LEAKY_RELU":
        y = simple.leaky_relu(model, dice, x, 0.1, same)
    elif name == "PRELU":
        alpha = constant(model, dice, (1, 1, x.shape[3]), dtype,
                         Quant.of(0.002, dice.zero_point(dtype)))
        y = simple.prelu(model, dice, x, alpha)
    else:
        y = simple.logistic(model, x) if name == "LOGISTIC" else simple.tanh(model, x)
    if dice.chance(0.4):
        y = conv2d(model, dice, y, width(dice))
    model.outputs = [y]
    return name + (" same-quant" if same else "")


def stem(model, dice, dtype):
    """conv and HARD_SWISH, then depthwise and HARD_SWISH, as MobileNetV3 starts."""
    x = conv2d(model, dice, picture(model, dice, dtype, 3), width(dice), (3, 3), (2, 2))
    x = simple.hard_swish(model, dice, x)
    x = depthwise(model, dice, x, 1, (3, 3))
    model.outputs = [simple.hard_swish(model, dice, x)]
    return ""


def classifier(model, dice, dtype):
    x = conv2d(model, dice, picture(model, dice, dtype), width(dice), kernel(dice), (2, 2),
               activation="relu6")
    if dice.chance(0.5):
        x = simple.reduce(model, dice, "MEAN", x, [1, 2], True)
        x = move.reshape(model, x, (-1, x.shape[3]))
    else:
        x = simple.pool(model, "AVERAGE_POOL_2D", x, x.shape[1:3])
        x = move.squeeze(model, x, [1, 2])
    x = fully_connected(model, dice, x, dice.between(2, 20),
                        per_channel=dtype == "int8" and dice.chance(0.3))
    model.outputs = [simple.softmax(model, x)]
    return "x".join(map(str, x.shape))


def flattened_classifier(model, dice, dtype):
    x = conv2d(model, dice, picture(model, dice, dtype), 4, kernel(dice), (2, 2))
    x = simple.pool(model, "MAX_POOL_2D", x, (2, 2), (2, 2), "same")
    if dice.chance(0.5):
        batch = move.strided_slice(model, move.shape_of(model, x), [0], [1], [1], {"shrink": 1})
        shape = move.pack(model, [batch, model.constant(x.size // x.shape[0])], 0)
        x = move.reshape_to(model, x, shape, (x.shape[0], x.size // x.shape[0]))
    x = fully_connected(model, dice, x, dice.between(2, 9), depth=x.size // x.shape[0],
                        activation=dice.activation())
    model.outputs = [fully_connected(model, dice, x, dice.between(2, 9))]
    return ""


def channel_first(model, dice, dtype):
    """TRANSPOSE from NCHW, conv, TRANSPOSE back."""
    image = dice.image(2048)
    quant = Quant.of(0.02, dice.zero_point(dtype))
    x = feed(model, dice, [image[0], min(image[3], 16), *image[1:3]], dtype, quant)
    y = move.transpose(model, x, [0, 2, 3, 1])
    y = conv2d(model, dice, y, width(dice), kernel(dice), activation=dice.activation())
    if dice.chance(0.5):
        y = depthwise(model, dice, y, 1, (3, 3))
    model.outputs = [move.transpose(model, y, [0, 3, 1, 2])]
    return ""


def pyramid(model, dice, dtype):
    x = picture(model, dice, dtype, even=True)
    c = width(dice)
    fine = conv2d(model, dice, x, c)
    coarse = conv2d(model, dice, x, c, (3, 3), (2, 2))
    name = dice.pick(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"))
    half = dice.chance(0.5)
    up = move.resize(model, coarse, fine.shape[1:3], name, False, half)
    total = simple.binary(model, dice, "ADD", fine, up)
    model.outputs = [total] if dice.chance(0.5) else [coarse, total]
    return name + (" half" if half else "")


def attention(model, dice, dtype):
    n, length, heads, depth = dice.batch(), dice.between(2, 6), dice.between(1, 3), dice.between(
        2, 5)
    x = feed(model, dice, (n, length, heads * depth), dtype,
             Quant.of(0.02, dice.zero_point(dtype)))

    def head(order):
        y = fully_connected(model, dice, x, heads * depth, keep_dims=True)
        y = move.reshape(model, y, (n, length, heads, depth))
        return move.transpose(model, y, order)

    adjoint = dice.chance(0.5)
    query, value = head([0, 2, 1, 3]), head([0, 2, 1, 3])
    key = head([0, 2, 1, 3] if adjoint else [0, 2, 3, 1])
    scores = batch_matmul(model, dice, query, key, adj_y=adjoint)
    scores = simple.softmax(model, scores)
    y = batch_matmul(model, dice, scores, value)
    y = move.reshape(model, move.transpose(model, y, [0, 2, 1, 3]), (n, length, heads * depth))
    y = fully_connected(model, dice, y, heads * depth, keep_dims=True)
    model.outputs = [simple.binary(model, dice, "ADD", x, y)]
    return f"h{heads} {'adj' if adjoint else 'transposed'}"


def layer_norm(model, dice, dtype):
    """MEAN, SQUARED_DIFFERENCE, MEAN, RSQRT, MUL."""
    x = feed(model, dice, dice.shape(3, 1024), dtype, Quant.of(0.02, dice.zero_point(dtype)))
    middle = simple.reduce(model, dice, "MEAN", x, [-1], True)
    square = simple.binary(model, dice, "SQUARED_DIFFERENCE", x, middle,
                           quant=Quant.of(max(x.high - x.low, 0.1) ** 2 / 2 / 255, -128))
    variance = simple.reduce(model, dice, "MEAN", square, [-1], True,
                             quant=Quant.of(square.quant.s / 2, -128))
    scale = simple.rsqrt(model, dice, variance)
    centred = simple.binary(model, dice, "SUB", x, middle)
    model.outputs = [simple.binary(model, dice, "MUL", centred, scale)]
    return ""


def embedding(model, dice, dtype):
    x = conv2d(model, dice, picture(model, dice, dtype), width(dice), kernel(dice))
    x = simple.reduce(model, dice, "MEAN", x, [1, 2], False)
    x = fully_connected(model, dice, x, dice.channels(32))
    model.outputs = [simple.l2_normalization(model, x)]
    return ""


def segmentation(model, dice, dtype):
    x = conv2d(model, dice, picture(model, dice, dtype), dice.between(2, 8), kernel(dice), (2, 2))
    x = move.resize(model, x, [2 * s for s in x.shape[1:3]], half=dice.chance(0.5))
    model.outputs = [move.arg_max(model, x, dice.pick((3, -1)))]
    return ""


def detector(model, dice, dtype):
    """conv, LEAKY_RELU, MAX_POOL_2D, and an upsampled copy joined on."""
    x = conv2d(model, dice, picture(model, dice, dtype, even=True), width(dice), kernel(dice))
    fine = simple.leaky_relu(model, dice, x, 0.1)
    y = simple.pool(model, "MAX_POOL_2D", fine, (2, 2), (2, 2))
    y = move.resize(model, y, fine.shape[1:3], "RESIZE_NEAREST_NEIGHBOR")
    y = move.concatenate(model, [y, fine], 3)
    model.outputs = [conv2d(model, dice, y, width(dice)), fine]
    return ""


def super_resolution(model, dice, dtype):
    x = picture(model, dice, dtype, 3)
    y = conv2d(model, dice, x, 12, kernel(dice), activation=dice.activation())
    y = move.depth_to_space(model, y, 2)
    up = move.resize(model, x, y.shape[1:3])
    y = simple.binary(model, dice, "ADD", y, up)
    if dice.chance(0.3):
        y = move.space_to_depth(model, y, 2)
    model.outputs = [y]
    return ""


def hourglass(model, dice, dtype):
    """conv down, TRANSPOSE_CONV up, the early image joined on."""
    x = picture(model, dice, dtype, even=True)
    down = conv2d(model, dice, x, width(dice), (3, 3), (2, 2), activation="relu")
    up = transpose_conv(model, dice, down, width(dice), dice.pick(((2, 2), (3, 3), (4, 4))), (2, 2),
                        quant=x.quant)
    y = move.concatenate(model, [up, x], dice.pick((3, -1)))
    model.outputs = [conv2d(model, dice, y, width(dice))]
    return ""


def dense_block(model, dice, dtype):
    x = picture(model, dice, dtype)
    features = [x]
    for _ in range(dice.between(2, 3)):
        joined = move.concatenate(model, features, 3) if len(features) > 1 else x
        features.append(conv2d(model, dice, joined, dice.between(1, 5), (3, 3), activation="relu",
                               quant=x.quant))
    model.outputs = [move.concatenate(model, features, 3)]
    return f"{len(features)}"


def shuffle(model, dice, dtype):
    """Channel shuffle, by SPLIT and CONCATENATION or by RESHAPE and TRANSPOSE."""
    x = picture(model, dice, dtype, channels=dice.pick((2, 4, 6, 8)))
    n, h, w, c = x.shape
    if dice.chance(0.5):
        parts = move.split(model, x, dice.pick((3, -1)), 2)
        parts[0] = conv2d(model, dice, parts[0], c // 2, activation="relu", quant=x.quant)
        y = move.concatenate(model, parts[::-1], 3)
    else:
        y = move.reshape(model, x, (n, h, w, 2, c // 2))
        y = move.reshape(model, move.transpose(model, y, [0, 1, 2, 4, 3]), (n, h, w, c))
    model.outputs = [conv2d(model, dice, y, width(dice))]
    return ""


SWEEPS = {
    "inverted-residual": inverted_residual, "depth-first": depth_first, "squeeze-excite": squeeze_excite,
    "padded-depthwise": padded_depthwise, "padded-conv": padded_conv,
    "separate-activation": separate_activation, "stem": stem, "classifier": classifier,
    "flattened-classifier": flattened_classifier, "channel-first": channel_first,
    "pyramid": pyramid, "attention": attention, "layer-norm": layer_norm,
    "embedding": embedding, "segmentation": segmentation, "detector": detector,
    "super-resolution": super_resolution, "hourglass": hourglass, "dense-block": dense_block,
    "shuffle": shuffle,
}
