"""Models that a compiler must refuse.

`unsupported/...` are models that another runtime might run: other types, other operators, numbers
that are only known when the model runs. `invalid/...` are ones that no runtime could.
"""

import numpy as np

import movement_layers as move
import simple_layers as simple
from dice import Dice
from layers import conv2d, feed, fully_connected, weight_tensor
from tflite_writer import Model, Quant

CASES = {}


def case(name):
    """Registers a function of (model, dice) that builds one model, or returns how to spoil it."""
    def register(build):
        CASES[name] = build
        return build
    return register


def image(model, dice, dtype="int8", shape=(1, 4, 4, 3), quant=Quant.of(0.02, 3)):
    if dtype.startswith("float"):
        tensor = model.tensor(shape, dtype)
        model.inputs.append(tensor)
        return tensor
    return feed(model, dice, shape, dtype, quant)


def raw(model, name, inputs, shape, dtype="int8", quant=Quant.of(0.05, 1), version=None,
        custom=None, **options):
    """Any operator with one output, unchecked."""
    y = model.tensor(shape, dtype, quant)
    model.op(name, inputs, [y], version, custom, **options)
    model.outputs = [y]
    return y


def convolution(model, x, weights, bias, shape=(1, 4, 4, 2), dtype="int8", quant=Quant.of(0.05, 1)):
    return raw(model, "CONV_2D", [x, weights, bias], shape, dtype, quant, strideH=1, strideW=1,
               dilationHFactor=1, dilationWFactor=1)


def number(model, dice, dtype, shape, quant=None):
    return model.tensor(shape, dtype, quant, dice.rng.integers(-5, 6, shape))


def operand(model, values, dtype="int32"):
    """An unquantised model input: what it holds is only known when the model runs."""
    values = np.asarray(values)
    tensor = model.tensor(values.shape, dtype)
    model.inputs.append(tensor)
    return tensor


def conv_variant(dtype, weights, bias, quant=Quant.of(0.02, 0), weight_quant=Quant.of(0.01)):
    """CONV_2D of unusual types; `weights` and `bias` are types."""
    def build(model, dice):
        x = image(model, dice, dtype) if dtype in ("int8", "uint8") or dtype.startswith("float") \
            else operand(model, np.zeros((1, 4, 4, 3)), dtype)
        is_float = dtype.startswith("float")
        x.quant = None if is_float else quant
        w = number(model, dice, weights, (2, 1, 1, 3), None if weights == dtype and is_float
                   else weight_quant)
        b = number(model, dice, bias, (2,), None if bias.startswith("float")
                   else Quant.of(quant.s * weight_quant.s))
        convolution(model, x, w, b, dtype=dtype, quant=None if is_float else Quant.of(0.05))
    return build


CASES["unsupported/CONV_2D float32"] = conv_variant("float32", "float32", "float32")
CASES["unsupported/CONV_2D float16"] = conv_variant("float16", "float16", "float16")
CASES["unsupported/CONV_2D hybrid, float activations and int8 weights"] = \
    conv_variant("float32", "int8", "float32")
CASES["unsupported/CONV_2D int16 activations"] = conv_variant("int16", "int8", "int64")
CASES["invalid/CONV_2D float bias"] = conv_variant("int8", "int8", "float32")
CASES["invalid/CONV_2D int8 weights with a zero point"] = \
    conv_variant("int8", "int8", "int32", weight_quant=Quant.of(0.01, 5))
CASES["invalid/CONV_2D three weight scales for two channels"] = \
    conv_variant("int8", "int8", "int32", weight_quant=Quant((0.1, 0.1, 0.1), (0, 0, 0), 0))


@case("unsupported/CONV_2D weights not constant")
def _(model, dice):
    x, w = image(model, dice), image(model, dice, shape=(2, 1, 1, 3), quant=Quant.of(0.01))
    convolution(model, x, w, number(model, dice, "int32", (2,), Quant.of(0.0002)))


@case("unsupported/CONV_2D bias not constant")
def _(model, dice):
    x = image(model, dice)
    w = weight_tensor(model, dice, x, (2, 1, 1, 3), 0, False)
    convolution(model, x, w, operand(model, [0, 0]))


@case("invalid/CONV_2D bias too short")
def _(model, dice):
    x = image(model, dice)
    w = weight_tensor(model, dice, x, (2, 1, 1, 3), 0, False)
    convolution(model, x, w, number(model, dice, "int32", (1,), Quant.of(x.quant.s * w.quant.s)))


@case("invalid/CONV_2D channels do not divide into groups")
def _(model, dice):
    x = image(model, dice)
    w = weight_tensor(model, dice, x, (2, 1, 1, 2), 0, False)
    convolution(model, x, w, number(model, dice, "int32", (2,), Quant.of(x.quant.s * w.quant.s)))


@case("invalid/CONV_2D of a rank 3 input")
def _(model, dice):
    x = image(model, dice, shape=(4, 4, 3))
    w = weight_tensor(model, dice, x, (2, 1, 1, 3), 0, False)
    convolution(model, x, w, number(model, dice, "int32", (2,), Quant.of(x.quant.s * w.quant.s)),
                (4, 4, 2))


@case("invalid/CONV_2D output without a scale")
def _(model, dice):
    model.outputs = [conv2d(model, dice, image(model, dice), 2)]
    model.outputs[0].quant = None


def valid_conv(model, dice):
    """A sound model, to be spoiled afterwards."""
    model.outputs = [conv2d(model, dice, image(model, dice), 2)]


def spoiled(change):
    """A sound model with one field changed; `change` is given the schema's model object."""
    def build(model, dice):
        valid_conv(model, dice)
        return change
    return build


def options_of(model):
    return model.subgraphs[0].operators[0].builtinOptions


def output_quantization(model):
    graph = model.subgraphs[0]
    return graph.tensors[graph.outputs[0]].quantization


SPOILED = {
    "invalid/CONV_2D stride 0": lambda m: setattr(options_of(m), "strideW", 0),
    "invalid/CONV_2D dilation 0": lambda m: setattr(options_of(m), "dilationHFactor", 0),
    "unsupported/CONV_2D fused TANH": lambda m: setattr(
        options_of(m), "fusedActivationFunction", 4),
    "invalid/scale 0": lambda m: setattr(output_quantization(m), "scale", [0.0]),
    "invalid/scale negative": lambda m: setattr(output_quantization(m), "scale", [-0.1]),
    "invalid/scale not a number": lambda m: setattr(output_quantization(m), "scale",
                                                    [float("nan")]),
    "invalid/zero point out of range": lambda m: setattr(output_quantization(m), "zeroPoint",
                                                         [300]),
    "unsupported/activations with a scale per channel": lambda m: (
        setattr(output_quantization(m), "scale", [0.1, 0.2]),
        setattr(output_quantization(m), "zeroPoint", [0, 0]),
        setattr(output_quantization(m), "quantizedDimension", 3)),
    "invalid/tensor index out of range": lambda m: m.subgraphs[0].operators[0].inputs.__setitem__(
        1, 99),
    "invalid/output index out of range": lambda m: setattr(m.subgraphs[0], "outputs", [99]),
    "invalid/buffer index out of range": lambda m: setattr(m.subgraphs[0].tensors[1], "buffer",
                                                           999),
    "invalid/constant shorter than its shape": lambda m: setattr(
        m.buffers[m.subgraphs[0].tensors[1].buffer], "data", b"\x01"),
    "invalid/operator code index out of range": lambda m: setattr(
        m.subgraphs[0].operators[0], "opcodeIndex", 7),
    "unsupported/operator code of the future": lambda m: setattr(
        m.operatorCodes[0], "builtinCode", 9999),
    "invalid/no subgraph": lambda m: setattr(m, "subgraphs", []),
    "invalid/schema version 2": lambda m: setattr(m, "version", 2),
    "unsupported/dimension of -1": lambda m: setattr(
        m.subgraphs[0].tensors[m.subgraphs[0].inputs[0]], "shape", [1, -1, -1, 3]),
}
CASES.update({name: spoiled(change) for name, change in SPOILED.items()})


def one_operator(name, dtype="int8", shape=(2, 4), quant=Quant.of(0.05, 1), **options):
    """An operator of one input."""
    def build(model, dice):
        raw(model, name, [image(model, dice, dtype, shape)], shape, dtype,
            None if dtype.startswith("float") else quant, **options)
    return build


CASES["unsupported/NEG int8"] = one_operator("NEG", version=1)
CASES["unsupported/custom operator"] = one_operator("CUSTOM", custom="MysteryOperator")
CASES["unsupported/RELU float32"] = one_operator("RELU", "float32")
CASES["unsupported/ELU uint8"] = one_operator("ELU", "uint8")
CASES["unsupported/ABS uint8"] = one_operator("ABS", "uint8")
CASES["unsupported/RSQRT uint8"] = one_operator("RSQRT", "uint8")
CASES["invalid/SOFTMAX output scale not 1/256"] = one_operator(
    "SOFTMAX", quant=Quant.of(0.05, -128), beta=1.0)
CASES["invalid/LOGISTIC output scale not 1/256"] = one_operator(
    "LOGISTIC", quant=Quant.of(0.05, -128))


@case("unsupported/ADD float32")
def _(model, dice):
    x = image(model, dice, "float32")
    raw(model, "ADD", [x, x], x.shape, "float32", None)


@case("invalid/ADD int8 and uint8")
def _(model, dice):
    a, b = image(model, dice), image(model, dice, "uint8")
    raw(model, "ADD", [a, b], a.shape)


@case("invalid/ADD shapes that do not broadcast")
def _(model, dice):
    a, b = image(model, dice), image(model, dice, shape=(1, 3, 4, 3))
    raw(model, "ADD", [a, b], a.shape)


@case("unsupported/BATCH_MATMUL uint8")
def _(model, dice):
    a = image(model, dice, "uint8", (2, 3, 3))
    raw(model, "BATCH_MATMUL", [a, a], a.shape, "uint8")


@case("unsupported/CONCATENATION int8 of different scales")
def _(model, dice):
    a, b = image(model, dice), image(model, dice, quant=Quant.of(0.5, 3))
    model.outputs = [move.concatenate(model, [a, b], 3)]


@case("unsupported/float island between DEQUANTIZE and QUANTIZE")
def _(model, dice):
    x = image(model, dice)
    a, b = model.tensor(x.shape, "float32"), model.tensor(x.shape, "float32")
    model.op("DEQUANTIZE", [x], [a])
    model.op("RELU", [a], [b])
    raw(model, "QUANTIZE", [b], x.shape)


@case("unsupported/RESHAPE to a shape known only at run time")
def _(model, dice):
    raw(model, "RESHAPE", [image(model, dice), operand(model, [1, 48])], (1, 48),
        quant=Quant.of(0.02, 3), table=False)


@case("unsupported/PAD by paddings known only at run time")
def _(model, dice):
    raw(model, "PAD", [image(model, dice), operand(model, np.zeros((4, 2)))], (1, 4, 4, 3),
        quant=Quant.of(0.02, 3))


@case("unsupported/TRANSPOSE by an order known only at run time")
def _(model, dice):
    raw(model, "TRANSPOSE", [image(model, dice), operand(model, [0, 1, 2, 3])], (1, 4, 4, 3),
        quant=Quant.of(0.02, 3))


@case("invalid/RESHAPE to another size")
def _(model, dice):
    x = image(model, dice)
    raw(model, "RESHAPE", [x, model.constant([1, 47])], (1, 47), quant=x.quant, table=False)


@case("invalid/TRANSPOSE by what is no permutation")
def _(model, dice):
    x = image(model, dice)
    raw(model, "TRANSPOSE", [x, model.constant([0, 1, 1, 3])], (1, 4, 4, 3), quant=x.quant)


@case("invalid/SPLIT that does not divide")
def _(model, dice):
    x = image(model, dice)
    parts = [simple.like(model, x, (1, 4, 4, 1)) for _ in range(2)]
    model.op("SPLIT", [model.constant(3), x], parts, numSplits=2)
    model.outputs = parts


@case("invalid/GATHER index out of range")
def _(model, dice):
    x = image(model, dice)
    model.outputs = [move.gather(model, x, [0, 9], 1)]


@case("invalid/SLICE beyond the end")
def _(model, dice):
    x = image(model, dice)
    raw(model, "SLICE", [x, model.constant([0, 2, 0, 0]), model.constant([1, 4, 4, 3])],
        (1, 4, 4, 3), quant=x.quant)


@case("invalid/PAD negative")
def _(model, dice):
    x = image(model, dice)
    model.outputs = [move.pad(model, x, [[0, 0], [-1, 0], [0, 0], [0, 0]])]


@case("invalid/RESIZE_BILINEAR align_corners with half_pixel_centers")
def _(model, dice):
    model.outputs = [move.resize(model, image(model, dice), (8, 8), align=True, half=True)]


@case("invalid/tensor that nothing writes")
def _(model, dice):
    x = image(model, dice)
    ghost = simple.like(model, x, x.shape)
    model.outputs = [simple.binary(model, dice, "ADD", x, ghost)]


@case("invalid/tensor written twice")
def _(model, dice):
    y = simple.rectify(model, dice, "RELU", image(model, dice))
    model.op("RELU6", [model.inputs[0]], [y])
    model.outputs = [y]


@case("invalid/operators out of order")
def _(model, dice):
    y = simple.rectify(model, dice, "RELU", image(model, dice))
    model.outputs = [simple.rectify(model, dice, "RELU6", y)]
    model.operators.reverse()


@case("unsupported/variable tensor")
def _(model, dice):
    x = image(model, dice)
    state = simple.like(model, x, x.shape)
    state.variable = True
    model.outputs = [simple.binary(model, dice, "ADD", x, state)]


def branch(model, dice):
    """A subgraph of one RELU, with the tensors of its parent's border."""
    x = image(model, dice)
    model.outputs = [simple.rectify(model, dice, "RELU", x, x.quant)]


@case("unsupported/IF")
def _(model, dice):
    branches = [Model(), Model()]
    for sub in branches:
        branch(sub, dice)
    condition, x = operand(model, False, "bool"), image(model, dice)
    raw(model, "IF", [condition, x], x.shape, quant=x.quant, version=1, thenSubgraphIndex=1,
        elseSubgraphIndex=2)
    model.extra_subgraphs = branches


@case("unsupported/WHILE")
def _(model, dice):
    condition, body = Model(), Model()
    image(condition, dice)
    condition.outputs = [condition.constant(False, "bool")]
    branch(body, dice)
    x = image(model, dice)
    raw(model, "WHILE", [x], x.shape, quant=x.quant, version=1, condSubgraphIndex=1,
        bodySubgraphIndex=2)
    model.extra_subgraphs = [condition, body]


@case("unsupported/UNIDIRECTIONAL_SEQUENCE_LSTM")
def _(model, dice):
    x = image(model, dice, shape=(1, 4, 3))
    gate = [weight_tensor(model, dice, x, (2, 3), 0, False) for _ in range(4)]
    recurrent = [weight_tensor(model, dice, x, (2, 2), 0, False) for _ in range(4)]
    biases = [number(model, dice, "int32", (2,)) for _ in range(4)]
    state, cell = simple.like(model, x, (1, 2)), model.tensor((1, 2), "int16", Quant.of(2 ** -11))
    state.variable = cell.variable = True
    raw(model, "UNIDIRECTIONAL_SEQUENCE_LSTM",
        [x, *gate, *recurrent, None, None, None, *biases, None, None, state, cell, None, None,
         None, None], (1, 4, 2), version=1)


@case("invalid/FULLY_CONNECTED weights of another depth")
def _(model, dice):
    model.outputs = [fully_connected(model, dice, image(model, dice), 2, depth=5)]


def refused_cases():
    """(name, model bytes, b"", b"") of every model above, and of files that are no models."""
    cases = []
    for place, (name, build) in enumerate(CASES.items()):
        model, dice = Model(), Dice([place])
        dice.calm = True
        spoil = build(model, dice)
        cases.append((name, model.pack(spoil), b"", b""))
    model = Model()
    valid_conv(model, Dice([0]))
    whole = model.pack()
    cases += [("invalid/file cut short", whole[:len(whole) // 2], b"", b""),
              ("invalid/file of another kind", whole[:4] + b"XXXX" + whole[8:], b"", b""),
              ("invalid/empty file", b"", b"", b"")]
    return cases
