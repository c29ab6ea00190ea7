"""Sweeps over the operators that move values without computing with them."""

import movement_layers as layers
from layers import constant, feed
from tflite_writer import Quant


def words_of(shape):
    return "x".join(map(str, shape)) or "scalar"


def factorise(dice, size, rank):
    """A random shape of that many elements and that rank."""
    dims = [1] * rank
    factor, rest = 2, size
    while rest > 1:
        if rest % factor == 0:
            dims[dice.between(0, rank - 1)] *= factor
            rest //= factor
        else:
            factor = factor + 1 if factor * factor <= rest else rest
    return dims


def reshape_(model, dice, dtype):
    x = feed(model, dice, dice.shape(dice.between(1, 5)), dtype)
    shape = factorise(dice, x.size, dice.between(1, 6))
    words = words_of(shape)
    if dice.chance(0.4):
        shape[dice.between(0, len(shape) - 1)] = -1
        words += " minus-one"
    how = dice.pick(("tensor", "option", "both"))
    model.outputs = [layers.reshape(model, x, shape, how)]
    return f"{words} by {how}"


def some_paddings(dice, shape, most=3, cap=None):
    """Paddings: of images mostly height and width, sometimes any axis."""
    usual = len(shape) == 4 and dice.chance(0.6)
    paddings = []
    for axis, size in enumerate(shape):
        limit = most if cap is None else min(most, size - cap)
        still = usual and axis not in (1, 2)
        paddings.append([0, 0] if still else [dice.between(0, max(limit, 0)) for _ in range(2)])
    return paddings


def padding(with_value):
    """PAD, PADV2."""
    def sweep(model, dice, dtype):
        shape = dice.shape(dice.pick((1, 2, 3, 4, 5), (1, 1, 2, 6, 1)), 2048)
        x = feed(model, dice, shape, dtype)
        paddings = some_paddings(dice, shape)
        index_type = dice.pick(("int32", "int64"), (4, 1))
        value = int(dice.values((), dtype, x.quant.z)) if with_value else None
        model.outputs = [layers.pad(model, x, paddings, value, index_type)]
        return f"{words_of(shape)} {index_type}"
    return sweep


def mirror_pad_(model, dice, dtype):
    shape = dice.shape(dice.pick((1, 2, 3, 4, 5), (1, 1, 2, 6, 1)), 2048)
    x = feed(model, dice, shape, dtype)
    mode = dice.between(0, 1)
    paddings = some_paddings(dice, shape, 5, cap=1 - mode)
    index_type = dice.pick(("int32", "int64"), (4, 1))
    model.outputs = [layers.mirror_pad(model, x, paddings, mode, index_type)]
    return f"{words_of(shape)} {('reflect', 'symmetric')[mode]} {index_type}"


def concatenation(model, dice, dtype):
    rank = dice.pick((1, 2, 3, 4, 5), (1, 1, 2, 6, 1))
    shape, axis, count = dice.shape(rank, 2048), dice.between(0, rank - 1), dice.between(2, 5)
    if dice.chance(0.5):
        axis = rank - 1
    quant = dice.quant(dtype)
    # int8 kernels only copy; uint8 ones rescale, through float.
    differing = dtype == "uint8" and dice.chance(0.6)
    tensors = []
    for _ in range(count):
        if tensors and dice.chance(0.1):
            tensors.append(dice.pick(tensors))
            continue
        dims = list(shape)
        dims[axis] = dice.between(1, max(shape[axis], 2))
        near = Quant.of(quant.s * dice.pick((1.0, dice.log(0.3, 3))), dice.zero_point(dtype))
        make = constant if tensors and dice.chance(0.1) else feed
        tensors.append(make(model, dice, dims, dtype, near if differing else quant))
    out = dice.quant_for(dtype, min(t.low for t in tensors), max(t.high for t in tensors)) \
        if differing else quant
    at = axis - rank if dice.chance(0.3) else axis
    model.outputs = [layers.concatenate(model, tensors, at, out)]
    return f"{words_of(shape)} n{count} axis {at}{' differing' if differing else ''}"


def split_(model, dice, dtype):
    rank = dice.between(1, 5)
    shape, axis, count = dice.shape(rank, 2048), dice.between(0, rank - 1), dice.between(1, 4)
    shape[axis] = max(1, shape[axis] // count) * count
    x = feed(model, dice, shape, dtype)
    at = axis - rank if dice.chance(0.3) else axis
    model.outputs = layers.split(model, x, at, count)
    return f"{words_of(shape)} n{count} axis {at}"


def split_v_(model, dice, dtype):
    rank = dice.between(1, 5)
    shape, axis = dice.shape(rank, 2048), dice.between(0, rank - 1)
    sizes = [dice.between(1, 4) for _ in range(dice.between(1, 4))]
    shape[axis] = sum(sizes)
    x = feed(model, dice, shape, dtype)
    if dice.chance(0.4):
        sizes[dice.between(0, len(sizes) - 1)] = -1
    at = axis - rank if dice.chance(0.3) else axis
    model.outputs = layers.split_v(model, x, at, sizes)
    return f"{words_of(shape)} {','.join(map(str, sizes))} axis {at}"


def slice_(model, dice, dtype):
    shape = dice.shape(dice.between(1, 5), 4096)
    x = feed(model, dice, shape, dtype)
    begin, size = [], []
    for d in shape:
        b = 0 if dice.chance(0.4) else dice.between(0, d - 1)
        begin.append(b)
        size.append(-1 if dice.chance(0.4) else dice.between(1, d - b))
    index_type = dice.pick(("int32", "int64"), (4, 1))
    model.outputs = [layers.cut(model, x, begin, size, index_type)]
    return f"{words_of(shape)} from {words_of(begin)} {index_type}"


def insert_bit(bits, place):
    """Bits with a zero inserted at a place."""
    low = bits & ((1 << place) - 1)
    return low | (bits >> place) << (place + 1)


def strided_slice_(model, dice, dtype):
    rank = dice.between(1, 5)
    shape = dice.shape(rank, 4096)
    x = feed(model, dice, shape, dtype)
    masks = dict.fromkeys(("begin", "end", "ellipsis", "new_axis", "shrink"), 0)
    named = dice.between(1, rank) if dice.chance(0.2) else rank
    extra = dice.pick((None, "ellipsis", "new_axis"), (7, 2, 1))
    if extra == "ellipsis":
        # LiteRT gets an ellipsis wrong that stands for no axis at all.
        named = dice.between(0, rank - 1)
    begin, end, strides = [], [], []
    for axis in range(named):
        size = shape[axis]
        stride = dice.pick((1, 2, 3, -1, -2), (8, 3, 1, 2, 1))
        b, e = dice.between(-size, size - 1), dice.between(-size - 1, size + 1)
        if dice.chance(0.7):
            # A range that is not empty, counted from either end.
            low, high = dice.between(0, (size - 1) // 2), dice.between(size // 2 + 1, size)
            b, e = (low, high) if stride > 0 else (high - 1, low - 1 - size)
            b -= size if dice.chance(0.2) else 0
        if dice.chance(0.15):
            masks["shrink"] |= 1 << axis
            stride = 1
            e = b + 1
        else:
            masks["begin"] |= dice.chance(0.4) << axis
            masks["end"] |= dice.chance(0.4) << axis
        begin.append(b)
        end.append(e)
        strides.append(stride)
    words = words_of(shape)
    if extra:
        place = dice.between(0, named)
        masks = {name: insert_bit(bits, place) for name, bits in masks.items()}
        masks[extra] = 1 << place
        for values in (begin, end, strides):
            values.insert(place, 1)
        # The axes after an ellipsis are the innermost ones: keep their indices in range.
        for i in range(place + 1, named + 1) if extra == "ellipsis" else ():
            size = shape[i - 1 + rank - named]
            begin[i] = max(-size, min(begin[i], size - 1))
            if masks["shrink"] >> i & 1:
                end[i] = begin[i] + 1
    model.outputs = [layers.strided_slice(model, x, begin, end, strides, masks)]
    return f"{words} {','.join(map(str, begin))} {','.join(map(str, strides))}" + "".join(
        f" {name}{bits}" for name, bits in masks.items() if bits)


def pack_(model, dice, dtype):
    rank, count = dice.between(0, 4), dice.between(1, 5)
    shape, quant = dice.shape(rank, 1024) if rank else [], dice.quant(dtype)
    tensors = []
    for _ in range(count):
        again = tensors and dice.chance(0.15)
        tensors.append(dice.pick(tensors) if again else feed(model, dice, shape, dtype, quant))
    axis = dice.between(-rank - 1, rank)
    model.outputs = [layers.pack(model, tensors, axis)]
    return f"{words_of(shape)} n{count} axis {axis}"


def squeeze_(model, dice, dtype):
    shape = [1 if dice.chance(0.5) else d for d in dice.shape(dice.between(1, 6))]
    x = feed(model, dice, shape, dtype)
    ones = [i for i, d in enumerate(shape) if d == 1]
    axes = [i for i in ones if dice.chance(0.6)] if dice.chance(0.7) else []
    axes = [i - len(shape) if dice.chance(0.3) else i for i in axes]
    model.outputs = [layers.squeeze(model, x, axes)]
    return f"{words_of(shape)} axes {','.join(map(str, axes)) or 'all'}"


def expand_dims_(model, dice, dtype):
    rank = dice.between(0, 4)
    x = feed(model, dice, dice.shape(rank, 2048), dtype)
    axis = dice.between(-rank - 1, rank)
    model.outputs = [layers.expand_dims(model, x, axis, dice.pick(("int32", "int64"), (4, 1)))]
    return f"{words_of(x.shape)} axis {axis}"


def transpose_(model, dice, dtype):
    rank = dice.pick((1, 2, 3, 4, 5, 6), (1, 3, 4, 8, 2, 2))
    x = feed(model, dice, dice.shape(rank), dtype)
    order = dice.order(rank)
    model.outputs = [layers.transpose(model, x, order)]
    return f"{words_of(x.shape)} order {','.join(map(str, order))}"


def gather_(model, dice, dtype):
    rank = dice.between(1, 5)
    x = feed(model, dice, dice.shape(rank, 2048), dtype)
    axis = dice.between(0, rank - 1)
    batch = dice.between(1, axis) if axis and dice.chance(0.3) else 0
    count = dice.pick((0, 1, 2), (1, 5, 2)) if not batch else dice.pick((0, 1))
    shape = [*x.shape[:batch], *(dice.between(1, 5) for _ in range(count))]
    indices = dice.rng.integers(0, x.shape[axis], shape)
    at = axis - rank if dice.chance(0.3) else axis
    model.outputs = [layers.gather(model, x, indices, at, batch)]
    return f"{words_of(x.shape)} indices {words_of(shape)} axis {at} batch {batch}"


def resizing(name):
    """RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR."""
    def sweep(model, dice, dtype):
        image = dice.fit([dice.batch(), dice.side(), dice.side(), dice.channels(33)], 2048)
        x = feed(model, dice, image, dtype)
        kind = dice.pick(("any", "double", "multiple"), (6, 2, 2))
        factor = {"double": 2, "multiple": dice.between(1, 4)}.get(kind)
        size = [s * factor if factor else dice.side() for s in image[1:3]]
        align, half = dice.pick(((False, False), (True, False), (False, True)))
        if dice.chance(0.05):
            align = half = True
        model.outputs = [layers.resize(model, x, size, name, align, half)]
        return "{}x{} to {}x{}{}{}".format(*image[1:3], *size, " align" if align else "",
                                           " half" if half else "")
    return sweep


def depth_to_space_(model, dice, dtype):
    block = dice.between(1, 4)
    image = dice.image(2048)
    image[3] = block * block * dice.between(1, 5)
    x = feed(model, dice, image, dtype)
    model.outputs = [layers.depth_to_space(model, x, block)]
    return f"{words_of(image)} block {block}"


def space_to_depth_(model, dice, dtype):
    block = dice.between(1, 4)
    image = dice.image(2048)
    image[1:3] = [max(1, s // block) * block for s in image[1:3]]
    x = feed(model, dice, image, dtype)
    model.outputs = [layers.space_to_depth(model, x, block)]
    return f"{words_of(image)} block {block}"


SWEEPS = {
    "RESHAPE": reshape_, "PAD": padding(False), "PADV2": padding(True),
    "MIRROR_PAD": mirror_pad_, "CONCATENATION": concatenation, "SPLIT": split_,
    "SPLIT_V": split_v_, "SLICE": slice_, "STRIDED_SLICE": strided_slice_, "PACK": pack_,
    "SQUEEZE": squeeze_, "EXPAND_DIMS": expand_dims_, "TRANSPOSE": transpose_, "GATHER": gather_,
    "RESIZE_BILINEAR": resizing("RESIZE_BILINEAR"),
    "RESIZE_NEAREST_NEIGHBOR": resizing("RESIZE_NEAREST_NEIGHBOR"),
    "DEPTH_TO_SPACE": depth_to_space_, "SPACE_TO_DEPTH": space_to_depth_,
}
