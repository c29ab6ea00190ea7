import FirmwareModel

/// Tensors of `taughtModel` by their indices.
public enum TaughtTensor {
  public static let overwritten = 0
  public static let features = 1
  public static let weights = 2
  public static let biases = 3
}

/// Means of the first and last of three classes on four features.
public let taughtMeans = ClassMeans(
  features: TaughtTensor.features, threshold: 0x1234_5678,
  entries: [.init(label: 0, photographs: 3), .init(label: 2, photographs: 1 << 20)],
  values: [-32768, 32767, 0, 128, 1, 2, 3, 4])

/// A small model with means of its classes: four inputs go through a layer with weights of 64 on the diagonal, which
/// makes the features that they are, and through one that gives three of them as logits.
///
/// - Parameter outputOffset: Where the logits lie in the arena; the features lie from 32 to 36, the input from 64 to
///   68.
public func taughtModel(outputOffset: Int = 64) -> [UInt8] {
  var writer = FirmwareModelWriter()
  func tensor(_ shape: [Int], _ offset: Int) -> Tensor {
    Tensor(type: .int8, storage: .arena, shape: Shape(shape), offset: offset, zeroPoint: -128)
  }
  let input = writer.add(tensor([1, 1, 1, 4], 64))
  let features = writer.add(tensor([1, 1, 1, 4], 32))
  precondition(input == TaughtTensor.overwritten && features == TaughtTensor.features)
  func diagonal(_ rows: Int) -> [UInt8] {
    (0..<rows * 4).map { $0 / 4 == $0 % 4 ? 64 : 0 }
  }
  func add(_ rows: Int, from source: Int, to target: Int) {
    let weights = writer.addConstant(
      Tensor(type: .int8, storage: .constant, shape: Shape([rows, 1, 1, 4])), bytes: diagonal(rows))
    let biases = writer.addConstant([Int32](repeating: 0, count: rows))
    // 64 · 2^30 · 2^-36 is 1.
    let mantissas = writer.addConstant([Int32](repeating: 1 << 30, count: rows))
    let exponents = writer.addConstant([Int32](repeating: -5, count: rows))
    writer.add(
      .convolution, name: .fullyConnected, inputs: [source, weights, biases, mantissas, exponents, nil],
      outputs: [target], parameters: [1, 1, 1, 1, 0, 0, 1, -128, -128, 127])
  }
  add(4, from: input, to: features)
  let output = writer.add(tensor([1, 1, 1, 3], outputOffset))
  add(3, from: features, to: output)
  writer.inputs = [input]
  writer.outputs = [output]
  writer.arenaBytes = 128
  writer.classMeans = taughtMeans
  return writer.file()!
}
