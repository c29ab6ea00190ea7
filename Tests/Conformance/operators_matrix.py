"""Sweeps over the operators with weights. Each function draws one model and names it."""

from layers import (Impossible, batch_matmul, conv2d, depthwise, feed, fully_connected,
                    transpose_conv, weight_tensor)


def windows(dice, image, most=7):
    """Kernel, stride, dilation and padding that fit an image mostly, and words for the name."""
    square = dice.chance(0.6)

    def pair(draw):
        first = draw()
        return (first, first) if square or dice.chance(0.3) else (first, draw())

    usual = dice.chance(0.7)
    kernel = pair(lambda: dice.pick((1, 2, 3, 5) if usual else range(1, most + 1)))
    stride = pair(lambda: dice.pick((1, 2, 3, 4), (6, 4, 1, 1)))
    dilation = pair(lambda: dice.pick((1, 2, 3), (7, 2, 1)))
    padding = dice.pick(("same", "valid"), (3, 2))
    fits = all((k - 1) * d < s for k, d, s in zip(kernel, dilation, image[1:3]))
    padding = padding if fits else "same"
    words = "{}x{} s{} d{} {}".format(
        *kernel, "x".join(map(str, sorted(set(stride)))) if stride[0] == stride[1]
        else f"{stride[0]}x{stride[1]}",
        dilation[0] if dilation[0] == dilation[1] else f"{dilation[0]}x{dilation[1]}", padding)
    return dict(kernel=kernel, stride=stride, dilation=dilation, padding=padding), words


def style(dice, dtype, bias=0.85):
    """Weights' granularity, bias with that probability, activation; and words for the name."""
    options = dict(per_channel=dtype == "int8" and dice.chance(0.75), bias=dice.chance(bias),
                   activation=dice.activation())
    words = ("per-channel" if options["per_channel"] else "per-tensor") + \
        ("" if options["bias"] else " no-bias") + \
        ("" if options["activation"] == "none" else f" {options['activation']}")
    return options, words


def conv_2d(model, dice, dtype):
    image = dice.image(8192)
    sweep, words = windows(dice, image)
    options, more = style(dice, dtype, bias=1.0)
    area = sweep["kernel"][0] * sweep["kernel"][1]
    groups = 1
    if dice.chance(0.15):
        groups = dice.pick((2, 3, 4, 8))
        image[3] = groups * dice.pick((1, 2, 3, 5) if dice.small else (1, 2, 3, 4, 5, 8, 9))
        channels = groups * dice.pick((1, 2, 3) if dice.small else (1, 2, 3, 4, 7, 8))
        words += f" g{groups}"
    else:
        weights = 1000 if dice.small else 40000
        channels = dice.channels(max(1, min(64, weights // (area * image[3]))))
    if image[0] * image[1] * image[2] * area * image[3] // groups * channels > 6_000_000:
        raise Impossible("too slow for the reference kernels")
    x = feed(model, dice, image, dtype)
    model.outputs = [conv2d(model, dice, x, channels, groups=groups, **sweep, **options)]
    return f"{words} {more}"


def depthwise_conv_2d(model, dice, dtype):
    image = dice.image()
    sweep, words = windows(dice, image)
    options, more = style(dice, dtype)
    multiplier = dice.pick((1, 2, 3, 4, 5), (10, 2, 1, 1, 1))
    x = feed(model, dice, image, dtype)
    model.outputs = [depthwise(model, dice, x, multiplier, **sweep, **options)]
    return f"{words} m{multiplier} {more}"


def fully_connected_(model, dice, dtype):
    options, words = style(dice, dtype)
    keep = dice.chance(0.35)
    rank = dice.pick((1, 2, 3, 4), (1, 6, 3, 2)) if not keep else dice.pick((2, 3, 4), (1, 3, 2))
    shape = dice.shape(rank, 4096)
    depth = shape[-1]
    if rank > 2 and not keep and dice.chance(0.25):
        # Without keep_num_dims the weights' depth may span several dimensions of the input.
        depth *= shape[-2]
    units = dice.channels(max(1, min(64, (1000 if dice.small else 40000) // depth)))
    x = feed(model, dice, shape, dtype)
    model.outputs = [fully_connected(model, dice, x, units, keep, depth, **options)]
    return f"rank{rank}{' keep-dims' if keep else ''} {depth}->{units} {words}"


def transpose_conv_(model, dice, dtype):
    image = dice.image(2048)
    if dice.chance(0.2):
        image[1] = 1
    sweep, _ = windows(dice, image, 5)
    options, words = style(dice, dtype)
    area = sweep["kernel"][0] * sweep["kernel"][1]
    channels = dice.channels(max(1, (1000 if dice.small else 12000) // (area * image[3])))
    padding = dice.pick(("same", "valid"))
    extra = (dice.pick((0, 0, 1)), dice.pick((0, 0, 1)))
    if image[0] * image[1] * image[2] * area * image[3] * channels > 6_000_000:
        raise Impossible("too slow for the reference kernels")
    x = feed(model, dice, image, dtype)
    model.outputs = [transpose_conv(model, dice, x, channels, sweep["kernel"], sweep["stride"],
                                    padding, extra, **options)]
    return "{}x{} s{}x{} {} {}".format(*sweep["kernel"], *sweep["stride"], padding, words)


def batch_matmul_(model, dice, dtype):
    most = 9 if dice.small else 33
    rows, inner, columns = (dice.channels(most) for _ in range(3))
    rank = dice.pick((2, 3, 4, 5), (3, 4, 3, 1))
    batch = [dice.between(1, 3) for _ in range(rank - 2)]
    adj_x, adj_y = dice.chance(0.3), dice.chance(0.4)
    x_batch, y_batch = list(batch), list(batch)
    words = f"rank{rank}"
    if batch and dice.chance(0.4):
        side = dice.pick((x_batch, y_batch))
        if dice.chance(0.5):
            side[dice.between(0, len(batch) - 1)] = 1
        else:
            del side[:dice.between(1, len(batch))]
        words += " broadcast"
    x_shape = x_batch + ([inner, rows] if adj_x else [rows, inner])
    y_shape = y_batch + ([columns, inner] if adj_y else [inner, columns])
    x = feed(model, dice, x_shape, dtype)
    if dice.chance(0.4):
        y = weight_tensor(model, dice, x, y_shape, 0, per_channel=False)
        words += " constant"
    else:
        y = feed(model, dice, y_shape, dtype)
    model.outputs = [batch_matmul(model, dice, x, y, adj_x, adj_y)]
    return words + (" adj_x" if adj_x else "") + (" adj_y" if adj_y else "")


SWEEPS = {
    "CONV_2D": conv_2d, "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected_, "TRANSPOSE_CONV": transpose_conv_,
    "BATCH_MATMUL": batch_matmul_,
}
