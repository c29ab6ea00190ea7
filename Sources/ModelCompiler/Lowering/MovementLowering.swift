import FirmwareModel

/// Operators that only move bytes: views where possible, strided copies otherwise.
extension TFLiteImporter {
  mutating func lowerReshape(_ node: Node) throws {
    let input = try input(node, 0)
    var target: [Int]
    if let array = try integers(node.input(1)) {
      target = array.values
    } else if node.input(1) != nil {
      throw Obstacle("its shape is not known when compiling; export the model with fixed shapes")
    } else {
      target = try node.options?.integers(0, as: Int32.self).map(Int.init) ?? []
      if target == [0] { target = [] }
    }
    let count = graph.tensors[input].count
    if let unknown = target.firstIndex(of: -1) {
      let others = target.filter { $0 != -1 }.reduce(1) {
        $0.multipliedReportingOverflow(by: $1).partialValue
      }
      guard others > 0, count % others == 0 else {
        throw Obstacle("its shape \(target) does not fit \(count) values")
      }
      target[unknown] = count / others
    }
    guard target.allSatisfy({ $0 > 0 }), target.count <= Shape.maximumRank,
      target.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == count
    else { throw Obstacle("its shape \(target) does not fit \(count) values") }
    try setView(node, of: input, shape: target)
  }

  mutating func lowerSqueeze(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let listed = try node.options?.integers(0, as: Int32.self).map(Int.init) ?? []
    let axes = Set(try listed.map { try axis($0, rank: shape.count) })
    guard axes.allSatisfy({ shape[$0] == 1 }) else { throw Obstacle("it drops a dimension that is not 1") }
    let kept = shape.enumerated().filter { position, extent in
      listed.isEmpty ? extent != 1 : !axes.contains(position)
    }
    try setView(node, of: input, shape: kept.map(\.element))
  }

  mutating func lowerExpandDims(_ node: Node) throws {
    let input = try input(node, 0)
    guard let position = try integers(node, 1).first else { throw Obstacle("it needs an axis") }
    var shape = shape(input)
    shape.insert(1, at: try axis(position, rank: shape.count + 1))
    try setView(node, of: input, shape: shape)
  }

  mutating func lowerTranspose(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let order = try integers(node, 1).map { try axis($0, rank: shape.count) }
    guard order.sorted() == Array(shape.indices) else {
      throw Obstacle("its order \(order) is no permutation of \(shape.count) axes")
    }
    let output = try addOutput(node, shape: order.map { shape[$0] })
    let strides = rowMajorStrides(shape)
    addCopy(
      node, .transpose, from: input, to: output,
      StridedLoops(counts: order.map { shape[$0] }, input: order.map { strides[$0] }))
  }

  mutating func lowerSlice(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let (begin, size) = (try integers(node, 1), try integers(node, 2))
    guard begin.count == shape.count, size.count == shape.count else {
      throw Obstacle("its begin and size do not fit \(shape.count) dimensions")
    }
    var dimensions: [SliceDimension] = []
    for (axis, extent) in shape.enumerated() {
      let count = size[axis] < 0 ? extent - begin[axis] : size[axis]
      guard begin[axis] >= 0, size[axis] >= -1, begin[axis] <= extent, count > 0,
        count <= extent - begin[axis]
      else { throw Obstacle("its slice of axis \(axis) lies outside the \(extent) that there are") }
      dimensions.append(SliceDimension(start: begin[axis], stride: 1, count: count))
    }
    try addSlice(node, .slice, 0, from: input, dimensions, shape: dimensions.map(\.count))
  }

  mutating func lowerStridedSlice(_ node: Node) throws {
    let input = try input(node, 0)
    let slices = try stridedSlice(
      node, shape: shape(input), begin: integers(node, 1), end: integers(node, 2),
      strides: integers(node, 3))
    try addSlice(node, .stridedSlice, 0, from: input, slices.dimensions, shape: slices.shape)
  }

  mutating func lowerSplit(_ node: Node) throws {
    let isSized = node.code == .splitV
    let input = try input(node, isSized ? 0 : 1)
    let shape = shape(input)
    guard let position = try integers(node, isSized ? 2 : 0).first else {
      throw Obstacle("it needs an axis")
    }
    let axis = try axis(position, rank: shape.count)
    let parts = node.operation.outputs.count
    guard parts > 0 else { throw Obstacle("it has no outputs") }
    var sizes: [Int]
    if isSized {
      sizes = try integers(node, 1)
      if let unknown = sizes.firstIndex(of: -1) {
        sizes[unknown] = shape[axis] - sizes.filter { $0 > 0 }.reduce(0, +)
      }
    } else {
      sizes = Array(repeating: shape[axis] / parts, count: parts)
    }
    guard sizes.count == parts, sizes.allSatisfy({ $0 > 0 && $0 <= shape[axis] }),
      sizes.reduce(0, +) == shape[axis]
    else { throw Obstacle("its parts \(sizes) do not make up \(shape[axis])") }
    var start = 0
    for (part, size) in sizes.enumerated() {
      var dimensions = shape.map { SliceDimension(start: 0, stride: 1, count: $0) }
      dimensions[axis] = SliceDimension(start: start, stride: 1, count: size)
      try addSlice(
        node, isSized ? .splitV : .split, part, from: input, dimensions,
        shape: dimensions.map(\.count))
      start += size
    }
  }

  private mutating func addSlice(
    _ node: Node, _ name: OperatorName, _ position: Int, from input: Int,
    _ dimensions: [SliceDimension], shape outputShape: [Int]
  ) throws {
    let output = try addOutput(node, position, shape: outputShape)
    let strides = rowMajorStrides(shape(input))
    var loops = StridedLoops(
      counts: dimensions.map(\.count), input: zip(dimensions, strides).map { $0.stride * $1 })
    loops.inputStart = zip(dimensions, strides).map { $0.start * $1 }.reduce(0, +)
    addCopy(node, name, from: input, to: output, loops)
  }

  mutating func lowerConcatenation(_ node: Node) throws {
    guard try node.byte(1) == 0 else { throw Obstacle("its fused activation is not NONE") }
    let inputs = try node.operation.inputs.indices.map { try input(node, $0) }
    guard let first = inputs.first else { throw Obstacle("it has no inputs") }
    let axis = try axis(try node.integer(0), rank: shape(first).count)
    var outputShape = shape(first)
    outputShape[axis] = 0
    for input in inputs {
      let shape = shape(input)
      guard shape.count == outputShape.count,
        shape.indices.allSatisfy({ $0 == axis || shape[$0] == outputShape[$0] })
      else { throw Obstacle("its inputs' shapes do not fit together") }
      outputShape[axis] += shape[axis]
    }
    let output = try addOutput(node, shape: outputShape)
    let strides = rowMajorStrides(outputShape)
    var start = 0
    for input in inputs {
      let table = try concatenationTable(input, output)
      var loops = StridedLoops(
        counts: shape(input), input: rowMajorStrides(shape(input)), output: strides)
      loops.outputStart = start * strides[axis]
      addCopy(node, .concatenation, from: input, to: output, loops, table: table)
      start += shape(input)[axis]
    }
  }

  /// How LiteRT brings an operand to the output's scale: int8 not at all, uint8 in singles.
  private mutating func concatenationTable(_ input: Int, _ output: Int) throws -> Int? {
    let (source, target) = (graph.tensors[input], graph.tensors[output])
    if !source.isUnsigned {
      try requireSameQuantization(input, output)
      return nil
    }
    let (inputScale, outputScale) = (try scale(input), try scale(output))
    if inputScale == outputScale && source.zeroPoint == target.zeroPoint { return nil }
    let ratio = inputScale * (1 / outputScale)
    let bias = Float(-(source.zeroPoint + 128)) * ratio
    let values = (Int32(0)..<256).map { value in
      let steps = (Float(value) * ratio + bias).rounded(.toNearestOrAwayFromZero)
      return Int8(Quantization.limit(Quantization.integer(steps) + target.zeroPoint))
    }
    return graph.addConstant(values)
  }

  mutating func lowerPack(_ node: Node) throws {
    let inputs = try node.operation.inputs.indices.map { try input(node, $0) }
    guard let first = inputs.first else { throw Obstacle("it has no inputs") }
    let shape = shape(first)
    let axis = try axis(try node.integer(1), rank: shape.count + 1)
    var outputShape = shape
    outputShape.insert(inputs.count, at: axis)
    let output = try addOutput(node, shape: outputShape)
    let strides = rowMajorStrides(outputShape)
    for (position, input) in inputs.enumerated() {
      guard self.shape(input) == shape else { throw Obstacle("its inputs differ in shape") }
      try requireSameQuantization(input, output)
      var others = strides
      others.remove(at: axis)
      var loops = StridedLoops(counts: shape, input: rowMajorStrides(shape), output: others)
      loops.outputStart = position * strides[axis]
      addCopy(node, .pack, from: input, to: output, loops)
    }
  }

  mutating func lowerPad(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let paddings = try paddings(node, rank: shape.count)
    let output = try addOutput(
      node, shape: shape.indices.map { paddings[$0].before + shape[$0] + paddings[$0].after })
    var fill = graph.tensors[output].zeroPoint
    if node.input(2) != nil {
      let constant = try self.input(node, 2)
      guard let value = graph.int8Values(constant), value.count == 1 else {
        throw Obstacle("its padding value is not one constant")
      }
      try requireSameQuantization(constant, output)
      fill = Int32(value[0])
    }
    let strides = rowMajorStrides(self.shape(output))
    var loops = StridedLoops(counts: shape, input: rowMajorStrides(shape), output: strides)
    loops.outputStart = zip(paddings, strides).map { $0.before * $1 }.reduce(0, +)
    addCopy(
      node, node.code == .pad ? .pad : .padV2, from: input, to: output, loops, fill: fill)
  }

  func paddings(_ node: Node, rank: Int) throws -> [(before: Int, after: Int)] {
    let values = try integers(node, 1)
    guard values.count == 2 * rank, values.allSatisfy({ $0 >= 0 && $0 < 1 << 24 }) else {
      throw Obstacle("its paddings \(values) do not fit \(rank) dimensions")
    }
    return (0..<rank).map { (values[2 * $0], values[2 * $0 + 1]) }
  }

  mutating func lowerDepthToSpace(_ node: Node) throws {
    let input = try image(node, 0)
    let shape = shape(input)
    let block = try node.integer(0)
    guard block > 0, block < 1 << 12, shape[3] % (block * block) == 0 else {
      throw Obstacle("its \(shape[3]) channels are no multiple of its block's \(block)²")
    }
    let depth = shape[3] / (block * block)
    let output = try addOutput(node, shape: [shape[0], shape[1] * block, shape[2] * block, depth])
    // Output [n, h, i, w, j, c] is input [n, h, w, i, j, c].
    let strides = rowMajorStrides([shape[0], shape[1], shape[2], block, block, depth])
    addCopy(
      node, .depthToSpace, from: input, to: output,
      StridedLoops(
        counts: [shape[0], shape[1], block, shape[2], block, depth],
        input: [0, 1, 3, 2, 4, 5].map { strides[$0] }))
  }

  mutating func lowerSpaceToDepth(_ node: Node) throws {
    let input = try image(node, 0)
    let shape = shape(input)
    let block = try node.integer(0)
    guard block > 0, shape[1] % block == 0, shape[2] % block == 0 else {
      throw Obstacle("its image is no whole number of blocks of \(block)")
    }
    let (height, width) = (shape[1] / block, shape[2] / block)
    let output = try addOutput(node, shape: [shape[0], height, width, shape[3] * block * block])
    let strides = rowMajorStrides([shape[0], height, block, width, block, shape[3]])
    addCopy(
      node, .spaceToDepth, from: input, to: output,
      StridedLoops(
        counts: [shape[0], height, width, block, block, shape[3]],
        input: [0, 1, 3, 2, 4, 5].map { strides[$0] }))
  }

  /// Adds a strided copy, in as few dimensions as it takes.
  mutating func addCopy(
    _ node: Node, _ name: OperatorName, from input: Int, to output: Int, _ loops: StridedLoops,
    table: Int? = nil, fill: Int32? = nil
  ) {
    let merged = loops.merged()
    let dimensions = merged.counts.indices.flatMap { axis in
      [merged.counts[axis], merged.input[axis], merged.output[axis]]
    }
    addStep(
      .copy, name, [input, table], [output],
      [fill == nil ? 0 : 1, fill ?? 0, Int32(merged.inputStart), Int32(merged.outputStart)]
        + dimensions.map(Int32.init))
  }
}

/// Elements from one index to the next on each axis of a dense array.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}

/// Nested loops over an input and an output.
struct StridedLoops {
  var counts: [Int]
  var input: [Int]
  var output: [Int]
  var inputStart = 0
  var outputStart = 0

  /// Loops whose output is dense, or as given.
  init(counts: [Int], input: [Int], output: [Int]? = nil) {
    self.counts = counts
    self.input = input
    self.output = output ?? rowMajorStrides(counts)
  }

  /// The same copy without loops of one turn, neighbours joined where both sides run on.
  func merged() -> StridedLoops {
    var result = StridedLoops(counts: [], input: [], output: [])
    result.inputStart = inputStart
    result.outputStart = outputStart
    for axis in counts.indices where counts[axis] != 1 {
      if let last = result.counts.indices.last,
        result.input[last] == counts[axis] * input[axis],
        result.output[last] == counts[axis] * output[axis]
      {
        result.counts[last] *= counts[axis]
        result.input[last] = input[axis]
        result.output[last] = output[axis]
      } else {
        result.counts.append(counts[axis])
        result.input.append(input[axis])
        result.output.append(output[axis])
      }
    }
    return result
  }
}
