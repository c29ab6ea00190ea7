import FirmwareModel
import Kernels
import Runtime

/// What became of bytes that claim to be a model.
public enum Outcome: Equatable {
  /// A typed error came.
  case refused
  /// It is a model, and an inference ran on every instruction set of this machine.
  case ran
  /// It is a model, but one too large to run thousands of.
  case accepted
}

/// Reads any bytes as a model and, if it is one, runs it: nothing may crash, whatever they are.
public func exercise(_ bytes: [UInt8]) -> Outcome {
  let file = AlignedBytes(bytes)
  guard let model = try? FirmwareModel(reading: file.bytes) else { return .refused }
  var outcome = Outcome.ran
  for set in InstructionSet.allCases {
    guard let kernels = set.kernels else { continue }
    guard let plan = try? Interpreter.plan(model, set, threads: 1) else { return .refused }
    if plan.arenaBytes + plan.weightsBytes > 1 << 24 || work(model) > 1 << 21 {
      outcome = .accepted
      continue
    }
    guard let interpreter = try? Interpreter(model, kernels: kernels, threads: 1) else { return .refused }
    for index in model.inputs.indices {
      let input = interpreter.input(index)
      for position in 0..<input.count { input[position] = UInt8(truncatingIfNeeded: position &* 37) }
    }
    interpreter.run()
    // What it gives must be readable.
    var sum: UInt64 = 0
    for index in model.outputs.indices {
      for byte in interpreter.output(index) { sum &+= UInt64(byte) }
    }
    withExtendedLifetime(sum) {}
  }
  return outcome
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
