"""What training derives from a compiled model's numbers, in exact arithmetic and independently of the Swift code."""
from fractions import Fraction
from math import floor
import numpy as np


def half_up(value):
    """The nearest integer of a fraction; halves go up."""
    return floor(value + Fraction(1, 2))


def weight_scales(scales):
    """(f, q) with scale = f * 2^-(15+q) to the nearest, the largest f in 2^14...2^15."""
    largest, bits = max(scales), 0
    while largest * Fraction(2) ** bits >= 1:
        bits -= 1
    while largest * Fraction(2) ** (bits + 1) < 1:
        bits += 1
    # The largest lies in 2^-(bits + 1)..<2^-bits.
    return np.array([half_up(scale * Fraction(2) ** (15 + bits)) for scale in scales], np.int64), bits


def multiplier(mantissa, exponent):
    return Fraction(int(mantissa)) * Fraction(2) ** (int(exponent) - 31)


def bias_units(mantissas, exponents):
    """An output's last bit in accumulators, with 4 fraction bits: 16 / M, within 1...2^24."""
    units = []
    for mantissa, exponent in zip(mantissas, exponents):
        factor = multiplier(mantissa, exponent)
        units.append(1 << 24 if factor == 0 else max(1, min(half_up(16 / factor), 1 << 24)))
    return np.array(units, np.int64)


def inner_scale(node):
    """The scale of what a layer writes, where the file does not give it: s_x * s_w[o] / M[o], of the first channel that
    has one."""
    attributes = node.attributes
    for scale, mantissa, exponent in zip(attributes["scales"], attributes["mantissas"], attributes["exponents"]):
        if mantissa:
            return attributes["inputs"][0].scale * scale / multiplier(mantissa, exponent)
    raise ValueError(f"{node.name}: all multipliers are 0")


def table_scales(tail, node):
    """The scales of a table's input and output."""
    scale = node.attributes["inputs"][0].scale
    if scale is None:
        scale = inner_scale(tail.producer(node.inputs[0]))
    return scale, node.attributes["output"].scale


def table_slopes(table):
    """A table's slope at each of its entries: that of the line through up to 8 neighbours on either side with the least
    squared distance; at the ends that of the next entry."""
    slopes = []
    for index in range(1, 255):
        half = min(8, index, 255 - index)
        steps = range(-half, half + 1)
        slopes.append(Fraction(
            sum(step * int(table[index + step]) for step in steps), sum(step * step for step in steps)))
    return slopes[:1] + slopes + slopes[-1:]


def table_derivatives(table, input_scale, output_scale):
    """The real function's derivative for each entry, with 6 fraction bits."""
    factor = 64 * output_scale / input_scale
    return np.array([max(-128, min(half_up(factor * slope), 127)) for slope in table_slopes(table)], np.int64)


def clamp_derivatives(low, high, top_slope=64):
    """Of a clamp by its output, with 6 fraction bits: 64 between its bounds. At 127 int8 ends; `top_slope` says whether a
    function that ends there counts as going on (64), or as the clamp that it is (0): ReLU6 has its 6 there."""
    values = np.arange(-128, 128)
    derivatives = np.where((low < values) & (values < high), 64, 0)
    if high == 127:
        derivatives[255] = top_slope
    return derivatives


def gate_values(scale, zero_point):
    """256 times the gate that each int8 value from -128 on stands for."""
    return np.array([
        max(0, min(half_up(256 * scale * (value - zero_point)), 255)) for value in range(-128, 128)], np.int64)
