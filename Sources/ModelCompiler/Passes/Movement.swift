import FirmwareModel

/// Steps that move bytes to where they are, or back to where they came from.
extension Graph {
  /// Tables that map every value to itself and copies that keep every byte in place become views.
  mutating func removeIdentities() {
    for index in steps.indices.reversed() where isIdentity(steps[index]) {
      let (input, output) = (steps[index].inputs[0]!, steps[index].outputs[0])
      guard replaceByView(output, of: input) else { continue }
      steps.remove(at: index)
    }
  }

  private func isIdentity(_ step: Step) -> Bool {
    switch step.kind {
    case .table: return int8Values(step.inputs[1]!) == Array(Int8.min...Int8.max)
    case .copy: return step.inputs[1] == nil && copyMap(step).map { $0 == Array($0.indices) } ?? false
    default: return false
    }
  }

  /// Lets what reads `output` read `input`'s bytes. False where the border forbids it.
  private mutating func replaceByView(_ output: Int, of input: Int) -> Bool {
    let (source, target) = (tensors[input], tensors[output])
    guard source.constant == nil, source.byteCount == target.byteCount, source.type == target.type,
      producer(of: output) != nil
    else { return false }
    redirect(buffer: target.buffer, to: source.buffer)
    return true
  }

  /// A copy that undoes the copy before it becomes a view of what that one read.
  mutating func cancelTransposes() {
    for index in steps.indices.reversed() {
      let step = steps[index]
      guard step.kind == .copy, step.inputs[1] == nil, let input = step.inputs[0],
        let before = producer(of: input), steps[before].kind == .copy, steps[before].inputs[1] == nil,
        let outer = copyMap(step), let inner = copyMap(steps[before]),
        let source = steps[before].inputs[0], tensors[source].count == outer.count,
        outer.map({ inner[$0] }) == Array(outer.indices)
      else { continue }
      guard replaceByView(step.outputs[0], of: source) else { continue }
      steps.remove(at: index)
    }
  }

  /// For each output element of a copy that writes all of its output, the input element it comes from; nil for
  /// other copies, and for ones too large to look at.
  private func copyMap(_ step: Step) -> [Int]? {
    let count = tensors[step.outputs[0]].count
    let parameters = step.parameters.map(Int.init)
    guard parameters[0] == 0, count <= 1 << 21, let source = step.inputs[0],
      tensors[source].constant == nil
    else { return nil }
    var map = [Int](repeating: -1, count: count)
    func visit(_ position: Int, _ input: Int, _ output: Int) {
      if position == parameters.count {
        map[output] = input
        return
      }
      for index in 0..<parameters[position] {
        visit(
          position + 3, input + index * parameters[position + 1],
          output + index * parameters[position + 2])
      }
    }
    visit(4, parameters[2], parameters[3])
    return map.contains(-1) ? nil : map
  }

  /// Gives the zeros around an image to the convolution that follows, which pads for itself.
  mutating func foldPadding() {
    for index in steps.indices {
      guard steps[index].kind == .convolution || steps[index].kind == .depthwiseConvolution,
        let input = steps[index].inputs[0], let before = producer(of: input),
        steps[before].name == .pad || steps[before].name == .padV2,
        let padding = imagePadding(steps[before]), let source = steps[before].inputs[0],
        tensors[source].constant == nil, tensors[source].zeroPoint == tensors[input].zeroPoint
      else { continue }
      let kernel = tensors[steps[index].inputs[1]!].shape
      var parameters = steps[index].parameters
      let top = Int(parameters[4]) + padding.top
      let left = Int(parameters[5]) + padding.left
      // What the runtime requires: each window lies over the image at least in part.
      let (image, output) = (tensors[source].shape, tensors[steps[index].outputs[0]].shape)
      guard top <= (kernel[1] - 1) * Int(parameters[2]), left <= (kernel[2] - 1) * Int(parameters[3]),
        (output[1] - 1) * Int(parameters[0]) - top < image[1],
        (output[2] - 1) * Int(parameters[1]) - left < image[2]
      else { continue }
      parameters[4] = Int32(top)
      parameters[5] = Int32(left)
      steps[index].parameters = parameters
      steps[index].inputs[0] = source
    }
  }

  /// The rows above and columns left that a padding step adds around an image's zero point; nil where it pads
  /// with anything else, or anywhere else.
  private func imagePadding(_ step: Step) -> (top: Int, left: Int)? {
    let (input, output) = (tensors[step.inputs[0]!], tensors[step.outputs[0]])
    guard step.kind == .copy, step.inputs[1] == nil, step.parameters[0] == 1,
      step.parameters[1] == output.zeroPoint, input.shape.count == 4, output.shape.count == 4,
      input.shape[0] == output.shape[0], input.shape[3] == output.shape[3]
    else { return nil }
    let start = Int(step.parameters[3])
    let row = output.shape[2] * output.shape[3]
    return (start / row, start % row / output.shape[3])
  }
}
