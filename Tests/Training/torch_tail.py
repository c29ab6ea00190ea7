"""The trained tail of a network in PyTorch, from the same compiled model that the integers start from.

`QuantizedTail` computes forward what the deployed network computes, byte for byte, and backward the exact derivatives of
the real functions ("straight-through": roundings count as identities, saturated values have none). Its parameters are
fp32 masters in real units. `FloatTail` is the same network dequantised: floats forward and backward.
"""
import numpy as np
import torch
import torch.nn.functional as F
from tail import ModelError
import tail_constants as constants


class Requantize(torch.autograd.Function):
    """clamp(zero point + value * M), rounded twice as LiteRT rounds: to the nearest (ties up) after the product with the
    mantissa, then to the nearest (ties away from zero) at the shift. Doubles hold all that but products of more than 53
    bits, whose last ones do not matter away from a tie."""

    @staticmethod
    def forward(context, values, bias, factors, low, high, is_relu):
        result = values.double()
        if bias is not None:
            result += factors.shaped(bias.double())
        result = factors.scale(result).add_(factors.zero_point)
        # A ReLU has no slope at its own bound.
        inside = (result > low if is_relu else result >= low) & (result <= high)
        context.save_for_backward(inside, factors.real)
        context.factors = factors
        return result.clamp_(low, high).float()

    @staticmethod
    def backward(context, gradient):
        inside, real = context.saved_tensors
        gradient = gradient * inside * real
        bias = None
        if context.needs_input_grad[1]:
            bias = gradient.sum((0, 2, 3))
        return gradient, bias, None, None, None, None


class Factors:
    """Multipliers from accumulators to an output, one for each channel or one for all."""

    def __init__(self, mantissas, exponents, zero_point):
        mantissas = torch.as_tensor(np.atleast_1d(mantissas).astype(np.float64))
        exponents = torch.as_tensor(np.atleast_1d(exponents).astype(np.float64))
        self.product = self.shaped(mantissas * 2.0 ** (exponents.clamp(min=0) - 31))
        self.shift = self.shaped(2.0 ** exponents.clamp(max=0))
        self.real = (self.product * self.shift).float()
        self.zero_point = zero_point

    def scale(self, values):
        """The product with doubles, rounded twice; overwrites them."""
        values.mul_(self.product).add_(0.5).floor_().mul_(self.shift)
        # Half away from zero.
        return values.add_(torch.sign(values), alpha=0.5).trunc_()

    @staticmethod
    def shaped(values):
        return values.view(1, -1, 1, 1)


class Rounded(torch.autograd.Function):
    """The nearest integer within limits, as what it was."""

    @staticmethod
    def forward(context, values, limit):
        return values.round().clamp_(-limit, limit)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class LookUp(torch.autograd.Function):
    """A table, with the slope that its function has there."""

    @staticmethod
    def forward(context, values, table, slopes):
        indices = (values + 128).to(torch.int32)
        context.save_for_backward(indices, slopes)
        return table[indices]

    @staticmethod
    def backward(context, gradient):
        indices, slopes = context.saved_tensors
        return gradient * slopes[indices], None, None


class Sum(torch.autograd.Function):
    """The sum of two maps: each is scaled with 20 bits more, and so is the sum."""

    @staticmethod
    def forward(context, first, second, zero_points, factors):
        context.factors = factors
        total = 0
        for values, zero_point, factor in zip((first, second), zero_points, factors):
            total = total + factor.scale((values.double() - zero_point) * 2.0**20)
        result = factors[2].scale(total) + factors[2].zero_point
        context.save_for_backward((result >= -128) & (result <= 127))
        return result.clamp_(-128, 127).float()

    @staticmethod
    def backward(context, gradient):
        first, second, result = (factor.real for factor in context.factors)
        gradient = gradient * context.saved_tensors[0] * (result * 2.0**20)
        return gradient * first, gradient * second, None, None


class Mean(torch.autograd.Function):
    @staticmethod
    def forward(context, values, ties_up):
        context.shape = values.shape
        count = values.shape[2] * values.shape[3]
        sums = values.double().sum((2, 3), keepdim=True)
        if ties_up:
            return (torch.floor((sums + 128 * count + count // 2) / count) - 128).float()
        return torch.trunc((sums + torch.sign(sums) * (count // 2)) / count).float()

    @staticmethod
    def backward(context, gradient):
        return (gradient / (context.shape[2] * context.shape[3])).expand(context.shape), None


class Layer(torch.nn.Module):
    """A convolution, 1x1 or depthwise: masters in real units, and their scales."""

    def __init__(self, node, is_trained):
        super().__init__()
        attributes = node.attributes
        weights = torch.as_tensor(attributes["weights"].astype(np.float32))
        self.is_depthwise = node.kind == "depthwise"
        weights = weights[:, None] if self.is_depthwise else weights[:, :, None, None]
        self.input_zero_point = attributes["inputs"][0].zero_point
        scales = torch.tensor([float(scale) for scale in attributes["scales"]], dtype=torch.float64)
        self.register_buffer("scales", scales.float().view(-1, 1, 1, 1))
        self.register_buffer("bias_scales", scales * float(attributes["inputs"][0].scale))
        self.weight = torch.nn.Parameter(weights * self.scales, requires_grad=is_trained)
        # A float would not hold the 32 bits of a bias.
        bias = torch.as_tensor(attributes["bias"].astype(np.float64)) * self.bias_scales
        self.bias = torch.nn.Parameter(bias, requires_grad=is_trained)
        self.factors = Factors(attributes["mantissas"], attributes["exponents"], attributes["zero_point"])
        self.low, self.high = attributes["low"], attributes["high"]
        self.is_relu = node.clamp is not None
        self.stride = attributes.get("stride", 1)
        self.padding = [0, 0, 0, 0]
        for axis, place in (0, 2), (1, 0):
            if self.is_depthwise:
                before, kernel = attributes["padding"][axis], weights.shape[2]
                reach = (node.output_shape[axis] - 1) * self.stride + kernel
                self.padding[place:place + 2] = before, max(reach - node.shape[axis] - before, 0)

    def convolve(self, x, weight, bias=None):
        groups = weight.shape[0] if self.is_depthwise else 1
        top, bottom, left, right = self.padding[2], self.padding[3], self.padding[0], self.padding[1]
        if top == bottom and left == right:
            return F.conv2d(x, weight, bias, self.stride, (top, left), groups=groups)
        return F.conv2d(F.pad(x, self.padding), weight, bias, self.stride, groups=groups)

    def quantized(self, x):
        # Frozen weights with a zero point go further.
        weight = Rounded.apply(self.weight / self.scales, 127 if self.weight.requires_grad else 255)
        bias = Rounded.apply(self.bias / self.bias_scales, 2.0**30)
        sums = self.convolve(x - self.input_zero_point, weight)
        return Requantize.apply(sums, bias, self.factors, self.low, self.high, self.is_relu)

    def real(self, x):
        return self.convolve(x, self.weight, self.bias.float())


class QuantizedTail(torch.nn.Module):
    """Maps are [count, channels, height, width] of int8 values in fp32."""

    def __init__(self, tail, trained=None):
        super().__init__()
        self.tail = tail
        trained = tail.trained if trained is None else trained
        self.layers = torch.nn.ModuleDict({
            str(node.operator.index): Layer(node, any(node is other for other in trained))
            for node in tail.nodes if node.has_weights})
        self.steps = [self.step(node) for node in tail.nodes]

    def step(self, node):
        attributes, kind = node.attributes, node.kind
        if node.has_weights:
            return self.layers[str(node.operator.index)].quantized
        if kind == "identity":
            return lambda x: x
        if kind == "pool":
            return lambda x: Mean.apply(x, attributes["ties_up"])
        if kind == "table":
            table = torch.as_tensor(attributes["table"].astype(np.float32))
            slopes = torch.tensor([float(slope) for slope in constants.table_slopes(attributes["table"])])
            return lambda x: LookUp.apply(x, table, slopes)
        zeros = [tensor.zero_point for tensor in attributes["inputs"]]
        factors = [Factors(mantissa, exponent, 0) for mantissa, exponent in attributes["factors"]]
        factors[2].zero_point = attributes["zero_point"]
        if kind == "add":
            return lambda x, y: Sum.apply(x, y, zeros, factors)
        finish = lambda x: Requantize.apply(x, None, factors[2], attributes["low"], attributes["high"], False)
        if kind == "gate":
            return lambda x, gates: finish((x - zeros[0]) * (gates - zeros[1]))
        constant = attributes["constant"]
        values = torch.as_tensor((constant.value.astype(np.float32) - constant.zero_point).reshape(1, -1, 1, 1))
        return lambda x: finish((x - zeros[0]) * values)

    def features(self, x):
        values = {self.tail.input.offset: x}
        for node, step in zip(self.tail.nodes, self.steps):
            inputs = [self.view(values[tensor.offset], tensor) for tensor in node.attributes["inputs"]]
            values[node.output] = step(*inputs)
        return values[self.tail.output.offset].flatten(1)

    def view(self, values, tensor):
        return values

    def forward(self, x):
        """Features in real units."""
        return (self.features(x) - self.tail.output.zero_point) * float(self.tail.output.scale)


FUNCTIONS = {
    "identity": lambda x: x, "relu": F.relu, "relu6": F.relu6,
    "relu6(x + 3)": lambda x: F.relu6(x + 3), "hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid,
    "sigmoid": torch.sigmoid, "silu": F.silu, "tanh": torch.tanh, "gelu": F.gelu,
}


def table_function(tail, node):
    """The function that a table samples: the nearest of `FUNCTIONS`, if no further away than roundings are."""
    input_scale, output_scale = (float(scale) for scale in constants.table_scales(tail, node))
    inputs = input_scale * (torch.arange(-128.0, 128) - node.attributes["inputs"][0].zero_point)
    output = node.attributes["output"]
    errors = {}
    for name, function in FUNCTIONS.items():
        values = (function(inputs) / output_scale + output.zero_point).clamp(-128, 127)
        errors[name] = float((values - torch.as_tensor(node.attributes["table"].astype(np.float32))).abs().max())
    name = min(errors, key=errors.get)
    if errors[name] > 2.5:
        raise ModelError(f"{node.name}: no known function; {name} differs by {errors[name]:.1f}")
    return FUNCTIONS[name]


class FloatTail(QuantizedTail):
    """Maps are of real values."""

    def step(self, node):
        kind, attributes = node.kind, node.attributes
        if node.has_weights:
            layer = self.layers[str(node.operator.index)]
            if node.clamp is None:
                return layer.real
            scale, zero_point = float(attributes["output"].scale), attributes["zero_point"]
            low, high = ((bound - zero_point) * scale for bound in node.clamp)
            # At 127 int8 ends; it is a bound of the function only where that is ReLU6.
            if node.clamp[1] == 127 and abs(high - 6) > 0.06:
                high = None
            return lambda x: layer.real(x).clamp(low, high)
        if kind == "table":
            return table_function(self.tail, node)
        if kind == "scale":
            constant = attributes["constant"]
            values = torch.as_tensor((constant.value.astype(np.float32) - constant.zero_point).reshape(1, -1, 1, 1))
            return lambda x: x * (values * float(constant.scale))
        simple = {
            "identity": lambda x: x, "pool": lambda x: x.mean((2, 3), keepdim=True), "add": lambda x, y: x + y,
            "gate": lambda x, gates: x * gates,
        }
        return simple[kind]

    def view(self, values, tensor):
        """The same bytes may have another scale (a product with a constant that is left out)."""
        written = self.tail.written(tensor).scale
        return values if written in (None, tensor.scale) else values * float(tensor.scale / written)

    def forward(self, x):
        source = self.tail.input
        return self.features((x - source.zero_point) * float(source.scale))
