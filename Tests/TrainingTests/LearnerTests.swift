import FirmwareModel
import FixedPoint
import Foundation
import HostTestSupport
import Kernels
import Runtime
import TestSupport
import Testing

@testable import Training

/// A small real network learns classes of random inputs.
@Suite struct LearnerTests {
  private let file: AlignedBytes
  private let model: TrainableModel
  private let classes = 3
  private let batch = 5

  init() throws {
    let url = packageRoot.appending(path: "firmware-models/meter-digits.ocm")
    file = AlignedBytes(Array(try Data(contentsOf: url)))
    model = try TrainableModel(try FirmwareModel(reading: file.bytes))
  }

  private var options: TrainingOptions {
    var options = TrainingOptions()
    options.batch = batch
    options.steps = 12
    options.rise = 2
    return options
  }

  private func learner(_ kernels: KernelTable, blocks: Int?, threads: Int = 1) throws -> Learner {
    try Learner(
      try model.tail(blocks: blocks, isSymmetric: true), classes: classes, options: options,
      kernels: kernels, threads: threads)
  }

  /// What the frozen part gives for random pictures: a class has pixels of its own that are always bright.
  private func samples(blocks: Int?) throws -> [(features: [UInt8], label: Int)] {
    var random = Generator(seed: 5)
    let frozen = try FrozenPart(try model.frozenPart(blocks: blocks), kernels: .scalar, threads: 1)
    return (0..<24).map { index in
      let label = index % classes
      let input = frozen.input
      for place in input.indices {
        input[place] =
          place / 64 % classes == label ? 120 : UInt8.random(in: 0...255, using: &random)
      }
      return (Array(frozen.run()), label)
    }
  }

  private func imprint(_ learner: Learner, _ samples: [(features: [UInt8], label: Int)]) {
    learner.beginImprint()
    for sample in samples {
      learner.input.copyBytes(from: sample.features)
      learner.imprint(label: sample.label)
    }
    learner.endImprint()
  }

  private func learn(
    _ learner: Learner, _ samples: [(features: [UInt8], label: Int)], steps: Range<Int>
  ) {
    for step in steps {
      for image in 0..<batch {
        let sample = samples[(step * batch + image) % samples.count]
        learner.input.copyBytes(from: sample.features)
        learner.take(image: image, label: sample.label)
      }
      learner.learn(images: batch, step: step)
    }
  }

  /// All weights and biases.
  private func bytes(_ learner: Learner) -> [[Int]] {
    learner.parameters.flatMap { [$0.weights.map { Int($0) }, $0.biases.map { Int($0) }] }
      + [[Int(learner.logitExponent)]]
  }

  @Test func everyInstructionSetAndNumberOfThreadsEndsInTheSameBytes() throws {
    for blocks in [nil, 0, model.mostBlocks] {
      let samples = try samples(blocks: blocks)
      var expected: [[Int]]?
      for set in InstructionSet.allCases {
        guard let kernels = set.kernels else { continue }
        for threads in 1...3 {
          let learner = try learner(kernels, blocks: blocks, threads: threads)
          imprint(learner, samples)
          let before = bytes(learner)
          learn(learner, samples, steps: 0..<12)
          let found = bytes(learner)
          #expect(found != before)
          if expected == nil { expected = found }
          #expect(found == expected, "\(set.name), \(threads) threads, \(String(describing: blocks)) blocks")
        }
      }
    }
  }

  @Test func aCheckpointGoesOnToTheSameBytes() throws {
    let blocks = model.mostBlocks
    let samples = try samples(blocks: blocks)
    let kernels = InstructionSet.best.kernels!
    let whole = try learner(kernels, blocks: blocks)
    imprint(whole, samples)
    learn(whole, samples, steps: 0..<5)
    whole.gatherCheckpoint()
    let saved = whole.checkpointParts.map { Array($0) }
    #expect(saved.reduce(0) { $0 + $1.count } == whole.checkpointBytes)
    learn(whole, samples, steps: 5..<12)

    let resumed = try learner(kernels, blocks: blocks)
    for (part, bytes) in zip(resumed.checkpointParts, saved) { part.copyBytes(from: bytes) }
    resumed.spreadCheckpoint()
    learn(resumed, samples, steps: 5..<12)
    #expect(bytes(resumed) == bytes(whole))
  }

  @Test func memoryIsAsPlanned() throws {
    for blocks in [nil, 0, model.mostBlocks] {
      let plan = try model.plan(
        blocks: blocks, classes: classes, options: options, .scalar, threads: 2)
      let learner = try learner(.scalar, blocks: blocks, threads: 2)
      #expect(plan.memory == learner.memoryPlan)
      #expect(plan.entryBytes == learner.input.count)
      #expect(plan.weights == learner.parameters.reduce(0) { $0 + $1.weights.count })
      #expect(plan.frozenWork + plan.forwardWork > 0)
    }
  }

  /// The written model's outputs are the learner's logits, rounded.
  @Test func theWrittenModelSaysWhatWasLearned() throws {
    let url = packageRoot.appending(path: "firmware-models/meter-digits.ocm")
    let whole = AlignedBytes(Array(try Data(contentsOf: url)))
    for blocks in [nil, 0, model.mostBlocks] {
      let samples = try samples(blocks: blocks)
      let learner = try learner(InstructionSet.best.kernels!, blocks: blocks)
      imprint(learner, samples)
      learn(learner, samples, steps: 0..<12)
      var largest: UInt32 = 0
      for sample in samples {
        learner.input.copyBytes(from: sample.features)
        _ = learner.classify()
        for index in 0..<classes { largest = max(largest, learner.logits[index].magnitude) }
      }
      let tuned = try #require(
        learner.tunedModel(
          model, blocks: blocks, largestLogit: largest, labels: Array("a\nb\nc\n".utf8), provenance: [],
          classMeans: nil))
      let tunedBytes = AlignedBytes(tuned)
      let read = try FirmwareModel(reading: tunedBytes.bytes)
      #expect(read.labelCount == classes)
      #expect(tuned.count < whole.bytes.count + 4096)

      // The frozen part's inputs once more, through the whole model.
      var random = Generator(seed: 5)
      let exponent = ClassLayer.outputExponent(largest: largest, logitExponent: learner.logitExponent)
      var reached: Int32 = 0
      for index in 0..<24 {
        let label = index % classes
        let input = (0..<read.tensors[read.inputs[0]].byteCount).map { place -> UInt8 in
          place / 64 % classes == label ? 120 : UInt8.random(in: 0...255, using: &random)
        }
        let output = try runModel(tunedBytes, input: input, kernels: InstructionSet.best.kernels!)
        learner.input.copyBytes(from: samples[index].features)
        _ = learner.classify()
        let multiplier = QuantizedMultiplier(
          mantissa: 1 << 30, exponent: exponent - learner.logitExponent + 1)
        for (byte, logit) in zip(output, UnsafeBufferPointer(start: learner.logits, count: classes)) {
          #expect(Int32(Int8(bitPattern: byte)) == multiplier.multiply(logit))
          reached = max(reached, abs(multiplier.multiply(logit)))
        }
      }
      // No finer last bit would have had room.
      #expect(reached > 63 && reached <= 127)
    }
  }
}
