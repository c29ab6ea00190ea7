import FirmwareModel

/// An operator that can't be lowered: why, and what to do about it.
struct Obstacle: Error {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Turns a TFLite model into a graph of the runtime's operators. `Lowering/` holds the rules, an extension for
/// each family.
struct TFLiteImporter {
  /// What is known of a TFLite tensor.
  enum Value {
    /// A quantised tensor of the graph.
    case tensor(Int)
    /// Integers known now: shapes and what is computed from them.
    case integers(IntegerArray)
    /// A float model input that waits for its QUANTIZE.
    case floatInput(Int)
    /// The float of a DEQUANTIZE, good for an output or another QUANTIZE.
    case dequantized(Int)
    /// The output of an operator that was reported.
    case failed
  }

  let model: TFLiteModel
  var graph = Graph()
  private var values: [Value?]
  private var problems: [CompilerError.Problem] = []

  private init(_ model: TFLiteModel) {
    self.model = model
    values = Array(repeating: nil, count: model.tensors.count)
  }

  static func graph(of model: TFLiteModel) throws(CompilerError) -> Graph {
    var importer = TFLiteImporter(model)
    importer.takeInputs()
    for (index, node) in model.operators.enumerated() { importer.take(node, index) }
    importer.takeOutputs()
    if !importer.problems.isEmpty { throw .unsupported(importer.problems) }
    return importer.graph
  }

  private mutating func takeInputs() {
    for (position, index) in model.inputs.enumerated() {
      let source = model.tensors[index]
      let place = "input \(position) (\"\(source.name)\")"
      do throws(Obstacle) {
        guard source.data == nil else { throw Obstacle("it is a constant") }
        switch source.type {
        case .int8, .uint8:
          let tensor = graph.addActivation(try activation(index, shape: source.shape))
          values[index] = .tensor(tensor)
          graph.inputs.append(tensor)
        case .float32:
          values[index] = .floatInput(position)
          graph.inputs.append(-1)
        default:
          throw Obstacle(
            "its type is \(source.typeName); export the model with int8 or uint8 input")
        }
      } catch {
        report(place, error)
        values[index] = .failed
      }
    }
  }

  private mutating func takeOutputs() {
    for (position, index) in model.outputs.enumerated() {
      let place = "output \(position) (\"\(model.tensors[index].name)\")"
      switch values[index] {
      case .tensor(let tensor): graph.outputs.append(tensor)
      case .dequantized(let tensor):
        // A tensor of its own: the same bytes may be shown as int8 at another output.
        var shown = graph.tensors[tensor]
        shown.border = shown.border.asReal
        graph.outputs.append(graph.addView(of: tensor, shown))
      case .failed: break
      case .integers(let array):
        let tensor = graph.addConstant(
          array.values.map { Int32(truncatingIfNeeded: $0) }, shape: array.shape)
        graph.outputs.append(tensor)
      case .floatInput, nil:
        do {
          graph.outputs.append(try tensor(index))
        } catch { report(place, error) }
      }
    }
    for (position, tensor) in graph.inputs.enumerated() where tensor < 0 && problems.isEmpty {
      report(
        "input \(position)",
        Obstacle("it is float32 and no QUANTIZE takes it; quantise the model to int8 before compiling"))
    }
    if model.outputs.isEmpty { report("model", Obstacle("it has no outputs")) }
    if model.inputs.isEmpty { report("model", Obstacle("it has no inputs")) }
  }

  private mutating func report(_ place: String, _ obstacle: Obstacle) {
    problems.append(.init(place: place, reason: obstacle.reason))
  }

  private mutating func take(_ operation: TFLiteModel.Operator, _ index: Int) {
    let isAfterFailure = operation.inputs.contains { input in
      if input >= 0, case .failed = values[input] { true } else { false }
    }
    let name =
      operation.customName.isEmpty
      ? TFLiteOperatorCode.name(operation.code) : "custom \"\(operation.customName)\""
    do {
      guard let code = TFLiteOperatorCode(rawValue: operation.code) else {
        throw Obstacle(
          "this operator is not supported; replace it in the network, or end the model before it")
      }
      if isAfterFailure {
        fail(operation)
        return
      }
      try checkTypes(operation, code)
      for output in operation.outputs where values[output] != nil || model.tensors[output].data != nil {
        throw Obstacle("its output \"\(model.tensors[output].name)\" is written twice")
      }
      var node = Node(operation, code)
      if try foldIntegers(node) { return }
      try lower(&node)
    } catch let obstacle as Obstacle {
      report("operator \(index) (\(name))", obstacle)
      fail(operation)
    } catch {
      report("operator \(index) (\(name))", Obstacle("\(error)"))
      fail(operation)
    }
  }

  private mutating func fail(_ operation: TFLiteModel.Operator) {
    for output in operation.outputs { values[output] = .failed }
  }

  /// Refuses float arithmetic by name; only QUANTIZE and DEQUANTIZE may touch floats.
  private func checkTypes(_ operation: TFLiteModel.Operator, _ code: TFLiteOperatorCode) throws(Obstacle) {
    if code == .quantize || code == .dequantize { return }
    for index in operation.inputs + operation.outputs where index >= 0 {
      let tensor = model.tensors[index]
      switch tensor.type {
      case .int8, .uint8, .int32, .int64: continue
      case .float32, .float16, .float64:
        throw Obstacle(
          "it computes in \(tensor.typeName) (tensor \"\(tensor.name)\"); quantise the whole model to int8 (for "
            + "example with the TFLite converter's TFLITE_BUILTINS_INT8 and a representative dataset)")
      default:
        throw Obstacle(
          "tensor \"\(tensor.name)\" is \(tensor.typeName); quantise the model with int8 activations and weights"
        )
      }
    }
  }
}

// What the rules use.
extension TFLiteImporter {
  /// One TFLite operator while it is lowered.
  struct Node {
    let operation: TFLiteModel.Operator
    let code: TFLiteOperatorCode

    init(_ operation: TFLiteModel.Operator, _ code: TFLiteOperatorCode) {
      self.operation = operation
      self.code = code
    }

    var options: FlatTable? { operation.options }

    /// The TFLite index of an input, or nil where it is absent.
    func input(_ position: Int) -> Int? {
      guard position < operation.inputs.count, operation.inputs[position] >= 0 else { return nil }
      return operation.inputs[position]
    }

    func output(_ position: Int = 0) throws -> Int {
      guard position < operation.outputs.count else { throw Obstacle("it has no output \(position)") }
      return operation.outputs[position]
    }

    func integer(_ field: Int, default value: Int = 0) throws -> Int {
      Int(try options?.integer(field, as: Int32.self, default: Int32(value)) ?? Int32(value))
    }

    func byte(_ field: Int) throws -> Int8 { try options?.integer(field, as: Int8.self) ?? 0 }

    func boolean(_ field: Int) throws -> Bool { try options?.boolean(field) ?? false }

    func activation(_ field: Int) throws -> FusedActivation {
      guard let activation = FusedActivation(rawValue: try byte(field)) else {
        throw Obstacle("its fused activation is not NONE, RELU, RELU6 or RELU_N1_TO_1")
      }
      return activation
    }
  }

  /// The quantised graph tensor of an operator's input.
  mutating func input(_ node: Node, _ position: Int) throws -> Int {
    guard let index = node.input(position) else { throw Obstacle("input \(position) is missing") }
    return try tensor(index)
  }

  /// The quantised graph tensor of a TFLite tensor; constants are added when first asked for.
  mutating func tensor(_ index: Int) throws(Obstacle) -> Int {
    switch values[index] {
    case .tensor(let tensor): return tensor
    case .integers, .failed, .floatInput, .dequantized:
      throw Obstacle("tensor \"\(model.tensors[index].name)\" is not a quantised tensor here")
    case nil: break
    }
    let source = model.tensors[index]
    guard let data = source.data else {
      throw Obstacle("tensor \"\(source.name)\" is read before anything writes it")
    }
    var tensor = try activation(index, shape: source.shape, isConstant: true)
    tensor.constant = source.type == .uint8 ? data.map { $0 ^ 0x80 } : data
    tensor.border = .stored
    graph.tensors.append(tensor)
    values[index] = .tensor(graph.tensors.count - 1)
    return graph.tensors.count - 1
  }

  /// A tensor record with a TFLite tensor's type and quantisation.
  func activation(
    _ index: Int, shape: [Int], isConstant: Bool = false
  ) throws(Obstacle) -> Graph.Tensor {
    let source = model.tensors[index]
    let isUnsigned = source.type == .uint8
    guard source.type == .int8 || isUnsigned else {
      throw Obstacle("tensor \"\(source.name)\" is \(source.typeName), not int8 or uint8")
    }
    guard shape.count <= Shape.maximumRank else {
      throw Obstacle("tensor \"\(source.name)\" has more than eight dimensions")
    }
    guard shape.allSatisfy({ $0 > 0 }),
      shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) < 1 << 30
    else { throw Obstacle("tensor \"\(source.name)\" is empty or too large: its shape is \(shape)") }
    let quantization = source.quantization
    for scale in quantization.scales where !(scale.isFinite && scale > 0) {
      throw Obstacle("tensor \"\(source.name)\" has a scale of \(scale)")
    }
    let limits: ClosedRange<Int64> = isUnsigned ? 0...255 : -128...127
    for zeroPoint in quantization.zeroPoints where !limits.contains(zeroPoint) {
      throw Obstacle("tensor \"\(source.name)\" has a zero point of \(zeroPoint)")
    }
    guard isConstant || quantization.scales.count <= 1 else {
      throw Obstacle("tensor \"\(source.name)\" is an activation with a scale per channel")
    }
    let zeroPoint = Int32(quantization.zeroPoints.first ?? 0) - (isUnsigned ? 128 : 0)
    return Graph.Tensor(
      name: source.name, border: isUnsigned ? .uint8 : .stored, shape: shape, zeroPoint: zeroPoint,
      scale: quantization.scales.first,
      channelScales: quantization.scales.count > 1 ? quantization.scales : [], isUnsigned: isUnsigned)
  }

  /// Adds an operator's output of a shape, in a buffer of its own.
  mutating func addOutput(_ node: Node, _ position: Int = 0, shape: [Int]) throws -> Int {
    let index = try node.output(position)
    let tensor = graph.addActivation(try activation(index, shape: shape))
    values[index] = .tensor(tensor)
    return tensor
  }

  /// Makes an operator's output a view of a tensor.
  mutating func setView(_ node: Node, of tensor: Int, shape: [Int]) throws {
    let index = try node.output()
    let view = try activation(index, shape: shape)
    values[index] = .tensor(graph.addView(of: tensor, view))
  }

  mutating func setValue(_ index: Int, _ value: Value) { values[index] = value }

  func value(_ index: Int) -> Value? { values[index] }

  /// The scale of a graph tensor, which the arithmetic needs.
  func scale(_ tensor: Int) throws -> Float {
    guard let scale = graph.tensors[tensor].scale else {
      throw Obstacle(
        "tensor \"\(graph.tensors[tensor].name)\" has no quantisation; quantise the model to int8")
    }
    return scale
  }

  func shape(_ tensor: Int) -> [Int] { graph.tensors[tensor].shape }

  /// An axis that may be counted from the end.
  func axis(_ value: Int, rank: Int) throws -> Int {
    let axis = value < 0 ? value + rank : value
    guard axis >= 0 && axis < rank else { throw Obstacle("axis \(value) is not one of \(rank)") }
    return axis
  }

  /// Requires two tensors to have one quantisation: the operator moves bytes.
  func requireSameQuantization(_ a: Int, _ b: Int) throws {
    let (x, y) = (graph.tensors[a], graph.tensors[b])
    guard x.scale == y.scale && x.zeroPoint == y.zeroPoint else {
      throw Obstacle(
        "\"\(x.name)\" and \"\(y.name)\" differ in scale or zero point, which this operator can't change")
    }
  }
}

extension TFLiteModel.Tensor {
  var typeName: String { type?.name ?? "type \(typeCode)" }
}
