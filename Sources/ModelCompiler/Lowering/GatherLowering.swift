import FirmwareModel

/// Operators that pick elements along axes by tables known when compiling.
extension TFLiteImporter {
  mutating func lowerMirrorPad(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    let paddings = try paddings(node, rank: shape.count)
    let offset = try node.byte(0) == 0 ? 1 : 0
    let indices = try shape.indices.map { axis -> [Int] in
      let (before, after) = paddings[axis]
      try checkTable(before + shape[axis] + after)
      guard max(before, after) <= shape[axis] - offset else {
        throw Obstacle("its paddings of axis \(axis) are larger than the \(shape[axis]) to mirror")
      }
      return (-before..<shape[axis] + after).map { position in
        if position < 0 { return -position - 1 + offset }
        return position < shape[axis] ? position : 2 * shape[axis] - position - 1 - offset
      }
    }
    let output = try addOutput(node, shape: indices.map(\.count))
    try requireSameQuantization(input, output)
    try addGather(.mirrorPad, from: input, to: output, indices)
  }

  mutating func lowerGather(_ node: Node) throws {
    let input = try input(node, 0)
    let shape = shape(input)
    guard let picks = try integers(node.input(1)) else {
      throw Obstacle("its indices are computed at run time; export the model with constant indices")
    }
    let axis = try axis(try node.integer(0), rank: shape.count)
    var batch = try node.integer(1)
    if batch < 0 { batch += picks.shape.count }
    guard batch >= 0, batch <= axis, batch <= picks.shape.count,
      Array(picks.shape.prefix(batch)) == Array(shape.prefix(batch))
    else { throw Obstacle("its batch dimensions do not fit its input and indices") }
    guard picks.values.allSatisfy({ $0 >= 0 && $0 < shape[axis] }) else {
      throw Obstacle("an index lies outside the axis of \(shape[axis])")
    }
    let output = try addOutput(
      node,
      shape: Array(shape[..<axis]) + Array(picks.shape[batch...]) + Array(shape[(axis + 1)...]))
    // Batches and the axes between them and the axis go one by one: each batch has indices of its own.
    let batches = shape[..<batch].reduce(1, *)
    let between = shape[batch..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let perBatch = picks.values.count / max(batches, 1)
    let (rows, overflow) = picks.values.count.multipliedReportingOverflow(by: between)
    try checkTable(overflow ? Int.max : rows)
    var entries: [Int] = []
    for outer in 0..<batches {
      for middle in 0..<between {
        for pick in picks.values[outer * perBatch..<(outer + 1) * perBatch] {
          entries.append(((outer * between + middle) * shape[axis] + pick) * inner)
        }
      }
    }
    addGatherStep(.gather, from: input, to: output, [entries], run: inner)
  }

  /// Tables are kept in the model: they must not be larger than any sensible image needs.
  private func checkTable(_ entries: Int) throws {
    guard entries <= 1 << 20 else { throw Obstacle("it picks along \(entries) positions, more than 2^20") }
  }

  mutating func lowerResizeNearest(_ node: Node) throws {
    let input = try image(node, 0)
    let shape = shape(input)
    let size = try resizeTarget(node)
    let (alignsCorners, hasHalfPixelCenters) = (try node.boolean(0), try node.boolean(1))
    func indices(_ input: Int, _ output: Int) -> [Int] {
      // In singles.
      let scale =
        alignsCorners && output > 1
        ? Float(input - 1) / Float(output - 1) : Float(input) / Float(output)
      return (0..<output).map { position in
        let exact = (Float(position) + (hasHalfPixelCenters ? 0.5 : 0)) * scale
        let index = alignsCorners ? exact.rounded(.toNearestOrAwayFromZero) : exact.rounded(.down)
        return max(min(Int(index), input - 1), 0)
      }
    }
    try checkTable(max(shape[0], shape[3]))
    let output = try addOutput(node, shape: [shape[0], size.height, size.width, shape[3]])
    try addGather(
      .resizeNearestNeighbor, from: input, to: output,
      [
        Array(0..<shape[0]), indices(shape[1], size.height), indices(shape[2], size.width),
        Array(0..<shape[3]),
      ])
  }

  func resizeTarget(_ node: Node) throws -> (height: Int, width: Int) {
    let size = try integers(node, 1)
    guard size.count == 2, size.allSatisfy({ $0 > 0 && $0 < 1 << 16 }) else {
      throw Obstacle("its size \(size) is not a height and a width")
    }
    return (size[0], size[1])
  }

  mutating func lowerResizeBilinear(_ node: Node) throws {
    let input = try image(node, 0)
    let shape = shape(input)
    let size = try resizeTarget(node)
    let (alignsCorners, hasHalfPixelCenters) = (try node.boolean(2), try node.boolean(3))
    guard !(alignsCorners && hasHalfPixelCenters) else {
      throw Obstacle("it has both align_corners and half_pixel_centers")
    }
    let isUnsigned = graph.tensors[input].isUnsigned
    let output = try addOutput(node, shape: [shape[0], size.height, size.width, shape[3]])
    func positions(_ input: Int, _ output: Int) -> [Int32] {
      (0..<output).flatMap { position in
        isUnsigned
          ? singlePosition(position, input, output, alignsCorners, hasHalfPixelCenters)
          : integerPosition(position, input, output, alignsCorners, hasHalfPixelCenters)
      }
    }
    let table = positions(shape[1], size.height) + positions(shape[2], size.width)
    addStep(
      .resizeBilinear, .resizeBilinear, [input, graph.addConstant(table)], [output],
      [isUnsigned ? 1 : 0])
  }

  /// LiteRT's int8 kernel: positions in 1/1024.
  private func integerPosition(
    _ position: Int, _ input: Int, _ output: Int, _ alignsCorners: Bool, _ hasHalfPixelCenters: Bool
  ) -> [Int32] {
    let scale =
      alignsCorners && output > 1
      ? (1024 * (input - 1) + (output - 1) / 2) / (output - 1)
      : (1024 * input + output / 2) / output
    let exact = hasHalfPixelCenters ? position * scale + scale / 2 - 512 : position * scale
    let first = max(exact / 1024, 0)
    let second = min((exact + 1023) / 1024, input - 1)
    return [Int32(min(first, input - 1)), Int32(second), Int32(exact - 1024 * first)]
  }

  /// LiteRT's uint8 kernel: positions in singles.
  private func singlePosition(
    _ position: Int, _ input: Int, _ output: Int, _ alignsCorners: Bool, _ hasHalfPixelCenters: Bool
  ) -> [Int32] {
    let scale =
      alignsCorners && output > 1 ? Float(input - 1) / Float(output - 1) : Float(input) / Float(output)
    let exact =
      hasHalfPixelCenters ? (Float(position) + 0.5) * scale - 0.5 : Float(position) * scale
    let first = max(Int(exact.rounded(.down)), 0)
    let second = min(Int(exact.rounded(.up)), input - 1)
    let weight = exact - Float(first)
    return [
      Int32(min(first, input - 1)), Int32(max(second, 0)), Int32(bitPattern: weight.bitPattern),
    ]
  }

  /// Adds a step that picks elements along each axis of a tensor.
  private mutating func addGather(
    _ name: OperatorName, from input: Int, to output: Int, _ indices: [[Int]]
  ) throws {
    let shape = shape(input)
    let strides = rowMajorStrides(shape)
    var tables = zip(indices, strides).map { list, stride in list.map { $0 * stride } }
    // Whole inner axes are copied as a run.
    var run = 1
    while let last = tables.indices.last, indices[last] == Array(0..<shape[last]) {
      run *= shape[last]
      tables.removeLast()
    }
    addGatherStep(name, from: input, to: output, tables, run: run)
  }

  private mutating func addGatherStep(
    _ name: OperatorName, from input: Int, to output: Int, _ tables: [[Int]], run: Int
  ) {
    // A tensor needs an element, even where no axis is left.
    let entries = tables.isEmpty ? [0] : tables.flatMap { $0 }
    addStep(
      .gather, name, [input, graph.addConstant(entries.map(Int32.init))], [output],
      [0, Int32(run)] + tables.map { Int32($0.count) })
  }
}
