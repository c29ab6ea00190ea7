import Foundation
import HostTestSupport
import ModelCompiler
import TestSupport
import Testing

private func cases(_ file: String) throws -> [ConformanceCase] {
  try ConformanceCase.read(packageRoot.appendingPathComponent("Tests/Conformance/\(file)").path)
}

/// Broken models, and ones that integers can't express, are refused with a place and a reason.
@Test func refusedModelsSayWhy() throws {
  // The reference kernels lack these for uint8; here they follow from the int8 ones.
  let beyondReference: Set = ["ELU uint8", "ABS uint8", "RSQRT uint8", "BATCH_MATMUL uint8"]
  for item in try cases("refused.cases") {
    let name = item.name.split(separator: "/", maxSplits: 1)[1]
    if beyondReference.contains(String(name)) { continue }
    #expect(throws: CompilerError.self, "\(item.name)") { try Compiler.compile(tflite: item.model) }
  }
}

@Test func everyOffendingOperatorIsNamed() throws {
  let item = try #require(try cases("refused.cases").first { $0.name.contains("NEG int8") })
  let error = #expect(throws: CompilerError.self) { try Compiler.compile(tflite: item.model) }
  guard case .unsupported(let problems) = error else {
    Issue.record("\(String(describing: error))")
    return
  }
  #expect(problems.contains { $0.place.contains("NEG") && !$0.reason.isEmpty })
}

/// Truncated and mutated TFLite files give an error or a model, never a crash.
@Test func anyBytesOfTFLiteAreSurvived() throws {
  var random = Generator(seed: 3)
  var compiled = 0
  for item in try cases("sample.cases").prefix(60) {
    for _ in 0..<60 {
      var bytes = item.model
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      if let file = try? Compiler.compile(tflite: bytes) {
        compiled += 1
        _ = exercise(file)
      }
    }
  }
  #expect(compiled > 0)
}
