import FirmwareModel
import FixedPoint

extension TFLiteImporter {
  mutating func lowerPool(_ node: Node) throws {
    let input = try image(node, 0)
    let shape = shape(input)
    let (kernelWidth, kernelHeight) = (try node.integer(3), try node.integer(4))
    let windows = try Windows(
      node, image: (shape[1], shape[2]), kernel: (kernelHeight, kernelWidth))
    let output = try addOutput(
      node, shape: [shape[0], windows.height.output, windows.width.output, shape[3]])
    let range = Quantization.range(
      try node.activation(5), scale: graph.tensors[output].scale ?? 1,
      zeroPoint: graph.tensors[output].zeroPoint)
    let isMaximum = node.code == .maxPool2D
    let function: Int32 = isMaximum ? 1 : graph.tensors[input].isUnsigned ? 2 : 0
    addStep(
      .pool, isMaximum ? .maxPool2D : .averagePool2D, [input], [output],
      [function, Int32(kernelHeight), Int32(kernelWidth)] + windows.parameters + range)
  }

  mutating func lowerReduction(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let axes = Set(try integers(node, 1).map { try axis($0, rank: shape.count) })
    let keepsDimensions = try node.boolean(0)
    var outputShape: [Int] = []
    for (position, extent) in shape.enumerated() {
      if !axes.contains(position) {
        outputShape.append(extent)
      } else if keepsDimensions {
        outputShape.append(1)
      }
    }
    let output = try addOutput(node, shape: outputShape)
    let count = axes.map { shape[$0] }.reduce(1, *)
    let zeroPoint = graph.tensors[input].zeroPoint
    let flags = shape.indices.map { Int32(axes.contains($0) ? 1 : 0) }
    guard count < 1 << 23 else { throw Obstacle("it reduces \(count) values, more than 2^23") }
    let offset = zeroPoint * Int32(count)
    if node.code == .mean {
      let multiplier = try mean(of: count, Double(try scale(input)) / Double(try scale(output)))
      addStep(.reduce, .mean, [input, nil], [output], flags + [offset] + words(multiplier))
    } else {
      let thresholds = graph.addConstant(try sumThresholds(input, output, count: count))
      addStep(.reduce, .sum, [input, thresholds], [output], flags + [offset, 0, 0])
    }
  }

  /// The ratio of scales divided by the count, in the steps of LiteRT's `QuantizedMeanOrSum`.
  private func mean(of count: Int, _ ratio: Double) throws -> QuantizedMultiplier {
    let multiplier = try multiplier(ratio)
    let log = Int.bitWidth - 1 - count.leadingZeroBitCount
    let shift = min(log, 32, 31 + Int(multiplier.exponent))
    guard shift >= 0 else { return QuantizedMultiplier(mantissa: 0, exponent: 0) }
    return QuantizedMultiplier(
      mantissa: Int32((Int64(multiplier.mantissa) << Int64(shift)) / Int64(count)),
      exponent: multiplier.exponent - Int32(shift))
  }

  /// For each output from −127 up the least sum that gives it. LiteRT scales sums in singles; the function rises,
  /// so its steps say all about it.
  private func sumThresholds(_ input: Int, _ output: Int, count: Int) throws -> [Int32] {
    let ratio = try scale(input) / scale(output)
    // uint8 sums and zero points are those before ours were moved by 128.
    let unsigned: Int32 = graph.tensors[input].isUnsigned ? 128 : 0
    let inputZeroPoint = graph.tensors[input].zeroPoint + unsigned
    let outputZeroPoint = graph.tensors[output].zeroPoint
    let bias = Float(-inputZeroPoint) * ratio * Float(count)
    func result(_ sum: Int32) -> Int32 {
      let steps = (Float(sum + unsigned * Int32(count)) * ratio + bias)
        .rounded(.toNearestOrAwayFromZero)
      return Quantization.limit(Quantization.integer(steps) + outputZeroPoint)
    }
    let (lowest, highest) = (-128 * Int32(count), 127 * Int32(count))
    return (Int32(-127)...127).map { value in
      var (low, high) = (lowest, highest + 1)
      while low < high {
        let middle = low + (high - low) / 2
        if result(middle) >= value { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  mutating func lowerSoftmax(_ node: Node) throws {
    let input = try input(node, 0)
    guard !shape(input).isEmpty else { throw Obstacle("its input is a scalar") }
    let beta = try node.options?.single(0, default: 0) ?? 0
    // Scaled to 5 integer bits; the exponent is that of 26 more.
    let factor = min(Double(beta) * Double(try scale(input)) * 67_108_864, 2_147_483_647)
    guard factor > 1 else { throw Obstacle("its beta or its input's scale is too small") }
    let multiplier = try Quantization.multiplier(factor)
    let leastDifference = -Int32((31.0 * 67_108_864 / Double(1 << Int64(multiplier.exponent))).rounded(.down))
    let exponentials = (Int32(0)..<256).map { difference -> Int32 in
      guard -difference >= leastDifference else { return 0 }
      let scaled = saturatingRoundingDoublingHighMultiply(
        (-difference) &<< multiplier.exponent, multiplier.mantissa)
      return exponential(ofNegative: scaled, integerBits: 5)
    }
    let output = try addOutput(node, shape: shape(input))
    guard graph.tensors[output].isUnsigned || graph.tensors[output].zeroPoint == -128,
      abs((try scale(output)) * 256 - 1) < 0.001
    else { throw Obstacle("its output is not a probability: its scale must be 1/256, its lowest value 0") }
    addStep(.softmax, .softmax, [input, graph.addConstant(exponentials)], [output])
  }

  mutating func lowerL2Normalization(_ node: Node) throws {
    let input = try input(node, 0)
    guard try node.activation(0) == .none else { throw Obstacle("its fused activation is not NONE") }
    guard !shape(input).isEmpty else { throw Obstacle("its input is a scalar") }
    let output = try addOutput(node, shape: shape(input))
    guard try scale(output) == 1 / 128, graph.tensors[output].zeroPoint == 0 else {
      throw Obstacle("its output's scale is not 1/128 around the middle")
    }
    addStep(
      .normalize, .l2Normalization, [input], [output], [graph.tensors[input].isUnsigned ? 1 : 0])
  }

  mutating func lowerArgumentMaximum(_ node: Node) throws {
    let input = try input(node, 0)
    let axes = try integers(node, 1)
    guard axes.count == 1 else { throw Obstacle("it needs one axis") }
    let axis = try axis(axes[0], rank: shape(input).count)
    var outputShape = shape(input)
    outputShape.remove(at: axis)
    let index = try node.output()
    guard model.tensors[index].type == .int32 || model.tensors[index].type == .int64 else {
      throw Obstacle("its output is neither int32 nor int64")
    }
    let output = graph.addActivation(
      Graph.Tensor(name: model.tensors[index].name, type: .int32, shape: outputShape))
    setValue(index, .tensor(output))
    addStep(.argumentMaximum, .argMax, [input], [output], [Int32(axis)])
  }
}
