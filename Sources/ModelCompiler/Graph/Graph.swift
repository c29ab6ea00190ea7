import FirmwareModel

/// A network between import and emission: the runtime's operators over tensors that have no place yet.
struct Graph {
  /// A tensor; several may be views of one buffer.
  struct Tensor {
    var name: String
    var type: ElementType = .int8
    var border: BorderType = .stored
    var shape: [Int]
    /// Of the stored int8 values; uint8 sources were moved by −128.
    var zeroPoint: Int32 = 0
    /// Nil where the source has none.
    var scale: Float?
    /// One scale per channel, of weights.
    var channelScales: [Float] = []
    /// The source's uint8 rounding rules apply.
    var isUnsigned = false
    /// The stored bytes; nil for an activation.
    var constant: [UInt8]?
    /// The buffer that an activation lives in.
    var buffer = -1
    /// Handed from one step to the next a strip of rows at a time, it needs no memory of its own.
    var isStrip = false

    var count: Int { shape.reduce(1, *) }
    var byteCount: Int { count * type.size }
  }

  /// One operator of the runtime.
  struct Step {
    var kind: OperatorKind
    var name: OperatorName
    var inputs: [Int?]
    var outputs: [Int]
    var parameters: [Int32] = []
    var multiplyAccumulates: UInt64 = 0
  }

  var tensors: [Tensor] = []
  var steps: [Step] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  private var bufferCount = 0

  /// Adds an activation in a buffer of its own.
  mutating func addActivation(_ tensor: Tensor) -> Int {
    var tensor = tensor
    tensor.buffer = bufferCount
    bufferCount += 1
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// Adds a tensor that shows an activation's buffer, or a constant's bytes, in another form.
  mutating func addView(of index: Int, _ tensor: Tensor) -> Int {
    var view = tensor
    view.buffer = tensors[index].buffer
    view.constant = tensors[index].constant
    tensors.append(view)
    return tensors.count - 1
  }

  /// Adds a constant of int8 values.
  mutating func addConstant(_ values: [Int8], shape: [Int]? = nil, name: String = "") -> Int {
    tensors.append(
      Tensor(
        name: name, shape: shape ?? [values.count], constant: values.map { UInt8(bitPattern: $0) }))
    return tensors.count - 1
  }

  /// Adds a constant of int32 values.
  mutating func addConstant(_ values: [Int32], shape: [Int]? = nil, name: String = "") -> Int {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    tensors.append(
      Tensor(name: name, type: .int32, shape: shape ?? [values.count], constant: bytes))
    return tensors.count - 1
  }

  /// The values of an int8 constant.
  func int8Values(_ tensor: Int) -> [Int8]? {
    tensors[tensor].constant.map { $0.map { Int8(bitPattern: $0) } }
  }

  /// The steps that read a buffer.
  func readers(ofBuffer buffer: Int) -> [Int] {
    steps.indices.filter { index in
      steps[index].inputs.contains { $0.map { tensors[$0].buffer == buffer } ?? false }
    }
  }

  /// The steps that write to a buffer.
  func writers(ofBuffer buffer: Int) -> [Int] {
    steps.indices.filter { index in steps[index].outputs.contains { tensors[$0].buffer == buffer } }
  }

  /// Whether the source shows the buffer at its border.
  func isBorder(_ buffer: Int) -> Bool {
    (inputs + outputs).contains { tensors[$0].buffer == buffer }
  }
}
