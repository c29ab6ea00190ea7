import FirmwareModel
import FixedPoint
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

/// Weights rewritten without a zero point.
@Suite struct SymmetricWeightsTests {
  /// A pseudo-random number below a bound.
  struct Random {
    var state: UInt64 = 7
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
  }

  /// Each row's real weights, bias and factor are as near to those before as its new scale allows.
  @Test func rowsKeepTheirValues() {
    var random = Random()
    for _ in 0..<2000 {
      let zeroPoint = random.next(256)
      let differences = (0..<1 + random.next(30)).map { _ in random.next(256) - zeroPoint }
      let bias = Int32(random.next(1 << 31)) >> Int32(random.next(31)) * (random.next(2) == 0 ? 1 : -1)
      let multiplier = QuantizedMultiplier(
        mantissa: Int32(1 << 30 + random.next(1 << 30)), exponent: Int32(-random.next(12)))
      let scale = Scale(mantissa: Int32(1 << 23 + random.next(1 << 23)), exponent: -30)
      var symmetric = SymmetricWeights()
      symmetric.addRow(differences, bias: bias, multiplier, scale)

      func real(_ mantissa: Int32, _ exponent: Int32) -> Double {
        Double(mantissa) * Double(sign: .plus, exponent: Int(exponent), significand: 1)
      }
      let before = real(scale.mantissa, scale.exponent)
      let after = real(symmetric.scales[0].mantissa, symmetric.scales[0].exponent)
      // Of rounding to 24 bits.
      let precision = 1e-7
      for (old, new) in zip(differences, symmetric.weights) {
        #expect(new > -128)
        #expect(abs(Double(new) * after - Double(old) * before) <= after * (0.5 + 128 * precision))
      }
      #expect(
        abs(Double(symmetric.biases[0]) * after - Double(bias) * before) <= after * (0.5 + 1e9 * precision))
      #expect(symmetric.biases[0].magnitude <= 1 << 28)
      let factor = real(multiplier.mantissa, multiplier.exponent) / before
      let newFactor = real(symmetric.multipliers[0].mantissa, symmetric.multipliers[0].exponent) / after
      #expect(abs(newFactor / factor - 1) < 2 * precision)
      let largest = differences.map(abs).max()!
      if bias.magnitude < 1 << 20 && largest > 0 {
        #expect(symmetric.weights.map { abs(Int($0)) }.max() == 127)
      }
    }
  }

  func cosine(of a: [UInt8], _ b: [UInt8], _ value: (UInt8) -> Double) -> Double {
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (value(x), value(y))
      product += x * y
      squareA += x * x
      squareB += y * y
    }
    return product / (squareA * squareB).squareRoot()
  }

  /// What a network's features are hardly changes: those of the rewritten tail point where those of the tail as it was do.
  @Test(.enabled(if: dataFolder != nil)) func realModels() throws {
    var compared = 0
    for golden in try GoldenModel.all(in: try #require(dataFolder))
    where !golden.isReal && golden.name.contains("mobilenet") {
      let file = AlignedBytes(try compiledForms(golden.source)[0])
      try withExtendedLifetime(file) {
        guard let model = try? TrainableModel(try FirmwareModel(reading: file.bytes)),
          let blocks = model.mostBlocks
        else { return }
        let kernels = InstructionSet.best.kernels!
        let first = AlignedBytes(try model.frozenPart(blocks: min(blocks, 3)))
        let plain = AlignedBytes(try model.tail(blocks: min(blocks, 3), isSymmetric: false))
        let symmetric = AlignedBytes(try model.tail(blocks: min(blocks, 3), isSymmetric: true))
        // Nothing that learns has a zero point left.
        let rewritten = try FirmwareModel(reading: symmetric.bytes)
        let path = try #require(ErrorPath(ModelGraph(rewritten), features: rewritten.outputs[0]))
        let learning = rewritten.operators.indices.filter { path.passages[$0] == .weights }
        #expect(learning.count > 3)
        for index in learning {
          #expect(rewritten.operators[index].kind != .fullyConnected)
          #expect(rewritten.tensors[rewritten.inputs(of: index)[1]!].zeroPoint == 0)
        }
        for sample in golden.cases {
          let crossing = try runModel(first, input: sample.input, kernels: kernels)
          let expected = try runModel(plain, input: crossing, kernels: kernels)
          let found = try runModel(symmetric, input: crossing, kernels: kernels)
          let zero = Double(rewritten.tensors[rewritten.outputs[0]].zeroPoint)
          let cosine = cosine(of: expected, found) { Double(Int8(bitPattern: $0)) - zero }
          #expect(cosine > 0.9, "\(golden.name) \(sample.name): \(cosine)")
          compared += 1
        }
      }
    }
    #expect(compared > 20)
  }
}
