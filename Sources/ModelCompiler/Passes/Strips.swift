import FirmwareModel

/// Which tensors exist a strip at a time, for the runtime to run their operators depth-first (`StripChain`).
extension Graph {
  /// Marks what an expansion hands to a depthwise convolution, and that to a projection, where it is large.
  ///
  /// A convolution between two depthwise ones goes with the one that it shares the larger tensor with.
  mutating func chooseStrips(leastBytes: Int) {
    for (index, step) in steps.enumerated() where step.kind == .convolution {
      let before = index > 0 && isPointwise(index) && canHandOn(from: index - 1) ? step.inputs[0]! : nil
      let after = isSimpleDepthwise(index + 1) && canHandOn(from: index) ? step.outputs[0] : nil
      let sizes = (before.map { tensors[$0].byteCount } ?? 0, after.map { tensors[$0].byteCount } ?? 0)
      guard let tensor = sizes.0 >= sizes.1 ? before : after else { continue }
      if tensors[tensor].byteCount >= leastBytes { tensors[tensor].isStrip = true }
    }
  }

  /// The steps from the first to the last of the chain that a step is part of, perhaps of it alone.
  func chain(around index: Int) -> ClosedRange<Int> {
    var (first, last) = (index, index)
    while let input = steps[first].inputs.first ?? nil, tensors[input].isStrip { first -= 1 }
    while let output = steps[last].outputs.first, tensors[output].isStrip { last += 1 }
    return first...last
  }

  /// Whether a step hands one image, all of a buffer, to the next step alone, one of the two being depthwise.
  private func canHandOn(from writer: Int) -> Bool {
    guard writer + 1 < steps.count, steps[writer].kind != steps[writer + 1].kind,
      [.convolution, .depthwiseConvolution].contains(steps[writer].kind)
    else { return false }
    let tensor = steps[writer].outputs[0]
    let buffer = tensors[tensor].buffer
    let views = tensors.lazy.filter { $0.constant == nil && $0.buffer == buffer }.count
    return tensors[tensor].shape[0] == 1 && views == 1 && !isBorder(buffer)
      && writers(ofBuffer: buffer) == [writer] && readers(ofBuffer: buffer) == [writer + 1]
      && steps[writer + 1].inputs[0] == tensor
  }

  /// A depthwise convolution with one filter a channel.
  private func isSimpleDepthwise(_ index: Int) -> Bool {
    guard index < steps.count, steps[index].kind == .depthwiseConvolution else { return false }
    return tensors[steps[index].inputs[1]!].shape[3] == tensors[steps[index].inputs[0]!].shape[3]
  }

  /// A 1×1 convolution at stride 1 without padding or groups.
  private func isPointwise(_ index: Int) -> Bool {
    let step = steps[index]
    let (input, output) = (tensors[step.inputs[0]!].shape, tensors[step.outputs[0]].shape)
    let weights = tensors[step.inputs[1]!].shape
    return weights[1] == 1 && weights[2] == 1 && weights[3] == input[3] && input[1] == output[1]
      && input[2] == output[2] && step.parameters[0] == 1 && step.parameters[1] == 1
      && step.parameters[4] == 0 && step.parameters[5] == 0
  }
}
