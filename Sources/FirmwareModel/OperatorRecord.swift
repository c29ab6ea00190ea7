/// What a step computes; the runtime's closed set of operators.
public enum OperatorKind: UInt16, CaseIterable, Sendable {
  case convolution = 1
  case depthwiseConvolution = 2
  case transposeConvolution = 3
  case fullyConnected = 4
  case elementwise = 5
  case pool = 6
  case reduce = 7
  case table = 8
  case softmax = 9
  case copy = 10
  case gather = 11
  case normalize = 12
  case argumentMaximum = 13
  case resizeBilinear = 14
  case batchMatrixMultiply = 15
}

/// One operator of the model as it lies in the file: word counts that were checked, words that were not yet.
public struct OperatorRecord: Sendable {
  public var kind: OperatorKind
  /// The source model's operator, for reports.
  public var name: OperatorName
  /// Offset into the file of the first of its words.
  public var offset: Int
  public var inputCount: Int
  public var outputCount: Int
  public var parameterCount: Int
}

/// Reads one operator's tensors and parameters in order, each checked as it is read.
public struct OperatorReader {
  public let model: FirmwareModel
  public let index: Int
  public let record: OperatorRecord
  private var nextInput = 0
  private var nextOutput = 0
  private var nextParameter = 0
  /// Whether the operator can read and write strips.
  private var readsStrips: Bool { record.kind == .convolution || record.kind == .depthwiseConvolution }

  public init(_ model: FirmwareModel, _ index: Int) {
    self.model = model
    self.index = index
    self.record = model.operators[index]
  }

  /// The next input, which must be there.
  public mutating func input() throws(ModelError) -> Int {
    guard let tensor = try optionalInput() else {
      throw error("an input that is not absent", Int(Layout.absent))
    }
    return tensor
  }

  /// The next input, or nil where the operator goes without.
  public mutating func optionalInput() throws(ModelError) -> Int? {
    guard nextInput < record.inputCount else { throw error("more inputs", record.inputCount) }
    let word = model.word(record.offset + 4 * nextInput)
    nextInput += 1
    guard let tensor = try tensorIndex(word) else { return nil }
    guard readsStrips || model.tensors[tensor].storage != .strip else {
      throw error("an input in the arena or among the constants", tensor)
    }
    return tensor
  }

  /// The next output.
  public mutating func output() throws(ModelError) -> Int {
    guard nextOutput < record.outputCount else { throw error("more outputs", record.outputCount) }
    let word = model.word(record.offset + 4 * (record.inputCount + nextOutput))
    nextOutput += 1
    guard let tensor = try tensorIndex(word) else {
      throw error("an output that is not absent", Int(Layout.absent))
    }
    let storage = model.tensors[tensor].storage
    guard storage == .arena || (storage == .strip && readsStrips) else {
      throw error("an output in the arena", tensor)
    }
    return tensor
  }

  /// The next parameter, which must lie in `range`.
  public mutating func parameter(_ range: ClosedRange<Int>, _ expected: StaticString)
    throws(ModelError) -> Int
  {
    guard nextParameter < record.parameterCount else {
      throw error("more parameters", record.parameterCount)
    }
    let offset = record.offset + 4 * (record.inputCount + record.outputCount + nextParameter)
    nextParameter += 1
    let value = Int(Int32(bitPattern: model.word(offset)))
    guard range.contains(value) else {
      throw ModelError(offset: offset, subject: .operator(index), expected: expected, found: value)
    }
    return value
  }

  public mutating func flag(_ expected: StaticString) throws(ModelError) -> Bool {
    try parameter(0...1, expected) == 1
  }

  public mutating func int32(_ expected: StaticString) throws(ModelError) -> Int32 {
    Int32(truncatingIfNeeded: try parameter(-0x8000_0000...0x7FFF_FFFF, expected))
  }

  public mutating func int8(_ expected: StaticString) throws(ModelError) -> Int32 {
    Int32(truncatingIfNeeded: try parameter(-128...127, expected))
  }

  /// Every word must have been read.
  public func finish() throws(ModelError) {
    guard nextInput == record.inputCount else { throw error("fewer inputs", record.inputCount) }
    guard nextOutput == record.outputCount else { throw error("fewer outputs", record.outputCount) }
    guard nextParameter == record.parameterCount else {
      throw error("fewer parameters", record.parameterCount)
    }
  }

  public func error(_ expected: StaticString, _ found: Int) -> ModelError {
    ModelError(offset: record.offset, subject: .operator(index), expected: expected, found: found)
  }

  private func tensorIndex(_ word: UInt32) throws(ModelError) -> Int? {
    if word == Layout.absent { return nil }
    guard word < UInt32(model.tensors.count) else {
      throw error("a tensor's index below the number of tensors", Int(truncatingIfNeeded: word))
    }
    return Int(word)
  }
}
