import FirmwareModel

/// Where each buffer lies in the arena: buffers that are never alive together share memory.
///
/// Greedy by size: the largest buffers are placed first, each in the lowest gap that the buffers alive with it
/// leave (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section 4.2).
struct MemoryPlan {
  private(set) var offsets: [Int: Int] = [:]
  private(set) var arenaBytes = 0

  private struct Buffer {
    var index: Int
    var bytes: Int
    /// The first step that writes it and the last that reads it.
    var first: Int
    var last: Int
    var offset = 0
  }

  init(_ graph: Graph) {
    var buffers: [Int: Buffer] = [:]
    func use(_ tensor: Int, at step: Int) {
      let tensor = graph.tensors[tensor]
      guard tensor.constant == nil, !tensor.isStrip else { return }
      var buffer =
        buffers[tensor.buffer]
        ?? Buffer(index: tensor.buffer, bytes: 0, first: step, last: step)
      buffer.bytes = max(buffer.bytes, tensor.byteCount)
      buffer.first = min(buffer.first, step)
      buffer.last = max(buffer.last, step)
      buffers[tensor.buffer] = buffer
    }
    // Inputs are written before the first step, outputs read after the last.
    for input in graph.inputs { use(input, at: -1) }
    for (index, step) in graph.steps.enumerated() {
      // A chain reads its input until the last of its operators is done, and writes its output from the first on.
      let chain = graph.chain(around: index)
      for input in step.inputs { if let input { use(input, at: chain.upperBound) } }
      for output in step.outputs { use(output, at: chain.lowerBound) }
    }
    for output in graph.outputs { use(output, at: graph.steps.count) }

    var placed: [Buffer] = []
    let order = buffers.values.sorted { ($0.bytes, $1.index) > ($1.bytes, $0.index) }
    for var buffer in order {
      let alive = placed.filter { $0.first <= buffer.last && buffer.first <= $0.last }
        .sorted { $0.offset < $1.offset }
      var offset = 0
      for other in alive {
        if offset + buffer.bytes <= other.offset { break }
        offset = max(offset, Layout.aligned(other.offset + other.bytes))
      }
      buffer.offset = offset
      placed.append(buffer)
      offsets[buffer.index] = offset
      arenaBytes = max(arenaBytes, offset + buffer.bytes)
    }
  }
}
