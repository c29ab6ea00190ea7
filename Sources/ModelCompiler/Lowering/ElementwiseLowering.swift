import FirmwareModel
import FixedPoint
import Kernels

extension TFLiteImporter {
  /// The shape that two broadcast to.
  func broadcast(_ a: [Int], _ b: [Int]) throws -> [Int] {
    let rank = max(a.count, b.count)
    let x = Array(repeating: 1, count: rank - a.count) + a
    let y = Array(repeating: 1, count: rank - b.count) + b
    return try zip(x, y).map { first, second in
      guard first == second || first == 1 || second == 1 else {
        throw Obstacle("its operands' shapes \(a) and \(b) do not broadcast")
      }
      return max(first, second)
    }
  }

  private mutating func operands(_ node: Node) throws -> (Int, Int, Int) {
    let (a, b) = (try input(node, 0), try input(node, 1))
    guard graph.tensors[a].isUnsigned == graph.tensors[b].isUnsigned else {
      throw Obstacle("its operands are of different types")
    }
    return (a, b, try addOutput(node, shape: try broadcast(shape(a), shape(b))))
  }

  private mutating func addElementwise(
    _ function: Elementwise.Function, _ name: OperatorName, _ operands: (Int, Int, Int),
    first: QuantizedMultiplier = one, second: QuantizedMultiplier = one,
    output: QuantizedMultiplier = one, range: [Int32]? = nil
  ) {
    addStep(
      .elementwise, name, [operands.0, operands.1, nil], [operands.2],
      [Int32(function.rawValue)] + words(first) + words(second) + words(output)
        + (range ?? [graph.tensors[operands.2].zeroPoint, -128, 127]))
  }

  private static var one: QuantizedMultiplier { QuantizedMultiplier(mantissa: 1 << 30, exponent: 1) }

  /// A factor below one, which the kernel needs (LiteRT aborts on others).
  private func fraction(_ factor: Double) throws -> QuantizedMultiplier {
    guard factor >= 0 && factor < 1 else {
      throw Obstacle("its output's scale is too small for its operands'")
    }
    return try Quantization.multiplier(factor)
  }

  mutating func lowerSum(_ node: Node, _ name: OperatorName, activation field: Int) throws {
    let operands = try operands(node)
    let (a, b, output) = (try scale(operands.0), try scale(operands.1), try scale(operands.2))
    let twice = 2 * Double(max(a, b))
    addElementwise(
      name == .add ? .add : .subtract, name, operands, first: try fraction(Double(a) / twice),
      second: try fraction(Double(b) / twice),
      output: try fraction(twice / (1_048_576 * Double(output))),
      range: Quantization.range(
        try node.activation(field), scale: output,
        zeroPoint: graph.tensors[operands.2].zeroPoint))
  }

  mutating func lowerProduct(_ node: Node) throws {
    let operands = try operands(node)
    let output = try scale(operands.2)
    // All in singles.
    let factor = try scale(operands.0) * scale(operands.1) / output
    addElementwise(
      .multiply, .mul, operands, output: try multiplier(Double(factor)),
      range: Quantization.range(
        try node.activation(0), scale: output, zeroPoint: graph.tensors[operands.2].zeroPoint))
  }

  mutating func lowerSquaredDifference(_ node: Node) throws {
    let operands = try operands(node)
    let (a, b, output) = (try scale(operands.0), try scale(operands.1), try scale(operands.2))
    let twice = Double(2 * max(a, b))
    addElementwise(
      .squaredDifference, .squaredDifference, operands, first: try fraction(Double(a) / twice),
      second: try fraction(Double(b) / twice),
      output: try fraction(twice * twice / Double(16384 * output)))
  }

  mutating func lowerExtremum(_ node: Node, _ name: OperatorName) throws {
    let operands = try operands(node)
    addElementwise(name == .minimum ? .minimum : .maximum, name, operands)
  }

  mutating func lowerPRelu(_ node: Node) throws {
    let operands = try operands(node)
    guard shape(operands.0) == shape(operands.2) else {
      throw Obstacle("its slopes do not broadcast to its input")
    }
    let output = try scale(operands.2)
    let positive = try scale(operands.0) / output
    let negative = try scale(operands.0) * scale(operands.1) / output
    addElementwise(
      .prelu, .prelu, operands, first: try multiplier(Double(positive)),
      second: try multiplier(Double(negative)))
  }
}
