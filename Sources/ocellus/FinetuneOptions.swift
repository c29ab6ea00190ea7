import Kernels
import Platform
import Runtime

/// What `ocellus finetune` is told.
struct FinetuneOptions {
  let model: UnsafePointer<CChar>
  let data: UnsafePointer<CChar>
  let output: UnsafePointer<CChar>
  /// Nil: as many as serve, or as memory has room for.
  let blocks: Int?
  let patch: Int?
  let epochs: Int?
  let seed: Int
  /// Bytes that learning and cached features may take; nil: half of what the system has to give.
  let memory: Int?
  let isDryRun: Bool
  let isResumed: Bool
  let isJSON: Bool
  let threads: Int
  let instructionSet: InstructionSet

  init(_ list: [UnsafePointer<CChar>]) throws(Failure) {
    let arguments = try Arguments(
      list,
      known: [
        .init("--model"), .init("--data"), .init("--output"), .init("--classes"), .init("--blocks"),
        .init("--patch"), .init("--epochs"), .init("--seed"), .init("--memory"),
        .init("--dry-run", takesValue: false), .init("--resume", takesValue: false),
        .init("--json", takesValue: false), .init("--threads"), .init("--kernels"),
      ])
    if let operand = arguments.operands.first { throw .usage("unexpected argument", operand) }
    model = try arguments.required("--model")
    data = try arguments.required("--data")
    output = try arguments.required("--output")
    if let text = arguments.value("--classes"), !isText(text, "replace") {
      guard isText(text, "keep") else { throw .badValue("--classes", text) }
      throw .failed(text, "the model's own classes can't be kept beside new ones yet; leave --classes out")
    }
    blocks = arguments.has("--blocks") ? try arguments.integer("--blocks", 0...99, default: 0) : nil
    patch = arguments.has("--patch") ? try arguments.integer("--patch", 1...64, default: 2) : nil
    epochs = arguments.has("--epochs") ? try arguments.integer("--epochs", 0...1000, default: 0) : nil
    seed = try arguments.integer("--seed", 0...999_999_999, default: 1)
    memory = try FinetuneOptions.bytes(arguments, "--memory")
    isDryRun = arguments.has("--dry-run")
    isResumed = arguments.has("--resume")
    isJSON = arguments.has("--json")
    threads = try arguments.integer("--threads", 1...64, default: 1)
    instructionSet = try LoadedModel.instructionSet(arguments)
  }

  /// A number of bytes, or of KiB, MiB or GiB with a K, M or G behind it.
  private static func bytes(_ arguments: Arguments, _ flag: StaticString) throws(Failure) -> Int? {
    guard let text = arguments.value(flag) else { return nil }
    var value: Int64 = 0
    var index = 0
    while text[index] >= 0x30 && text[index] <= 0x39 {
      guard value < 1 << 40 else { throw .badValue(flag, text) }
      value = value * 10 + Int64(text[index]) - 0x30
      index += 1
    }
    var shift: Int64 = 0
    switch text[index] {
    case 0x4B: shift = 10
    case 0x4D: shift = 20
    case 0x47: shift = 30
    default: break
    }
    if shift > 0 { index += 1 }
    guard index > 0, text[index] == 0, value < 1 << (60 - shift) else { throw .badValue(flag, text) }
    return Int(clamping: value << shift)
  }
}
