"""Writes .tflite FlatBuffers: a `Model` is filled tensor by tensor and operator by operator.

The FlatBuffers schema itself comes from the ai_edge_litert package; this module only adds what
the generated classes lack: aligned buffers, operator versions, and float borders.
"""

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

DTYPES = {
    "int8": (np.int8, schema.TensorType.INT8),
    "uint8": (np.uint8, schema.TensorType.UINT8),
    "int16": (np.int16, schema.TensorType.INT16),
    "int32": (np.int32, schema.TensorType.INT32),
    "int64": (np.int64, schema.TensorType.INT64),
    "float16": (np.float16, schema.TensorType.FLOAT16),
    "float32": (np.float32, schema.TensorType.FLOAT32),
    "bool": (np.bool_, schema.TensorType.BOOL),
}
QUANTISED = ("int8", "uint8")
LIMITS = {"int8": (-128, 127), "uint8": (0, 255)}

ACTIVATIONS = {"none": 0, "relu": 1, "relu_n1_to_1": 2, "relu6": 3}
PADDINGS = {"same": 0, "valid": 1}

# Options table of each operator that has one; the name is also that of the generated class + "T".
OPTIONS = {
    "CONV_2D": "Conv2DOptions", "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions", "TRANSPOSE_CONV": "TransposeConvOptions",
    "ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions", "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions", "SUM": "ReducerOptions",
    "PAD": "PadOptions", "PADV2": "PadV2Options", "MIRROR_PAD": "MirrorPadOptions",
    "CONCATENATION": "ConcatenationOptions", "SPLIT": "SplitOptions", "SPLIT_V": "SplitVOptions",
    "SLICE": "SliceOptions", "STRIDED_SLICE": "StridedSliceOptions", "PACK": "PackOptions",
    "RESHAPE": "ReshapeOptions", "SQUEEZE": "SqueezeOptions",
    "EXPAND_DIMS": "ExpandDimsOptions", "TRANSPOSE": "TransposeOptions",
    "SOFTMAX": "SoftmaxOptions", "HARD_SWISH": "HardSwishOptions",
    "LEAKY_RELU": "LeakyReluOptions", "ABS": "AbsOptions", "NEG": "NegOptions",
    "MINIMUM": "MaximumMinimumOptions", "MAXIMUM": "MaximumMinimumOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions", "L2_NORMALIZATION": "L2NormOptions",
    "BATCH_MATMUL": "BatchMatMulOptions", "GATHER": "GatherOptions", "ARG_MAX": "ArgMaxOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions", "SHAPE": "ShapeOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions", "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "QUANTIZE": "QuantizeOptions", "DEQUANTIZE": "DequantizeOptions",
    "IF": "IfOptions", "WHILE": "WhileOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
}

# Operator versions as converters write them for (uint8, int8); (1, 2) where not listed.
VERSIONS = {
    "CONV_2D": (1, 3), "DEPTHWISE_CONV_2D": (2, 3), "FULLY_CONNECTED": (1, 4),
    "TRANSPOSE_CONV": (1, 2), "RESHAPE": (1, 1), "EXPAND_DIMS": (1, 1), "HARD_SWISH": (1, 1),
    "PRELU": (1, 1), "LEAKY_RELU": (2, 2), "ELU": (1, 1), "SHAPE": (1, 1), "QUANTIZE": (1, 1),
    "RELU_N1_TO_1": (1, 1), "SQUEEZE": (1, 1), "DEPTH_TO_SPACE": (1, 1),
    "DEQUANTIZE": (1, 2),
}


@dataclass(frozen=True)
class Quant:
    """Quantisation of a tensor: scales (one, or one per index of `axis`), zero points."""

    scale: tuple
    zero_point: tuple = (0,)
    axis: int = 0

    @staticmethod
    def of(scale, zero_point=0):
        """Per-tensor quantisation; the scale is rounded to float32, as the file stores it."""
        return Quant((float(np.float32(scale)),), (int(zero_point),))

    @property
    def s(self):
        """The scale of a per-tensor quantisation."""
        return self.scale[0]

    @property
    def z(self):
        """The zero point of a per-tensor quantisation."""
        return self.zero_point[0]


@dataclass(eq=False)
class Tensor:
    """A tensor of a model; `low`, `high`, `rms` estimate its real values for choosing scales."""

    index: int
    shape: tuple
    dtype: str
    quant: Quant = None
    data: np.ndarray = None
    name: str = None
    low: float = -1.0
    high: float = 1.0
    rms: float = 0.5
    share: object = None
    variable: bool = False

    @property
    def rank(self):
        return len(self.shape)

    @property
    def size(self):
        return int(np.prod(self.shape, dtype=np.int64))


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes start at a multiple of 16, as the schema's force_align demands."""

    def Pack(self, builder):
        data = None
        if self.data is not None:
            size = len(self.data)
            builder.StartVector(1, size, 16)
            builder.head -= size
            builder.Bytes[builder.head:builder.head + size] = self.data
            data = builder.EndVector()
        schema.BufferStart(builder)
        if data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


@dataclass
class Model:
    """One model under construction, with the bytes to feed it."""

    tensors: list = field(default_factory=list)
    operators: list = field(default_factory=list)
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    feeds: dict = field(default_factory=dict)    # index of a quantised tensor -> its values
    inner: dict = field(default_factory=dict)    # index of a float border -> quantised tensor
    empty_buffers: bool = False                  # own empty buffer per activation, or buffer 0
    extra_subgraphs: list = field(default_factory=list)

    def tensor(self, shape, dtype, quant=None, data=None, name=None):
        """Adds a tensor; with `data` it is a constant."""
        tensor = Tensor(len(self.tensors), tuple(int(d) for d in shape), dtype, quant, None, name)
        if data is not None:
            tensor.data = np.ascontiguousarray(data, DTYPES[dtype][0]).reshape(tensor.shape)
        if quant is not None and dtype in QUANTISED:
            low, high = LIMITS[dtype]
            tensor.low, tensor.high = (low - quant.z) * quant.s, (high - quant.z) * quant.s
            tensor.rms = (tensor.high - tensor.low) / 4
        self.tensors.append(tensor)
        return tensor

    def constant(self, values, dtype="int32"):
        """Adds an unquantised constant, as for axes and shapes."""
        values = np.asarray(values, DTYPES[dtype][0])
        return self.tensor(values.shape, dtype, data=values)

    def input(self, shape, dtype, quant, values):
        """Adds a model input that is fed `values`."""
        tensor = self.tensor(shape, dtype, quant)
        values = np.ascontiguousarray(values, DTYPES[dtype][0]).reshape(tensor.shape)
        self.inputs.append(tensor)
        self.feeds[tensor.index] = values
        estimate(tensor, values)
        return tensor

    def op(self, name, inputs, outputs, version=None, custom=None, **options):
        """Adds an operator; `None` among the inputs is an absent optional one."""
        if version is None:
            dtypes = [t.dtype for t in list(inputs) + list(outputs) if t is not None]
            version = VERSIONS.get(name, (1, 2))["int8" in dtypes]
        self.operators.append((name, list(inputs), list(outputs), version, custom, options))
        return outputs[0]

    def uses(self, *names):
        """Whether the model has one of these operators."""
        return any(operator[0] in names for operator in self.operators)

    def add_float_borders(self, inputs=True, outputs=True):
        """Puts QUANTIZE before every quantised input and DEQUANTIZE after every such output."""
        def outer(tensor):
            twin = self.tensor(tensor.shape, "float32")
            self.inner[twin.index] = tensor
            return twin

        if inputs:
            for place, tensor in enumerate(self.inputs):
                if tensor.dtype in QUANTISED:
                    self.inputs[place] = outer(tensor)
                    self.operators.insert(
                        0, ("QUANTIZE", [self.inputs[place]], [tensor], 1, None, {}))
        if outputs:
            for place, tensor in enumerate(self.outputs):
                if tensor.dtype in QUANTISED:
                    self.outputs[place] = outer(tensor)
                    self.op("DEQUANTIZE", [tensor], [self.outputs[place]])

    def shuffle(self, order):
        """Numbers the tensors anew, in that order: converters promise none."""
        old = [t.index for t in self.tensors]
        self.tensors = [self.tensors[i] for i in order]
        places = {old[i]: place for place, i in enumerate(order)}
        for tensor in self.tensors:
            tensor.index = places[tensor.index]
        self.feeds = {places[i]: values for i, values in self.feeds.items()}
        self.inner = {places[i]: tensor for i, tensor in self.inner.items()}

    def pack(self, spoil=None):
        """The .tflite bytes; `spoil` may change the schema's objects before they are written."""
        codes, model = {}, schema.ModelT()
        model.version, model.description = 3, "conformance"
        model.buffers = [AlignedBuffer()]
        model.subgraphs = [self._subgraph(model, codes)]
        model.subgraphs += [other._subgraph(model, codes) for other in self.extra_subgraphs]
        model.operatorCodes = []
        for (name, version, custom) in codes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, name)
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.version, code.customCode = version, custom
            model.operatorCodes.append(code)
        if spoil is not None:
            spoil(model)
        builder = flatbuffers.Builder(4096)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _subgraph(self, model, codes):
        graph = schema.SubGraphT()
        graph.name = "main"
        shared = {}
        graph.tensors = [self._tensor(model, t, shared) for t in self.tensors]
        graph.inputs = [t.index for t in self.inputs]
        graph.outputs = [t.index for t in self.outputs]
        graph.operators = [self._operator(codes, *operator) for operator in self.operators]
        return graph

    def _tensor(self, model, tensor, shared):
        packed = schema.TensorT()
        packed.name = tensor.name or f"t{tensor.index}"
        packed.shape, packed.type = list(tensor.shape), DTYPES[tensor.dtype][1]
        packed.hasRank, packed.buffer = True, 0
        packed.isVariable = tensor.variable
        if tensor.data is not None and tensor.share in shared:
            packed.buffer = shared[tensor.share]
        elif tensor.data is not None or self.empty_buffers:
            packed.buffer = len(model.buffers)
            data = None if tensor.data is None else tensor.data.tobytes()
            model.buffers.append(AlignedBuffer(data))
            if tensor.share is not None:
                shared[tensor.share] = packed.buffer
        if tensor.quant is not None:
            packed.quantization = schema.QuantizationParametersT()
            packed.quantization.scale = list(tensor.quant.scale)
            packed.quantization.zeroPoint = list(tensor.quant.zero_point)
            packed.quantization.quantizedDimension = tensor.quant.axis
        return packed

    @staticmethod
    def _operator(codes, name, inputs, outputs, version, custom, options):
        packed = schema.OperatorT()
        packed.opcodeIndex = codes.setdefault((name, version, custom), len(codes))
        packed.inputs = [-1 if t is None else t.index for t in inputs]
        packed.outputs = [t.index for t in outputs]
        table = OPTIONS.get(name)
        if table is not None and options.pop("table", True):
            packed.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            packed.builtinOptions = getattr(schema, table + "T")()
            for key, value in options.items():
                assert hasattr(packed.builtinOptions, key), (name, key)
                setattr(packed.builtinOptions, key, value)
        return packed


def estimate(tensor, values):
    """Sets a tensor's estimates from the values that it really holds."""
    real = (values.astype(np.float64) - tensor.quant.z) * tensor.quant.s
    tensor.low, tensor.high = float(real.min()), float(real.max())
    tensor.rms = float(np.sqrt(np.mean(real * real)))
