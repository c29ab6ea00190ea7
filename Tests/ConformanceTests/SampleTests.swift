import FirmwareModel
import Foundation
import HostTestSupport
import ModelCompiler
import Runtime
import TestSupport
import Testing

/// A few hundred random models of every operator, with the answers of LiteRT's reference kernels.
@Test func sampleEqualsLiteRT() throws {
  let cases = try ConformanceCase.read(
    packageRoot.appendingPathComponent("Tests/Conformance/sample.cases").path)
  #expect(cases.count >= 300)
  for item in cases {
    for form in try compiledForms(item.model) {
      let file = AlignedBytes(form)
      for set in InstructionSet.allCases {
        guard let kernels = set.kernels else { continue }
        for threads in 1...3 {
          let output = try runModel(file, input: item.input, kernels: kernels, threads: threads)
          #expect(output == item.expected, "\(item.name), \(set.name), \(threads) threads")
        }
      }
    }
  }
}
