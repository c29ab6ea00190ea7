import FirmwareModel

extension Graph {
  /// Rewrites the graph into fewer steps that compute the same bytes.
  mutating func optimize(leastStripBytes: Int) {
    foldScalarOperands()
    removeIdentities()
    cancelTransposes()
    composeTables()
    fuseTables()
    foldPadding()
    removeUnread()
    shareInPlace()
    chooseStrips(leastBytes: leastStripBytes)
  }

  /// The one step that writes a tensor's buffer, or nil where several do.
  func producer(of tensor: Int) -> Int? {
    guard tensors[tensor].constant == nil else { return nil }
    let writers = writers(ofBuffer: tensors[tensor].buffer)
    return writers.count == 1 ? writers[0] : nil
  }

  /// Whether a buffer has exactly one reader and is not seen at the border: its bytes may become something else.
  func isPrivate(_ tensor: Int) -> Bool {
    let buffer = tensors[tensor].buffer
    return readers(ofBuffer: buffer).count == 1 && !isBorder(buffer)
  }

  /// Removes steps whose outputs nothing reads, from the last to the first.
  private mutating func removeUnread() {
    var index = steps.count - 1
    while index >= 0 {
      if !isRead(steps[index]) { steps.remove(at: index) }
      index -= 1
    }
  }

  private func isRead(_ step: Step) -> Bool {
    step.outputs.contains { output in
      let buffer = tensors[output].buffer
      return isBorder(buffer) || !readers(ofBuffer: buffer).isEmpty
    }
  }

  /// Lets every view of one buffer show another.
  mutating func redirect(buffer: Int, to other: Int) {
    for index in tensors.indices where tensors[index].constant == nil && tensors[index].buffer == buffer {
      tensors[index].buffer = other
    }
  }

  /// Elementwise steps may write where an operand lies, once nobody else needs it.
  private mutating func shareInPlace() {
    for (index, step) in steps.enumerated() {
      let candidates: [Int]
      switch step.kind {
      case .table: candidates = [step.inputs[0]!]
      case .elementwise: candidates = [step.inputs[0]!, step.inputs[1]!]
      default: continue
      }
      let output = step.outputs[0]
      guard writers(ofBuffer: tensors[output].buffer) == [index] else { continue }
      for input in candidates where canOverwrite(input, at: index, with: output) {
        redirect(buffer: tensors[output].buffer, to: tensors[input].buffer)
        break
      }
    }
  }

  private func canOverwrite(_ input: Int, at index: Int, with output: Int) -> Bool {
    let (source, target) = (tensors[input], tensors[output])
    guard source.constant == nil, source.buffer != target.buffer, source.count == target.count,
      bufferBytes(source.buffer) == target.byteCount, bufferBytes(target.buffer) == target.byteCount,
      !outputs.contains(where: { tensors[$0].constant == nil && tensors[$0].buffer == source.buffer }),
      readers(ofBuffer: source.buffer).allSatisfy({ $0 <= index }),
      writers(ofBuffer: source.buffer).allSatisfy({ $0 < index })
    else { return false }
    // Another operand in the same buffer must be read exactly where it is overwritten.
    return steps[index].inputs.allSatisfy { other in
      guard let other, tensors[other].constant == nil, tensors[other].buffer == source.buffer else {
        return true
      }
      return tensors[other].count == target.count
    }
  }

  private func bufferBytes(_ buffer: Int) -> Int {
    tensors.lazy.filter { $0.constant == nil && $0.buffer == buffer }.map(\.byteCount).max() ?? 0
  }
}
