import FirmwareModel
import FixedPoint
import Glibc

/// Operators of one int8 variable: each becomes a table of 256 values.
extension TFLiteImporter {
  /// Adds a table that maps the input's stored values.
  private mutating func addTable(
    _ node: Node, _ name: OperatorName, _ input: Int, _ function: (Int32) throws -> Int32
  ) throws {
    let output = try addOutput(node, shape: shape(input))
    let values = try (Int32(-128)...127).map { Int8(Quantization.limit(try function($0))) }
    addStep(.table, name, [input, graph.addConstant(values)], [output])
  }

  /// A table of a function of real numbers, computed in singles as LiteRT computes its own.
  private mutating func addSingleTable(
    _ node: Node, _ name: OperatorName, _ function: (Float) -> Float
  ) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let (inputScale, inputZeroPoint) = (try scale(input), graph.tensors[input].zeroPoint)
    let inverse = 1 / output.scale
    try addTable(node, name, input) { value in
      let result = function(inputScale * Float(value - inputZeroPoint))
      let steps = (result * inverse).rounded(.toNearestOrAwayFromZero)
      // LiteRT adds the zero point that its type has, before ours is moved by 128.
      let unsigned = output.isUnsigned ? Int32(128) : 0
      let sum = steps + Float(output.zeroPoint + unsigned)
      return Quantization.integer(sum) - unsigned
    }
  }

  /// The quantisation of an operator's output.
  func outputQuantization(
    _ node: Node
  ) throws -> (scale: Float, zeroPoint: Int32, isUnsigned: Bool) {
    let tensor = try activation(node.output(), shape: [1])
    guard let scale = tensor.scale else {
      throw Obstacle("its output has no quantisation; quantise the model to int8")
    }
    return (scale, tensor.zeroPoint, tensor.isUnsigned)
  }

  mutating func lowerRelu(_ node: Node, _ name: OperatorName, low: Float, high: Float?) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let zeroPoint = graph.tensors[input].zeroPoint
    // The quotient of scales is a single.
    let multiplier = try multiplier(Double(try scale(input) / output.scale))
    func bound(_ value: Float) -> Int32 {
      let steps = (value / output.scale).rounded(.toNearestOrAwayFromZero)
      return output.zeroPoint + Quantization.integer(steps)
    }
    let lowest = max(-128, bound(low))
    let highest = high.map { min(127, bound($0)) } ?? 127
    try addTable(node, name, input) { value in
      clamp(output.zeroPoint &+ multiplier.multiply(value - zeroPoint), lowest, highest)
    }
  }

  mutating func lowerLeakyRelu(_ node: Node) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let zeroPoint = graph.tensors[input].zeroPoint
    let alpha = try node.options?.single(0, default: 0) ?? 0
    guard alpha.isFinite else { throw Obstacle("its alpha is \(alpha)") }
    let inputScale = try scale(input)
    let slope = try multiplier(Double(inputScale * alpha.magnitude / output.scale))
    let identity = try multiplier(Double(inputScale / output.scale))
    try addTable(node, .leakyRelu, input) { value in
      let centered = value - zeroPoint
      if centered >= 0 { return output.zeroPoint &+ identity.multiply(centered) }
      let scaled = slope.multiply(centered)
      return output.zeroPoint &+ (alpha < 0 ? 0 &- scaled : scaled)
    }
  }

  mutating func lowerLogistic(_ node: Node) throws {
    guard try outputQuantization(node).scale == 1 / 256 else {
      throw Obstacle("its output's scale is not 1/256")
    }
    try addSingleTable(node, .logistic) { 1 / (1 + expf(-$0)) }
  }

  mutating func lowerTanh(_ node: Node) throws {
    try addSingleTable(node, .tanh) { tanhf($0) }
  }

  mutating func lowerElu(_ node: Node) throws {
    try addSingleTable(node, .elu) { $0 < 0 ? expm1f($0) : $0 }
  }

  /// x · relu6(x + 3) / 6 in 16-bit fixed point, as LiteRT's reference kernel computes it.
  mutating func lowerHardSwish(_ node: Node) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let zeroPoint = graph.tensors[input].zeroPoint
    // In singles: the input is scaled up by 2^7 first.
    let fine = (1 / Float(128)) * (try scale(input))
    let outputMultiplier = try Quantization.multiplier(Double(fine / output.scale))
    let reluishMultiplier = try Quantization.multiplier(Double(fine / (3 / Float(32768))))
    guard outputMultiplier.exponent <= 0 else {
      throw Obstacle("its output's scale is too small for its input's")
    }
    let outputMantissa = HardSwish.mantissa(outputMultiplier)
    let reluishMantissa = HardSwish.mantissa(reluishMultiplier)
    try addTable(node, .hardSwish, input) { value in
      let scaled = (value - zeroPoint) * 128
      let preshift = HardSwish.roundingProduct(scaled, outputMantissa)
      var reluish = scaled
      let shift = reluishMultiplier.exponent
      if shift > 0 { reluish = HardSwish.shiftLeft(reluish, by: shift - 1) }
      reluish = HardSwish.roundingProduct(reluish, reluishMantissa)
      if shift > 0 { reluish = HardSwish.shiftLeft(reluish, by: 1) }
      if shift < 0 { reluish = HardSwish.roundingShiftRight(reluish, by: -shift) }
      reluish = (reluish + 32768) >> 1
      let product = HardSwish.truncatingProduct(reluish, preshift)
      let rounded = HardSwish.roundingShiftRight(product, by: -outputMultiplier.exponent)
      return Int32(Int16(truncatingIfNeeded: rounded + output.zeroPoint))
    }
  }

  mutating func lowerAbsolute(_ node: Node) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let zeroPoint = graph.tensors[input].zeroPoint
    let inputScale = try scale(input)
    let rescale = inputScale == output.scale ? nil : try multiplier(Double(inputScale / output.scale))
    try addTable(node, .abs, input) { value in
      let magnitude = Swift.abs(value - zeroPoint)
      return output.zeroPoint &+ (rescale?.multiply(magnitude) ?? magnitude)
    }
  }

  mutating func lowerInverseSquareRoot(_ node: Node) throws {
    let input = try input(node, 0)
    let output = try outputQuantization(node)
    let zeroPoint = graph.tensors[input].zeroPoint
    // The square root and its product with the output's scale are singles.
    var rescale = try Quantization.multiplier(1 / Double((try scale(input)).squareRoot() * output.scale))
    rescale.exponent -= 20
    let final = rescale
    try addTable(node, .rsqrt, input) { value in
      let centered = value - zeroPoint
      // LiteRT fails at run time below the zero point: there is no root.
      if centered <= 0 { return 127 }
      var inverse = inverseSquareRoot(centered)
      inverse.exponent += 20
      let fine = inverse.multiply(1)
      if final.exponent < -31 { return output.zeroPoint }
      return output.zeroPoint &+ final.multiply(fine)
    }
  }

  mutating func lowerQuantize(_ node: Node) throws {
    guard let index = node.input(0) else { throw Obstacle("input 0 is missing") }
    switch value(index) {
    case .floatInput(let position):
      // The model's input is shown as what this operator makes of it.
      let source = try node.output()
      var tensor = try activation(source, shape: model.tensors[index].shape)
      let border = tensor.border
      tensor.border = border.asReal
      if graph.inputs[position] >= 0 {
        guard graph.tensors[graph.inputs[position]].scale == tensor.scale,
          graph.tensors[graph.inputs[position]].zeroPoint == tensor.zeroPoint
        else { throw Obstacle("the float input is quantised twice, differently") }
        tensor.border = border
        setValue(source, .tensor(graph.addView(of: graph.inputs[position], tensor)))
        return
      }
      let added = graph.addActivation(tensor)
      graph.inputs[position] = added
      setValue(source, .tensor(added))
    case .dequantized(let input):
      try requantizeThroughSingles(node, input)
    default:
      let input = try input(node, 0)
      let output = try outputQuantization(node)
      let zeroPoint = graph.tensors[input].zeroPoint
      let multiplier = try multiplier(Double(try scale(input)) / Double(output.scale))
      try addTable(node, .quantize, input) { value in
        output.zeroPoint &+ multiplier.multiply(value - zeroPoint)
      }
    }
  }

  /// DEQUANTIZE followed by QUANTIZE: through a single between.
  private mutating func requantizeThroughSingles(_ node: Node, _ input: Int) throws {
    let output = try outputQuantization(node)
    let (inputScale, zeroPoint) = (try scale(input), graph.tensors[input].zeroPoint)
    try addTable(node, .quantize, input) { value in
      let real = Float(Double(inputScale) * Double(value - zeroPoint))
      let steps = (real / output.scale).rounded(.toNearestOrAwayFromZero)
      return Quantization.integer(steps) + output.zeroPoint
    }
  }

  mutating func lowerDequantize(_ node: Node) throws {
    let input = try input(node, 0)
    _ = try scale(input)
    setValue(try node.output(), .dequantized(input))
  }
}

/// The 16-bit arithmetic of LiteRT's hard-swish.
private enum HardSwish {
  /// A Q31 mantissa rounded to Q15.
  static func mantissa(_ multiplier: QuantizedMultiplier) -> Int32 {
    multiplier.mantissa >= Int32.max - 32768 ? 32767 : (multiplier.mantissa + 32768) >> 16
  }

  /// Saturated to 16 bits.
  static func shiftLeft(_ value: Int32, by shift: Int32) -> Int32 {
    Int32(Int16(clamping: Int64(value) << Int64(shift)))
  }

  /// (a · b + 2^14) / 2^15, as the 16-bit rounding doubling high multiply.
  static func roundingProduct(_ a: Int32, _ b: Int32) -> Int32 {
    if a == -32768 && b == -32768 { return 32767 }
    return (a * b + 16384) >> 15
  }

  /// The rounding right shift of 16-bit values. From 16 on the mask of the bits shifted out no longer fits 16
  /// bits, and gemmlowp gives 1 and −1 instead of 0.
  static func roundingShiftRight(_ value: Int32, by shift: Int32) -> Int32 {
    shift < 16 ? FixedPoint.roundingShiftRight(value, by: shift) : value < 0 ? -1 : 1
  }

  /// a · b / 2^15, truncated towards zero.
  static func truncatingProduct(_ a: Int32, _ b: Int32) -> Int32 {
    if a == -32768 && b == -32768 { return 32767 }
    return a * b / 32768
  }
}
