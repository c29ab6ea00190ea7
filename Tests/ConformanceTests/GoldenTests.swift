import FirmwareModel
import Foundation
import HostTestSupport
import ModelCompiler
import Runtime
import TestSupport
import Testing

/// Every real int8 or uint8 model gives the stored output of LiteRT's reference kernels.
@Test(.enabled(if: dataFolder != nil)) func realModelsEqualLiteRT() throws {
  var compared = 0
  for golden in try GoldenModel.all(in: dataFolder!) {
    if golden.isReal {
      #expect(throws: CompilerError.self) { try Compiler.compile(tflite: golden.source) }
      continue
    }
    for (form, bytes) in try compiledForms(golden.source).enumerated() {
      let file = AlignedBytes(bytes)
      let model = try FirmwareModel(reading: file.bytes)
      for set in InstructionSet.allCases {
        // The definition is slow; one form of each model will do.
        guard let kernels = set.kernels, set != .scalar || form == 0 else { continue }
        for threads in set == .scalar ? [1] : [1, 2, 3] {
          let interpreter = try Interpreter(model, kernels: kernels, threads: threads)
          for item in golden.cases {
            #expect(interpreter.infer(item.input) == item.expected, "\(golden.name) \(item.name) \(set.name)")
            compared += 1
          }
        }
      }
    }
  }
  print("\(compared) golden outputs compared")
  #expect(compared > 0)
}
