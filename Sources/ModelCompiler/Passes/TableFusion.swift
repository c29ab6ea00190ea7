import FirmwareModel
import FixedPoint
import Kernels

/// Functions of one int8 variable: they are tables, tables of tables are tables, and most operators can apply one
/// to what they write.
extension Graph {
  /// An elementwise step with a constant of one value is a function of the other operand.
  mutating func foldScalarOperands() {
    for (index, step) in steps.enumerated() where step.kind == .elementwise {
      let (first, second) = (step.inputs[0]!, step.inputs[1]!)
      guard let function = elementwise(step) else { continue }
      let values: [Int8]
      let variable: Int
      if let constant = int8Values(second), constant.count == 1, tensors[first].constant == nil {
        variable = first
        values = (-128...127).map { function(Int8($0), constant[0]) }
      } else if let constant = int8Values(first), constant.count == 1, tensors[second].constant == nil {
        variable = second
        values = (-128...127).map { function(constant[0], Int8($0)) }
      } else {
        continue
      }
      guard tensors[variable].count == tensors[step.outputs[0]].count else { continue }
      steps[index] = Step(
        kind: .table, name: step.name, inputs: [variable, addConstant(values)], outputs: step.outputs)
    }
  }

  private func elementwise(_ step: Step) -> Elementwise? {
    let parameters = step.parameters
    guard parameters.count == 10,
      let function = Elementwise.Function(rawValue: Int(parameters[0]))
    else { return nil }
    func multiplier(_ position: Int) -> QuantizedMultiplier {
      QuantizedMultiplier(mantissa: parameters[position], exponent: parameters[position + 1])
    }
    return Elementwise(
      function: function, firstZeroPoint: tensors[step.inputs[0]!].zeroPoint,
      secondZeroPoint: tensors[step.inputs[1]!].zeroPoint, outputZeroPoint: parameters[7],
      first: multiplier(1), second: multiplier(3), output: multiplier(5), low: parameters[8],
      high: parameters[9])
  }

  /// Joins a table with the table that makes its input.
  mutating func composeTables() {
    for index in steps.indices where steps[index].kind == .table {
      let input = steps[index].inputs[0]!
      guard let before = producer(of: input), steps[before].kind == .table, isPrivate(input),
        let inner = int8Values(steps[before].inputs[1]!),
        let outer = int8Values(steps[index].inputs[1]!)
      else { continue }
      steps[index].inputs = [
        steps[before].inputs[0], addConstant(inner.map { outer[Int($0) + 128] }),
      ]
    }
  }

  /// Hands tables to the operators that make their inputs: as bounds where they only bound, else as tables.
  mutating func fuseTables() {
    for index in steps.indices where steps[index].kind == .table {
      let input = steps[index].inputs[0]!
      guard let before = producer(of: input), let slot = steps[before].tableSlot, isPrivate(input),
        steps[before].inputs[slot] == nil, steps[before].outputs.count == 1,
        let values = int8Values(steps[index].inputs[1]!)
      else { continue }
      let last = steps[before].parameters.count - 1
      let (low, high) = (steps[before].parameters[last - 1], steps[before].parameters[last])
      let (lowest, highest) = (Int32(values[0]), Int32(values[255]))
      if steps[before].isBounded,
        (low...high).allSatisfy({ Int32(values[Int($0) + 128]) == clamp($0, lowest, highest) }),
        lowest <= highest, lowest <= high, highest >= low
      {
        steps[before].parameters[last - 1] = max(low, lowest)
        steps[before].parameters[last] = min(high, highest)
      } else {
        steps[before].inputs[slot] = steps[index].inputs[1]
      }
      // The operator now writes what the table wrote, and the table goes.
      steps[before].outputs = steps[index].outputs
      steps[index].outputs = []
    }
    steps.removeAll { $0.kind == .table && $0.outputs.isEmpty }
  }
}

extension Graph.Step {
  /// Whether the operator keeps its output within the last two parameters.
  fileprivate var isBounded: Bool {
    let extrema = [Elementwise.Function.minimum, .maximum].map { Int32($0.rawValue) }
    return kind != .elementwise || !extrema.contains(parameters[0])
  }

  /// Which input is the table that the operator applies to its output.
  var tableSlot: Int? {
    switch kind {
    case .convolution, .depthwiseConvolution, .transposeConvolution: 5
    case .fullyConnected: 4
    case .elementwise: 2
    default: nil
    }
  }
}
