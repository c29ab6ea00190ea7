"""Reads a compiled model (.ocm; Sources/FirmwareModel/Layout.swift describes the file) into numpy arrays."""
import struct, zlib
from dataclasses import dataclass
from fractions import Fraction
import numpy as np

KINDS = {
    1: "convolution", 2: "depthwiseConvolution", 3: "transposeConvolution", 4: "fullyConnected", 5: "elementwise",
    6: "pool", 7: "reduce", 8: "table", 9: "softmax", 10: "copy", 11: "gather", 12: "normalize",
    13: "argumentMaximum", 14: "resizeBilinear", 15: "batchMatrixMultiply",
}
ABSENT = 0xFFFFFFFF


class ModelError(Exception):
    pass


@dataclass
class Tensor:
    """`real = scale * (stored - zero_point)`; the scale is an exact fraction, None where the file gives none."""
    index: int
    type: type
    is_constant: bool
    offset: int
    zero_point: int
    scale: Fraction
    channel_scales: list
    shape: tuple
    # The array of a constant.
    value: np.ndarray = None
    # The type that the source model shows: 0 as stored, 1 and 3 uint8 (128 above what is stored).
    border: int = 0

    @property
    def count(self):
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass
class Operator:
    index: int
    kind: str
    # Tensors; None for an input that the operator goes without.
    inputs: list
    outputs: list
    parameters: list


def power(mantissa, exponent):
    """mantissa * 2^exponent, exactly."""
    return Fraction(mantissa) * Fraction(2) ** exponent


class FirmwareModel:
    """`tensors`, `operators` in the order in which they run, `inputs` and `outputs` (tensors)."""

    def __init__(self, path):
        self.bytes = bytes = open(path, "rb").read()
        words = lambda offset, count: struct.unpack_from(f"<{count}I", bytes, offset)
        if bytes[:8] != b"OCELLUS\n" or words(12, 1)[0] != 1 or words(16, 1)[0] != len(bytes):
            raise ModelError(f"{path} is not a model of version 1")
        if words(8, 1)[0] != zlib.crc32(bytes[12:]):
            raise ModelError(f"{path} is damaged: its CRC-32 is another")
        self.constants = words(84, 1)[0]
        start, count = words(24, 2)
        self.tensors = [self.tensor(index, start + 64 * index) for index in range(count)]
        for tensor in self.tensors:
            if tensor.channel_scales is not None:
                pairs = self.tensors[tensor.channel_scales].value
                tensor.channel_scales = [power(int(mantissa), int(exponent)) for mantissa, exponent in pairs]
        start, count = words(32, 2)
        self.operators = []
        for index in range(count):
            kind, counts = words(start, 2)
            sizes = counts & 0xFF, counts >> 8 & 0xFF, counts >> 16
            body = words(start + 8, sum(sizes))
            tensor = lambda word: None if word == ABSENT else self.tensors[word]
            inputs, outputs = body[:sizes[0]], body[sizes[0]:sizes[0] + sizes[1]]
            parameters = np.array(body[sizes[0] + sizes[1]:], np.uint32).astype(np.int32).tolist()
            self.operators.append(Operator(
                index, KINDS[kind & 0xFFFF], [tensor(word) for word in inputs], [tensor(word) for word in outputs],
                parameters))
            start += 8 + 4 * sum(sizes)
        self.inputs = [self.tensors[word] for word in words(*words(44, 2))]
        self.outputs = [self.tensors[word] for word in words(*words(52, 2))]

    def tensor(self, index, offset):
        kind, storage, rank, border = self.bytes[offset:offset + 4]
        start, zero_point, mantissa, exponent, channel_scales = struct.unpack_from("<IiiiI", self.bytes, offset + 4)
        shape = struct.unpack_from(f"<{rank}I", self.bytes, offset + 32)
        tensor = Tensor(
            index=index, type=np.int8 if kind == 1 else np.int32, is_constant=storage == 1, offset=start,
            zero_point=zero_point, scale=power(mantissa, exponent) if mantissa else None,
            channel_scales=None if channel_scales == ABSENT else channel_scales, shape=shape, border=border)
        if storage == 1:
            tensor.value = np.frombuffer(
                self.bytes, np.dtype(tensor.type).newbyteorder("<"), tensor.count, self.constants + start
            ).astype(tensor.type).reshape(shape)
        return tensor
