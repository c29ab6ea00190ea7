import FirmwareModel
import Foundation
import HostTestSupport
import Runtime
import TestSupport
import Testing

@testable import Training

/// A model cut in two computes what it computes whole.
@Suite struct ModelPartTests {
  /// Runs a model once.
  func run(_ file: [UInt8], _ input: [UInt8]) throws -> [UInt8] {
    try runModel(AlignedBytes(file), input: input, kernels: InstructionSet.best.kernels!)
  }

  /// Compares at some of the cuts.
  ///
  /// - Returns: The number of cuts.
  func checkParts(_ file: [UInt8], _ name: String, at choose: ([Int]) -> [Int]) throws -> Int {
    let aligned = AlignedBytes(file)
    return try withExtendedLifetime(aligned) {
      let model = try FirmwareModel(reading: aligned.bytes)
      guard model.inputs.count == 1 else { return 0 }
      let graph = ModelGraph(model)
      var state: UInt64 = 1
      let input = (0..<model.tensors[model.inputs[0]].byteCount).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      }
      let whole = try run(file, input)
      let cuts = graph.cuts
      for cut in choose(cuts) {
        let first = try #require(ModelPart.first(graph, cut: cut))
        let second = try #require(ModelPart.second(graph, cut: cut))
        let crossing = try run(first, input)
        #expect(try run(second, crossing) == whole, "\(name) cut before operator \(cut)")
      }
      return cuts.count
    }
  }

  @Test func everyCutOfTheMeterReader() throws {
    let url = packageRoot.appending(path: "firmware-models/meter-digits.ocm")
    let cuts = try checkParts(Array(try Data(contentsOf: url)), "meter-digits") { $0 }
    #expect(cuts > 3)
  }

  /// Also with strips, residual blocks, squeeze-and-excite, tables and views.
  @Test(.enabled(if: dataFolder != nil)) func realModels() throws {
    var cuts = 0
    for golden in try GoldenModel.all(in: try #require(dataFolder)) where !golden.isReal {
      for file in try compiledForms(golden.source) {
        cuts += try checkParts(file, golden.name) { cuts in
          cuts.count < 4
            ? cuts : [cuts[0], cuts[cuts.count / 2], cuts[cuts.count * 3 / 4], cuts[cuts.count - 1]]
        }
      }
    }
    #expect(cuts > 300)
  }
}
