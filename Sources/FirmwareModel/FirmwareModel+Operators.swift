extension FirmwareModel {
  mutating func readOperators() throws(ModelError) {
    let words = word(40)
    let count = word(36)
    guard UInt64(word(32)) + UInt64(words) * 4 <= UInt64(bytes.count), count <= words else {
      throw fail(32, "operators inside the file", Int(truncatingIfNeeded: word(32)))
    }
    var offset = Int(word(32))
    let end = offset + 4 * Int(words)
    for index in 0..<Int(count) {
      func fail(_ at: Int, _ expected: StaticString, _ found: Int) -> ModelError {
        ModelError(offset: offset + at, subject: .operator(index), expected: expected, found: found)
      }
      guard offset + 8 <= end else { throw fail(0, "an operator inside its section", offset) }
      let kindAndName = word(offset)
      guard let kind = OperatorKind(rawValue: UInt16(truncatingIfNeeded: kindAndName)) else {
        throw fail(0, "a known kind of operator", Int(kindAndName & 0xFFFF))
      }
      guard let name = OperatorName(rawValue: UInt16(truncatingIfNeeded: kindAndName >> 16)) else {
        throw fail(2, "a known operator name", Int(kindAndName >> 16))
      }
      let counts = word(offset + 4)
      let record = OperatorRecord(
        kind: kind, name: name, offset: offset + 8, inputCount: Int(counts & 0xFF),
        outputCount: Int(counts >> 8 & 0xFF), parameterCount: Int(counts >> 16))
      offset += 8 + 4 * (record.inputCount + record.outputCount + record.parameterCount)
      guard offset <= end else {
        throw ModelError(
          offset: record.offset, subject: .operator(index),
          expected: "the operator's words inside their section", found: offset)
      }
      operators.append(record)
    }
    guard offset == end else { throw fail(40, "no words after the last operator", end - offset) }
  }
}

extension FirmwareModel {
  /// An operator's input tensors, nil for one that it goes without, as the file names them: a model that an interpreter
  /// accepts has such tensors.
  public func inputs(of operator: Int) -> [Int?] {
    let record = operators[`operator`]
    var inputs: [Int?] = []
    for index in 0..<record.inputCount {
      let word = word(record.offset + 4 * index)
      inputs.append(word == Layout.absent ? nil : Int(word))
    }
    return inputs
  }

  /// Its output tensors.
  public func outputs(of operator: Int) -> [Int] {
    let record = operators[`operator`]
    var outputs: [Int] = []
    for index in 0..<record.outputCount {
      outputs.append(Int(word(record.offset + 4 * (record.inputCount + index))))
    }
    return outputs
  }

  /// Its parameters.
  public func parameters(of operator: Int) -> [Int32] {
    let record = operators[`operator`]
    let first = record.inputCount + record.outputCount
    var parameters: [Int32] = []
    for index in 0..<record.parameterCount {
      parameters.append(Int32(bitPattern: word(record.offset + 4 * (first + index))))
    }
    return parameters
  }
}

// For reports.
extension FirmwareModel {
  /// The first output tensor of an operator, or nil where the file names none.
  public func output(of operator: Int) -> Int? {
    tensor(of: `operator`, operators[`operator`].inputCount, operators[`operator`].outputCount)
  }

  /// The tensor at a position among an operator's words, or nil.
  private func tensor(of operator: Int, _ position: Int, _ count: Int) -> Int? {
    guard count > 0 else { return nil }
    let index = word(operators[`operator`].offset + 4 * position)
    return index < UInt32(tensors.count) ? Int(index) : nil
  }

  /// The multiply-accumulates of an operator, from the shapes of its tensors.
  public func multiplyAccumulates(of operator: Int) -> UInt64 {
    let record = operators[`operator`]
    guard let output = output(of: `operator`), record.inputCount > 1,
      let first = tensor(of: `operator`, 0, 1), let second = tensor(of: `operator`, 1, 1)
    else { return 0 }
    let outputs = UInt64(tensors[output].shape.count)
    let (a, b) = (tensors[first].shape, tensors[second].shape)
    func extent(_ shape: Shape, _ axis: Int) -> UInt64 { axis < shape.rank ? UInt64(shape[axis]) : 1 }
    switch record.kind {
    case .convolution: return outputs &* extent(b, 1) &* extent(b, 2) &* extent(b, 3)
    case .depthwiseConvolution: return outputs &* extent(b, 1) &* extent(b, 2)
    case .transposeConvolution:
      return UInt64(a.count) &* extent(b, 0) &* extent(b, 1) &* extent(b, 2)
    case .fullyConnected: return outputs &* extent(b, 1)
    case .batchMatrixMultiply:
      let rows = UInt64(tensors[output].shape.extent(fromLast: 2))
      return outputs &* (UInt64(a.extent(fromLast: 1)) &* UInt64(a.extent(fromLast: 2)) / rows)
    default: return 0
    }
  }
}
