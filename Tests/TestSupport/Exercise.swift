import FirmwareModel
import Kernels
import Runtime

/// What became of bytes that claim to be a model or a picture.
public enum Outcome: UInt8, Equatable {
  /// A typed error came.
  case refused
  /// It is a model, and an inference ran; or a picture, and it was decoded.
  case ran
  /// It is a model, but one too large to run thousands of.
  case accepted
}

/// Reads any bytes as a model and, if it is one, runs it on every instruction set of this machine: nothing may
/// crash, whatever they are.
public func exercise(_ bytes: [UInt8]) -> Outcome {
  var outcome = Outcome.refused
  for set in InstructionSet.allCases where set.kernels != nil { outcome = exercise(bytes, set).outcome }
  return outcome
}

/// The same on one instruction set, with the checksum of what the inference gave.
public func exercise(_ bytes: [UInt8], _ set: InstructionSet) -> (outcome: Outcome, checksum: UInt32) {
  let file = AlignedBytes(bytes)
  guard let kernels = set.kernels, let model = try? FirmwareModel(reading: file.bytes),
    // One set's, so that what is too large is so on all.
    let plan = try? Interpreter.plan(model, .scalar, threads: 1)
  else { return (.refused, 0) }
  if plan.arenaBytes + plan.weightsBytes > 1 << 24 || work(model) > 1 << 21 { return (.accepted, 0) }
  guard let interpreter = try? Interpreter(model, kernels: kernels, threads: 1) else { return (.refused, 0) }
  for index in model.inputs.indices {
    let input = interpreter.input(index)
    for position in 0..<input.count { input[position] = UInt8(truncatingIfNeeded: position &* 37) }
  }
  interpreter.run()
  var output: [UInt8] = []
  for index in model.outputs.indices { output += interpreter.output(index) }
  if let nearest = NearestMean(model) {
    let answer = nearest.find(interpreter)
    withUnsafeBytes(of: (Int32(answer.label), answer.distance)) { output += $0 }
  }
  return (.ran, output.withUnsafeBytes { CRC32().checksum(of: $0) })
}

/// A bound on an inference's work.
private func work(_ model: FirmwareModel) -> UInt64 {
  var sum: UInt64 = 0
  for index in model.operators.indices {
    let elements = model.output(of: index).map { UInt64(model.tensors[$0].shape.count) } ?? 0
    // Pooling visits a whole image for each output at most.
    let window: UInt64 = model.operators[index].kind == .pool ? 4096 : 1
    sum = sum &+ model.multiplyAccumulates(of: index) &+ elements &* window
  }
  return sum
}

/// A small generator of pseudo-random numbers (SplitMix64), the same everywhere.
public struct Generator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
