"""Layers that move values: padding, joining, cutting, reordering, resizing."""

import numpy as np

from layers import Impossible
from simple_layers import axes_tensor, like
from tflite_writer import DTYPES


def reshape(model, x, shape, how="tensor"):
    """RESHAPE; `how` says where the new shape (which may have a -1) stands."""
    whole = [int(d) for d in shape]
    if -1 in whole:
        rest = -int(np.prod(whole, dtype=np.int64))
        if rest == 0 or x.size % rest:
            raise Impossible("no such reshape")
        whole[whole.index(-1)] = x.size // rest
    y = like(model, x, whole)
    inputs = [x] if how == "option" else [x, axes_tensor(model, shape)]
    options = {"table": False} if how == "tensor" else {"newShape": [int(d) for d in shape]}
    return model.op("RESHAPE", inputs, [y], **options)


def pad(model, x, paddings, value=None, index_type="int32"):
    """PAD, or PADV2 if there is a value (a quantised one)."""
    shape = [d + a + b for d, (a, b) in zip(x.shape, paddings)]
    y = like(model, x, shape)
    inputs = [x, axes_tensor(model, paddings, index_type)]
    if value is None:
        return model.op("PAD", inputs, [y])
    inputs.append(model.tensor((), x.dtype, x.quant, np.asarray(value, DTYPES[x.dtype][0])))
    return model.op("PADV2", inputs, [y])


def mirror_pad(model, x, paddings, mode, index_type="int32"):
    """MIRROR_PAD; mode 0 reflects without the edge, mode 1 with it."""
    y = like(model, x, [d + a + b for d, (a, b) in zip(x.shape, paddings)])
    return model.op("MIRROR_PAD", [x, axes_tensor(model, paddings, index_type)], [y], 1, mode=mode)


def concatenate(model, tensors, axis, quant=None, activation=0):
    """CONCATENATION; of different quantisations only if the result has one of its own."""
    shape = list(tensors[0].shape)
    shape[axis] = sum(t.shape[axis] for t in tensors)
    y = like(model, tensors[0], shape)
    y.quant = quant or y.quant
    y.low, y.high = min(t.low for t in tensors), max(t.high for t in tensors)
    y.rms = max(t.rms for t in tensors)
    return model.op("CONCATENATION", tensors, [y], axis=axis, fusedActivationFunction=activation)


def split(model, x, axis, count):
    """SPLIT into equal parts; returns all of them."""
    shape = list(x.shape)
    if shape[axis] % count:
        raise Impossible("does not divide")
    shape[axis] //= count
    parts = [like(model, x, shape) for _ in range(count)]
    model.op("SPLIT", [axes_tensor(model, axis), x], parts, numSplits=count)
    return parts


def split_v(model, x, axis, sizes):
    """SPLIT_V into parts of given sizes, one of which may be -1; returns all of them."""
    whole = [s if s >= 0 else x.shape[axis] - sum(t for t in sizes if t >= 0) for s in sizes]
    parts = []
    for size in whole:
        shape = list(x.shape)
        shape[axis] = size
        parts.append(like(model, x, shape))
    model.op("SPLIT_V", [x, axes_tensor(model, sizes), axes_tensor(model, axis)], parts,
             numSplits=len(sizes))
    return parts


def cut(model, x, begin, size, index_type="int32"):
    """SLICE; a size of -1 reaches to the end."""
    shape = [d - b if s == -1 else s for d, b, s in zip(x.shape, begin, size)]
    y = like(model, x, shape)
    return model.op("SLICE", [x, axes_tensor(model, begin, index_type),
                              axes_tensor(model, size, index_type)], [y])


def strided_slice(model, x, begin, end, strides, masks=None):
    """STRIDED_SLICE; `masks` has bits for begin, end, ellipsis, new_axis, shrink."""
    bits = dict.fromkeys(("begin", "end", "ellipsis", "new_axis", "shrink"), 0)
    bits.update(masks or {})
    index = []
    for i, (b, e, s) in enumerate(zip(begin, end, strides)):
        chosen = [name for name in bits if bits[name] >> i & 1]
        if "ellipsis" in chosen:
            index.append(Ellipsis)
        elif "new_axis" in chosen:
            index.append(None)
        elif "shrink" in chosen:
            index.append(b)
        else:
            index.append(slice(None if "begin" in chosen else b, None if "end" in chosen else e, s))
    try:
        shape = np.empty(x.shape, np.int8)[tuple(index)].shape
    except IndexError as error:
        raise Impossible("index out of range") from error
    if 0 in shape:
        raise Impossible("empty slice")
    y = like(model, x, shape) if x.quant else model.tensor(shape, x.dtype)
    inputs = [x] + [axes_tensor(model, v) for v in (begin, end, strides)]
    return model.op("STRIDED_SLICE", inputs, [y], None if x.quant else 1,
                    beginMask=bits["begin"], endMask=bits["end"],
                    ellipsisMask=bits["ellipsis"], newAxisMask=bits["new_axis"],
                    shrinkAxisMask=bits["shrink"])


def pack(model, tensors, axis):
    """PACK along a new axis."""
    shape = list(tensors[0].shape)
    shape.insert(axis if axis >= 0 else axis + len(shape) + 1, len(tensors))
    first = tensors[0]
    y = like(model, first, shape) if first.quant else model.tensor(shape, first.dtype)
    return model.op("PACK", tensors, [y], valuesCount=len(tensors), axis=axis)


def squeeze(model, x, axes):
    """SQUEEZE of some axes, or of all of size 1 if none are named."""
    gone = {a % x.rank for a in axes} or {i for i, d in enumerate(x.shape) if d == 1}
    y = like(model, x, [d for i, d in enumerate(x.shape) if i not in gone])
    return model.op("SQUEEZE", [x], [y], squeezeDims=list(axes))


def expand_dims(model, x, axis, index_type="int32"):
    shape = list(x.shape)
    shape.insert(axis if axis >= 0 else axis + x.rank + 1, 1)
    return model.op("EXPAND_DIMS", [x, axes_tensor(model, axis, index_type)],
                    [like(model, x, shape)])


def transpose(model, x, order):
    y = like(model, x, [x.shape[i] for i in order])
    return model.op("TRANSPOSE", [x, axes_tensor(model, order)], [y], 4 if x.rank > 4 else None)


def gather(model, x, indices, axis, batch_dims=0):
    """GATHER with constant indices."""
    indices = np.asarray(indices, np.int32)
    at = axis % x.rank
    batch = batch_dims % indices.ndim if batch_dims < 0 else batch_dims
    shape = x.shape[:at] + indices.shape[batch:] + x.shape[at + 1:]
    y = like(model, x, shape) if x.quant else model.tensor(shape, x.dtype)
    return model.op("GATHER", [x, model.constant(indices)], [y], 5 if batch_dims else None,
                    axis=axis, batchDims=batch_dims)


def arg_max(model, x, axis, dtype="int32", scalar=True):
    shape = [d for i, d in enumerate(x.shape) if i != axis % x.rank]
    y = model.tensor(shape, dtype)
    return model.op("ARG_MAX", [x, axes_tensor(model, axis if scalar else [axis])], [y],
                    outputType=DTYPES[dtype][1])


def resize(model, x, size, name="RESIZE_BILINEAR", align=False, half=False, size_tensor=None):
    """RESIZE_BILINEAR or RESIZE_NEAREST_NEIGHBOR to (height, width)."""
    y = like(model, x, (x.shape[0], *size, x.shape[3]))
    return model.op(name, [x, size_tensor or axes_tensor(model, size)], [y], 3 if half else None,
                    alignCorners=align, halfPixelCenters=half)


def depth_to_space(model, x, block):
    n, h, w, c = x.shape
    y = like(model, x, (n, h * block, w * block, c // block ** 2))
    return model.op("DEPTH_TO_SPACE", [x], [y], blockSize=block)


def space_to_depth(model, x, block):
    n, h, w, c = x.shape
    y = like(model, x, (n, h // block, w // block, c * block ** 2))
    return model.op("SPACE_TO_DEPTH", [x], [y], blockSize=block)


# -- int32 shape arithmetic --------------------------------------------------------------------


def shape_of(model, x):
    """SHAPE of a tensor, as int32."""
    y = model.tensor((x.rank,), "int32")
    return model.op("SHAPE", [x], [y], outType=DTYPES["int32"][1])


def integers(model, name, a, b):
    """ADD, SUB or MUL of int32 tensors."""
    y = model.tensor(np.broadcast_shapes(a.shape, b.shape), "int32")
    return model.op(name, [a, b], [y], 1, fusedActivationFunction=0)


def join_integers(model, tensors):
    """CONCATENATION of int32 vectors."""
    y = model.tensor((sum(t.shape[0] for t in tensors),), "int32")
    return model.op("CONCATENATION", tensors, [y], 1, axis=0, fusedActivationFunction=0)


def reshape_to(model, x, shape_tensor, shape):
    """RESHAPE to a computed shape, which is known here to be `shape`."""
    y = like(model, x, shape)
    return model.op("RESHAPE", [x, shape_tensor], [y], table=False)
