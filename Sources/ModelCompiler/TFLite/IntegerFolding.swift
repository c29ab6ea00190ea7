/// Integers known at compile time, in the shape of a tensor.
struct IntegerArray: Equatable {
  var shape: [Int]
  var values: [Int]

  init(_ values: [Int]) {
    shape = [values.count]
    self.values = values
  }

  init(shape: [Int], values: [Int]) {
    self.shape = shape
    self.values = values
  }
}

/// Shape arithmetic, computed while compiling: every shape is known.
extension TFLiteImporter {
  /// The integers of a tensor, or nil where it is no integer constant.
  func integers(_ index: Int?) throws -> IntegerArray? {
    guard let index else { return nil }
    switch value(index) {
    case .integers(let array): return array
    case nil: break
    default: return nil
    }
    let source = model.tensors[index]
    guard let data = source.data else { return nil }
    switch source.type {
    case .int32:
      return IntegerArray(shape: source.shape, values: loadIntegers(data, Int32.self))
    case .int64:
      return IntegerArray(shape: source.shape, values: loadIntegers(data, Int64.self))
    default: return nil
    }
  }

  /// The integers of an operator's input, which it needs to be constant.
  func integers(_ node: Node, _ position: Int) throws -> [Int] {
    guard let array = try integers(node.input(position)) else {
      throw Obstacle("input \(position) is not known when compiling; export the model with fixed shapes")
    }
    return array.values
  }

  private func loadIntegers<Value: FixedWidthInteger>(_ data: [UInt8], _ type: Value.Type) -> [Int] {
    let size = MemoryLayout<Value>.size
    return data.withUnsafeBytes { bytes in
      (0..<data.count / size).map { index in
        let value = Value(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Value.self))
        // Beyond 32 bits a number can only mean "to the end"; within them sums stay exact.
        return Int(Int32(clamping: value))
      }
    }
  }

  /// Computes an operator whose output is integers. Returns false for one that is not.
  mutating func foldIntegers(_ node: Node) throws -> Bool {
    guard let output = node.operation.outputs.first else { return false }
    switch model.tensors[output].type {
    case .int32, .int64: break
    default: return false
    }
    if node.code == .shape {
      guard let input = node.input(0) else { throw Obstacle("input 0 is missing") }
      setValue(output, .integers(IntegerArray(try knownShape(input))))
      return true
    }
    var arguments: [IntegerArray] = []
    for position in node.operation.inputs.indices {
      guard let array = try integers(node.input(position)) else { return false }
      arguments.append(array)
    }
    guard !arguments.isEmpty else { return false }
    if node.code == .split || node.code == .splitV { return false }
    setValue(output, .integers(try fold(node, arguments)))
    return true
  }

  private func knownShape(_ index: Int) throws -> [Int] {
    switch value(index) {
    case .tensor(let tensor): return graph.tensors[tensor].shape
    case .integers(let array): return array.shape
    case .dequantized(let tensor): return graph.tensors[tensor].shape
    default: return model.tensors[index].shape
    }
  }

  private func fold(_ node: Node, _ arguments: [IntegerArray]) throws -> IntegerArray {
    let first = arguments[0]
    switch node.code {
    case .add: return try combine(arguments) { $0.addingReportingOverflow($1) }
    case .sub: return try combine(arguments) { $0.subtractingReportingOverflow($1) }
    case .mul: return try combine(arguments) { $0.multipliedReportingOverflow(by: $1) }
    case .minimum: return try combine(arguments) { (min($0, $1), false) }
    case .maximum: return try combine(arguments) { (max($0, $1), false) }
    case .cast: return first
    case .reshape, .squeeze, .expandDims:
      // What follows needs the values; of a vector's shape only its count.
      return IntegerArray(
        shape: node.code == .squeeze && first.values.count == 1 ? [] : [first.values.count],
        values: first.values)
    case .pack:
      guard arguments.allSatisfy({ $0.values.count == 1 }) else {
        throw Obstacle("it packs integers that are not scalars")
      }
      return IntegerArray(arguments.map { $0.values[0] })
    case .concatenation:
      guard arguments.allSatisfy({ $0.shape.count <= 1 }) else {
        throw Obstacle("it concatenates integers of more than one dimension")
      }
      return IntegerArray(arguments.flatMap(\.values))
    case .reduceProd:
      return IntegerArray(
        shape: [],
        values: [try first.values.reduce(1) { try checked($0.multipliedReportingOverflow(by: $1)) }])
    case .gather:
      guard first.shape.count == 1, arguments.count >= 2 else {
        throw Obstacle("it gathers from integers that are not a vector")
      }
      let picked = try arguments[1].values.map { index in
        guard index >= 0 && index < first.values.count else {
          throw Obstacle("index \(index) is out of range")
        }
        return first.values[index]
      }
      return IntegerArray(shape: arguments[1].shape, values: picked)
    case .slice:
      guard first.shape.count == 1, arguments.count == 3, let begin = arguments[1].values.first,
        let size = arguments[2].values.first, begin >= 0,
        begin + (size < 0 ? 0 : size) <= first.values.count
      else { throw Obstacle("its slice of integers is out of range") }
      let end = size < 0 ? first.values.count : begin + size
      return IntegerArray(Array(first.values[begin..<end]))
    case .stridedSlice:
      guard arguments.count == 4 else { throw Obstacle("it needs a begin, an end and strides") }
      let slices = try stridedSlice(
        node, shape: first.shape, begin: arguments[1].values, end: arguments[2].values,
        strides: arguments[3].values)
      guard first.shape.count == 1, slices.dimensions.count == 1 else {
        throw Obstacle("it slices integers that are not a vector")
      }
      let dimension = slices.dimensions[0]
      let values = (0..<dimension.count).map { first.values[dimension.start + $0 * dimension.stride] }
      return IntegerArray(shape: slices.shape, values: values)
    default:
      throw Obstacle("it computes with integers that are not part of a shape")
    }
  }

  private func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
    guard !result.overflow, result.partialValue.magnitude < 1 << 40 else {
      throw Obstacle("a shape's arithmetic overflows")
    }
    return result.partialValue
  }

  private func combine(
    _ arguments: [IntegerArray], _ function: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws -> IntegerArray {
    guard arguments.count == 2 else { throw Obstacle("it needs two inputs") }
    let (a, b) = (arguments[0], arguments[1])
    let count = max(a.values.count, b.values.count)
    guard a.values.count == b.values.count || min(a.values.count, b.values.count) == 1 else {
      throw Obstacle("its integers do not broadcast")
    }
    let values = try (0..<count).map { index in
      try checked(
        function(a.values[a.values.count == 1 ? 0 : index], b.values[b.values.count == 1 ? 0 : index]))
    }
    return IntegerArray(shape: a.values.count >= b.values.count ? a.shape : b.shape, values: values)
  }
}
