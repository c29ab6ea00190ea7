/// A TFLite file's first subgraph, as it lies in the file.
///
/// Source of the field numbers and codes: the TFLite schema, version 3 (`schema.fbs`).
struct TFLiteModel {
  enum ElementType: Int8 {
    case float32 = 0, float16, int32, uint8, int64, string, bool, int16, complex64, int8, float64
  }

  struct Quantization {
    var scales: [Float] = []
    var zeroPoints: [Int64] = []
    var axis = 0
  }

  struct Tensor {
    var name: String
    var shape: [Int]
    /// The type's code, which this reader may not know.
    var typeCode: Int8
    var quantization: Quantization
    /// The constant's bytes; nil for an activation.
    var data: [UInt8]?

    var type: ElementType? { ElementType(rawValue: typeCode) }
  }

  struct Operator {
    var code: Int32
    /// The name of a custom operator.
    var customName: String
    var options: FlatTable?
    /// Tensor indices; −1 for an optional input that is absent.
    var inputs: [Int]
    var outputs: [Int]
  }

  var description = ""
  var tensors: [Tensor] = []
  var operators: [Operator] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  /// The bytes of the TFLITE_METADATA buffer.
  var metadata: [UInt8]?

  init(reading bytes: [UInt8]) throws(CompilerError) {
    let buffer = FlatBuffer(bytes: bytes)
    guard bytes.count >= 8, Array(bytes[4..<8]) == Array("TFL3".utf8) else {
      throw .malformed(offset: 4, "not a TFLite file (its bytes 4 to 7 are not \"TFL3\")")
    }
    let root = try buffer.root()
    guard try root.integer(0, as: UInt32.self) == 3 else {
      throw .malformed(offset: root.position, "not version 3 of the TFLite schema")
    }
    description = try root.string(3)
    let buffers = try TFLiteModel.readBuffers(root)
    let codes = try root.tables(1)
    let subgraphs = try root.tables(2)
    guard subgraphs.count == 1 else {
      throw subgraphs.isEmpty
        ? .malformed(offset: root.position, "the model has no subgraph")
        : .unsupported([
          .init(
            place: "model",
            reason: "it has \(subgraphs.count) subgraphs (control flow); export it without WHILE, IF and CALL"
          )
        ])
    }
    let graph = subgraphs[0]
    for table in try graph.tables(0) {
      tensors.append(try TFLiteModel.readTensor(table, buffers))
    }
    for table in try graph.tables(3) {
      operators.append(try readOperator(table, codes))
    }
    inputs = try indices(graph, 1, optional: false)
    outputs = try indices(graph, 2, optional: false)
    for entry in try root.tables(6) where try entry.string(0) == "TFLITE_METADATA" {
      let index = Int(try entry.integer(1, as: UInt32.self))
      guard index < buffers.count else {
        throw .malformed(offset: entry.position, "the metadata's buffer \(index) is not there")
      }
      metadata = buffers[index]
    }
  }

  /// Each buffer's bytes. Together they are no more than the file: a hostile one may let many buffers share one
  /// vector.
  private static func readBuffers(_ root: FlatTable) throws(CompilerError) -> [[UInt8]] {
    var buffers: [[UInt8]] = []
    var total = 0
    for table in try root.tables(4) {
      // An offset above 1 points to data behind the FlatBuffer, which files over 2 GiB have.
      guard try table.integer(1, as: UInt64.self) <= 1 else {
        throw .unsupported([
          .init(place: "model", reason: "its data lies outside the FlatBuffer; export a file under 2 GiB")
        ])
      }
      let (start, count) = try table.vector(0, elementBytes: 1) ?? (0, 0)
      total += count
      guard total <= root.buffer.bytes.count else {
        throw .malformed(offset: table.position, "the buffers hold more bytes than the file")
      }
      buffers.append(Array(root.buffer.bytes[start..<start + count]))
    }
    return buffers
  }

  private static func readTensor(
    _ table: FlatTable, _ buffers: [[UInt8]]
  ) throws(CompilerError) -> Tensor {
    let name = try table.string(3)
    let shape = try table.integers(0, as: Int32.self)
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(extent))
      guard extent >= 0, !overflow, product <= 1 << 31 else {
        throw .malformed(offset: table.position, "tensor \"\(name)\" has an impossible shape \(shape)")
      }
      count = product
    }
    var quantization = Quantization()
    if let entry = try table.table(4) {
      quantization.scales = try entry.singles(2)
      quantization.zeroPoints = try entry.integers(3, as: Int64.self)
      quantization.axis = Int(try entry.integer(6, as: Int32.self))
    }
    let index = Int(try table.integer(2, as: UInt32.self))
    guard index < buffers.count else {
      throw .malformed(offset: table.position, "tensor \"\(name)\" names buffer \(index), which is not there")
    }
    let data = index == 0 || buffers[index].isEmpty ? nil : buffers[index]
    let tensor = Tensor(
      name: name, shape: shape.map(Int.init), typeCode: try table.integer(1, as: Int8.self),
      quantization: quantization, data: data)
    if let data, let type = tensor.type, let size = type.bytes, data.count != count * size {
      throw .malformed(
        offset: table.position,
        "tensor \"\(name)\" of shape \(shape) has \(data.count) bytes of data, not \(count * size)")
    }
    return tensor
  }

  private func readOperator(
    _ table: FlatTable, _ codes: [FlatTable]
  ) throws(CompilerError) -> Operator {
    let index = Int(try table.integer(0, as: UInt32.self))
    guard index < codes.count else {
      throw .malformed(offset: table.position, "operator code \(index) is not there")
    }
    // Codes above 127 only fit the newer field; older files only have the older one.
    let code = max(
      try codes[index].integer(3, as: Int32.self), Int32(try codes[index].integer(0, as: Int8.self)))
    return Operator(
      code: code, customName: try codes[index].string(1), options: try table.table(4),
      inputs: try indices(table, 1, optional: true), outputs: try indices(table, 2, optional: false))
  }

  private func indices(
    _ table: FlatTable, _ field: Int, optional: Bool
  ) throws(CompilerError) -> [Int] {
    let values = try table.integers(field, as: Int32.self)
    for value in values where Int(value) >= tensors.count || value < (optional ? -1 : 0) {
      throw .malformed(offset: table.position, "tensor \(value) is not there")
    }
    return values.map(Int.init)
  }
}

extension TFLiteModel.ElementType {
  /// Bytes of an element; nil for strings.
  var bytes: Int? {
    switch self {
    case .bool, .int8, .uint8: 1
    case .float16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64, .complex64: 8
    case .string: nil
    }
  }

  var name: String {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .int32: "int32"
    case .uint8: "uint8"
    case .int64: "int64"
    case .string: "string"
    case .bool: "bool"
    case .int16: "int16"
    case .complex64: "complex64"
    case .int8: "int8"
    case .float64: "float64"
    }
  }
}
