// Writes the cases that a board's runner checks, compiled here: the stored operator cases, real models with LiteRT's
// outputs, and mutated models and pictures with what became of them on this machine.
import Foundation
import HostTestSupport
import ModelCompiler
import Runtime
import TestSupport

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3, let mutations = Int(arguments[1]) else {
  print("usage: board-cases OUTPUT COUNT-OF-MUTATIONS DATA-FOLDER FILE.cases…")
  exit(2)
}
var cases: [ConformanceCase] = []

extension ConformanceCase {
  init(_ kind: BoardCaseKind, _ name: String, _ model: [UInt8], _ input: [UInt8] = [], expected: [UInt8]) {
    self.init(name: "\(kind.rawValue)/\(name)", model: model, input: input, expected: expected)
  }
}

for path in arguments[3...] {
  for item in try ConformanceCase.read(path) {
    for form in try compiledForms(item.model) {
      cases.append(ConformanceCase(.inference, item.name, form, item.input, expected: item.expected))
    }
  }
}

let data = URL(fileURLWithPath: arguments[2])
if FileManager.default.fileExists(atPath: data.appendingPathComponent("golden").path) {
  for golden in try GoldenModel.all(in: data) where !golden.isReal {
    cases.append(
      ConformanceCase(
        .inference, golden.name, try Compiler.compile(tflite: golden.source), golden.cases.flatMap(\.input),
        expected: golden.cases.flatMap(\.expected)))
  }
} else {
  print("SKIPPED: no real models at \(data.path) (set OCELLUS_DATA); boards compare no golden outputs")
}

let corpus = try Corpus(packageRoot)
var mutator = Mutator(seed: 1)
var pictures = PictureReader()
var ran = 0
for index in 0..<mutations {
  let isPicture = index % 5 == 4
  let bytes = isPicture ? mutator.mutate(one: corpus.pictures) : mutator.firmwareModel(corpus)
  let (outcome, checksum) = isPicture ? (pictures.exercise(bytes), 0) : exercise(bytes, .scalar)
  if outcome == .ran { ran += 1 }
  cases.append(
    ConformanceCase(
      isPicture ? .anyPicture : .anyModel, "\(index)", bytes, expected: verdict(outcome, checksum: checksum)))
}
try Data(ConformanceCase.container(cases)).write(to: URL(fileURLWithPath: arguments[0]))
print("\(cases.count) cases, \(mutations) of them mutations, of which \(ran) run")
