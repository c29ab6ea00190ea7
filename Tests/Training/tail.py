"""The trained tail of a network as a graph of what can be trained, made from a compiled model.

A node's tensors are named by their place in the arena: in a tail each has its own, so that two tensors at one place are
views of the same bytes.
"""
from dataclasses import dataclass, field
import numpy as np
from firmware_model import FirmwareModel, ModelError


@dataclass
class Node:
    # convolution (1x1), depthwise, table, add, pool (a mean over the map), gate (a map times a gate for each channel),
    # identity, scale (times a constant: only in a squeeze-and-excite branch).
    kind: str
    operator: object
    # Places of the activations read, the map before its gate.
    inputs: list
    output: int
    # The maps: (height, width, channels).
    shape: tuple
    output_shape: tuple
    has_weights: bool = False
    # In a squeeze-and-excite branch: what it makes counts as a constant.
    is_frozen: bool = False
    # Lowest and highest of a function that is a clamp fused into the layer.
    clamp: tuple = None
    attributes: dict = field(default_factory=dict)

    @property
    def name(self):
        return f"operator {self.operator.index} ({self.kind})"


def unsupported(operator, what):
    return ModelError(f"operator {operator.index} ({operator.kind}): the reference has no {what}")


def map_shape(tensor):
    """Height, width and channels of an activation; of a vector, one pixel."""
    shape = (1,) * (4 - len(tensor.shape)) + tuple(tensor.shape)
    if len(shape) > 4 or shape[0] != 1:
        raise ModelError(f"tensor {tensor.index} has the shape {tensor.shape}: not one map")
    return shape[1:]


class Tail:
    """`nodes` in the order in which they run, `input` and `output` (tensors)."""

    def __init__(self, path):
        model = FirmwareModel(path)
        if len(model.inputs) != 1 or len(model.outputs) != 1:
            raise ModelError(f"{path} has not one input and one output")
        self.input, self.output = model.inputs[0], model.outputs[0]
        self.nodes = [self.node(operator) for operator in model.operators]
        readers = {}
        for node in self.nodes:
            for place in node.inputs:
                readers.setdefault(place, []).append(node)
        self.freeze_branches()
        self.check_views()
        for node in self.trained:
            if np.abs(node.attributes["weights"]).max() > 127:
                raise unsupported(node.operator, "weights beyond 127 in a layer that is trained")
        for node in self.nodes:
            if node.has_weights:
                self.find_clamp(node, readers.get(node.output, []))
            if node.kind == "scale" and not node.is_frozen:
                raise unsupported(node.operator, "product with a constant outside of squeeze-and-excite")

    @property
    def trained(self):
        return [node for node in self.nodes if node.has_weights and not node.is_frozen]

    def last_blocks(self, count):
        """The trained layers of the last `count` blocks and of all that follows them.

        A block is a depthwise convolution and the 1x1 convolution after it, and where there are two 1x1 convolutions
        between two depthwise ones, the one before it.
        """
        trained = self.trained
        places = [index for index, node in enumerate(trained) if node.kind == "depthwise"]
        starts = [0 if k == 0 else place - (place - places[k - 1] > 2) for k, place in enumerate(places)]
        if count > len(starts):
            raise ModelError(f"the tail has {len(starts)} blocks")
        if count == 0:
            return trained[places[-1] + 2:] if places else trained
        return trained[starts[-count]:]

    def node(self, operator):
        activations = [tensor for tensor in operator.inputs if tensor is not None and not tensor.is_constant]
        output = operator.outputs[0]
        node = Node(
            kind=operator.kind, operator=operator, inputs=[tensor.offset for tensor in activations],
            output=output.offset, shape=map_shape(activations[0]), output_shape=map_shape(output))
        node.attributes = {"inputs": activations, "output": output}
        if operator.kind == "convolution":
            self.read_convolution(node, operator)
        elif operator.kind == "depthwiseConvolution":
            self.read_depthwise(node, operator)
        elif operator.kind == "table":
            node.attributes["table"] = operator.inputs[1].value
        elif operator.kind == "pool":
            self.read_pool(node, operator)
        elif operator.kind == "elementwise":
            self.read_elementwise(node, operator, activations)
        else:
            raise unsupported(operator, f"{operator.kind}")
        return node

    def read_convolution(self, node, operator):
        weights = operator.inputs[1].value
        stride_height, stride_width, _, _, top, left, groups = operator.parameters[:7]
        if weights.shape[1:3] != (1, 1):
            raise unsupported(operator, f"dense convolution of {weights.shape[1]}x{weights.shape[2]}")
        if (stride_height, stride_width, top, left, groups) != (1, 1, 0, 0, 1):
            raise unsupported(operator, "1x1 convolution with strides, padding or groups")
        # A row of pixels as an image of one column is the same, pixel by pixel.
        node.attributes["weights"] = weights.reshape(len(weights), -1)
        self.read_layer(node, operator, operator.parameters[7:])

    def read_depthwise(self, node, operator):
        weights = operator.inputs[1].value[0].transpose(2, 0, 1)
        strides, dilations, padding = (operator.parameters[i:i + 2] for i in (0, 2, 4))
        if weights.shape[0] != node.shape[2] or weights.shape[1] != weights.shape[2]:
            raise unsupported(operator, "depthwise convolution with several filters for a channel, or not square")
        if strides[0] != strides[1] or strides[0] not in (1, 2) or dilations != [1, 1]:
            raise unsupported(operator, f"depthwise convolution with strides {strides}, dilations {dilations}")
        node.kind = "depthwise"
        node.attributes.update(weights=weights, stride=strides[0], padding=padding)
        self.read_layer(node, operator, operator.parameters[6:])

    def read_layer(self, node, operator, limits):
        weights, bias, mantissas, exponents, table = operator.inputs[1:6]
        if table is not None:
            raise unsupported(operator, "fused table")
        # Layers that are not trained keep their weights as they are.
        node.attributes["weights"] = node.attributes["weights"].astype(np.int16) - weights.zero_point
        rows = len(node.attributes["weights"])
        scales = weights.channel_scales if weights.channel_scales is not None else [weights.scale] * rows
        node.has_weights = True
        node.attributes.update(
            bias=np.zeros(rows, np.int32) if bias is None else bias.value, mantissas=mantissas.value,
            exponents=exponents.value, scales=scales, zero_point=limits[0], low=limits[1], high=limits[2])

    def read_pool(self, node, operator):
        function, height, width = operator.parameters[:3]
        low, high = operator.parameters[-2:]
        if function == 1 or (height, width) != node.shape[:2] or node.output_shape[:2] != (1, 1):
            raise unsupported(operator, "pool but the mean over the map")
        if (low, high) != (-128, 127):
            raise unsupported(operator, "clamp of a mean")
        # The mean of one pixel is the pixel.
        node.kind = "identity" if node.shape[:2] == (1, 1) else "pool"
        node.attributes["ties_up"] = function == 2

    def read_elementwise(self, node, operator, activations):
        function = operator.parameters[0]
        factors = [tuple(operator.parameters[i:i + 2]) for i in (1, 3, 5)]
        zero_point, low, high = operator.parameters[7:]
        node.attributes.update(factors=factors, zero_point=zero_point, low=low, high=high)
        if operator.inputs[2] is not None:
            raise unsupported(operator, "fused table")
        if function == 0:
            if len(activations) != 2 or map_shape(activations[0]) != map_shape(activations[1]):
                raise unsupported(operator, "addition but of two maps of one shape")
            if (low, high) != (-128, 127):
                raise unsupported(operator, "clamp of an addition")
            node.kind = "add"
        elif function == 2 and len(activations) == 1:
            node.kind = "scale"
            node.attributes["constant"] = next(tensor for tensor in operator.inputs[:2] if tensor.is_constant)
        elif function == 2:
            node.kind = "gate"
        else:
            raise unsupported(operator, "elementwise function but addition and product")

    def producer(self, place):
        return next((node for node in self.nodes if node.output == place), None)

    def freeze_branches(self):
        """Finds squeeze-and-excite branches: from the factor of a product back to a mean of the other factor.

        Their layers are not trained, and no error goes into them.
        """
        for gate in self.nodes:
            if gate.kind != "gate":
                continue
            for place in (1, 0):
                source, branch = gate.inputs[place], []
                while (node := self.producer(source)) is not None and len(node.inputs) == 1:
                    branch.append(node)
                    source = node.inputs[0]
                    if node.operator.kind == "pool" and source == gate.inputs[1 - place]:
                        break
                else:
                    continue
                break
            else:
                raise unsupported(gate.operator, "product of two maps but squeeze-and-excite")
            for node in branch:
                node.is_frozen = True
            if place == 0:
                gate.inputs.reverse()
                gate.attributes["inputs"].reverse()
            gate.shape = map_shape(gate.attributes["inputs"][0])

    def check_views(self):
        """A view may stand for other values than what was written, as a product with a constant that is left out. Errors,
        which are of real values, would change there."""
        for node in self.nodes:
            for tensor in node.attributes["inputs"]:
                written = self.written(tensor)
                if written.zero_point != tensor.zero_point or None not in (written.scale, tensor.scale) \
                        and written.scale != tensor.scale and self.writes_trained(tensor):
                    raise unsupported(node.operator, "view of another scale outside of squeeze-and-excite")

    def written(self, tensor):
        """What an operator wrote at a tensor's place, or the tail was given."""
        producer = self.producer(tensor.offset)
        return producer.attributes["output"] if producer else self.input

    def writes_trained(self, tensor):
        producer = self.producer(tensor.offset)
        return producer is None or not producer.is_frozen

    def find_clamp(self, node, readers):
        """A layer whose output no table reads has a clamp where its limits say so, or where its zero point is the lowest
        value, which is a ReLU's."""
        low, high, zero_point = (node.attributes[key] for key in ("low", "high", "zero_point"))
        if any(reader.kind == "table" for reader in readers):
            return
        if low > -128 or high < 127 or zero_point == -128:
            node.clamp = low, high

    def patches(self, patch):
        """The height and width in pixels of a patch of each place's map: `patch` on the last map of more than one pixel,
        and s times as much in front of a layer with stride s. 1 on maps of one pixel."""
        sizes, factor = {}, 1
        for node in reversed(self.nodes):
            for place, shape in [(node.output, node.output_shape)] + [
                    (tensor.offset, map_shape(tensor)) for tensor in node.attributes["inputs"]]:
                if shape[:2] == (1, 1):
                    sizes[place] = 1
            # With patches of a pixel every layer is exact.
            sizes.setdefault(node.output, patch * factor)
            if node.kind == "depthwise" and patch > 1 and node.shape[:2] != (1, 1):
                factor *= node.attributes["stride"]
            for place in node.inputs:
                sizes.setdefault(place, patch * factor)
        return sizes
