import FirmwareModel
import Foundation
import HostTestSupport
import Runtime
import TestSupport
import Testing

@testable import Training

/// Means of classes' features, and how far from them a picture lies.
@Suite struct ClassMeansTests {
  /// The nearest mean and its distance, in Double.
  func reference(
    _ features: [Int8], _ zeroPoint: Int32, _ means: [[Double]]
  ) -> (index: Int, distance: Double) {
    let values = features.map { Double(Int32($0) - zeroPoint) }
    let squares = means.map { mean in zip(values, mean).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) }
    let index = squares.indices.min { squares[$0] < squares[$1] }!
    return (index, squares[index] / max(values.map { $0 * $0 }.reduce(0, +), 1))
  }

  @Test func distancesAreTheNearest() {
    var random = Generator(seed: 1)
    var found = Set<Int>()
    for round in 0..<300 {
      let zeroPoint: Int32 = [-128, 0, 5, 127][round % 4]
      let count = Int.random(in: 1...90, using: &random)
      let entries = (0..<Int.random(in: 1...5, using: &random)).map { 2 * $0 + 1 }
      let values = (0..<entries.count * count).map { _ in Int16.random(in: -3000...32640, using: &random) }
      let means = ClassMeans(
        features: 0, threshold: 0, entries: entries.map { .init(label: $0, photographs: 1) }, values: values)
      let features = (0..<count).map { _ in Int8.random(in: -128...127, using: &random) }
      let answer = NearestMean(means, zeroPoint: zeroPoint).find(features)
      let expected = reference(
        features, zeroPoint,
        entries.indices.map { index in
          values[index * count..<(index + 1) * count].map { Double($0) / 128 }
        })
      #expect(answer.label == entries[expected.index])
      #expect(Double(answer.distance) == (expected.distance * 16384).rounded(.down))
      found.insert(answer.label)
    }
    #expect(found == [1, 3, 5, 7, 9])
  }

  /// The farthest that features can be from a mean, and features that are nothing.
  @Test func extremes() {
    let count = 4096
    let far = ClassMeans(
      features: 0, threshold: 0, entries: [.init(label: 0, photographs: 1)],
      values: [Int16](repeating: .min, count: count))
    let nearest = NearestMean(far, zeroPoint: -128)
    // (255 + 256)² / 255²
    #expect(
      nearest.find([Int8](repeating: 127, count: count)).distance == Int32(511 * 511 * 16384 / (255 * 255)))
    #expect(nearest.find([Int8](repeating: -128, count: count)).distance == .max)
  }

  @Test func thresholdIsThatOfNineteenInTwenty() {
    for count in [1, 2, 19, 20, 21, 39, 40, 41, 100] {
      let distances = (1...count).map { Int32(7 * $0) }
      let threshold = ClassMeans.threshold(distances.shuffled())
      let known = distances.filter { $0 <= threshold }.count
      #expect(known * 20 >= 19 * count && (known - 1) * 20 < 19 * count)
    }
  }

  /// A photograph's distance from the mean of the others, in a plane of one dimension.
  @Test func distanceToOthers() {
    let values: [Double] = [3, 4, 8, 1]
    let mean = values.reduce(0, +) / 4
    for value in values {
      let others = (values.reduce(0, +) - value) / 3
      let distance = ClassMeans.distanceToOthers(
        Int32(((value - mean) * (value - mean) * 9_000_000).rounded()), of: 4)
      #expect(abs(Double(distance) - (value - others) * (value - others) * 9_000_000) <= 2)
    }
    #expect(ClassMeans.distanceToOthers(5, of: 1) == .max)
    #expect(ClassMeans.distanceToOthers(.max, of: .max) == .max)
  }
}

/// The meter reader with other classes.
struct TaughtReader {
  let model: TrainableModel
  let learner: Learner
  let frozen: FrozenPart
  let aligned: AlignedBytes
  /// Inputs and their classes.
  let pictures: [(input: [UInt8], label: Int)]
  let classes = 3

  init() throws {
    let url = packageRoot.appending(path: "firmware-models/meter-digits.ocm")
    aligned = AlignedBytes(Array(try Data(contentsOf: url)))
    model = try TrainableModel(try FirmwareModel(reading: aligned.bytes))
    let kernels = InstructionSet.best.kernels!
    frozen = try FrozenPart(try model.frozenPart(blocks: nil), kernels: kernels, threads: 1)
    learner = try Learner(
      try model.tail(blocks: nil, isSymmetric: false), classes: classes, isFrozen: true,
      options: TrainingOptions(), kernels: kernels, threads: 1)
    var random = Generator(seed: 3)
    var pictures: [(input: [UInt8], label: Int)] = []
    for index in 0..<30 {
      // Stripes of one width for each class.
      let shift = Int.random(in: 0..<16, using: &random)
      let width = [2, 8, 32][index % 3]
      let input = (0..<frozen.input.count).map { position -> UInt8 in
        let bright = (position + shift) / width % 2 == 0
        return UInt8.random(in: bright ? 70...110 : 140...190, using: &random)
      }
      pictures.append((input, index % 3))
    }
    self.pictures = pictures
  }

  func feed(_ picture: [UInt8]) {
    frozen.input.copyBytes(from: picture)
    learner.input.copyMemory(from: frozen.run())
  }

  func addUp(_ range: Range<Int>) {
    learner.beginImprint()
    for picture in pictures[range] {
      feed(picture.input)
      learner.imprint(label: picture.label)
    }
  }
}

@Suite struct TaughtModelTests {
  /// What the written model finds is what the learner found, and the means are those of the features.
  @Test func meansAreWritten() throws {
    let reader = try TaughtReader()
    reader.addUp(0..<20)
    var means = reader.learner.classMeans()
    means.threshold = 1234
    #expect(means.entries.map(\.label) == [0, 1, 2])
    #expect(means.entries.map(\.photographs) == [7, 7, 6])
    reader.learner.endImprint()
    let file = try #require(
      reader.learner.tunedModel(
        reader.model, blocks: nil, largestLogit: 1 << 16, labels: Array("a\nb\nc\n".utf8), provenance: [],
        classMeans: means))
    let aligned = AlignedBytes(file)
    let model = try FirmwareModel(reading: aligned.bytes)
    var read = try #require(model.classMeans)
    let features = read.features
    #expect(model.tensors[features].shape.count == reader.learner.featureCount)
    read.features = means.features
    #expect(read == means)
    let interpreter = try Interpreter(model, kernels: InstructionSet.best.kernels!, threads: 1)
    let nearest = try #require(NearestMean(model))
    var sums = [Double](repeating: 0, count: 3 * reader.learner.featureCount)
    var right = 0
    for (index, picture) in reader.pictures.enumerated() {
      interpreter.input(0).copyBytes(from: picture.input)
      interpreter.run()
      reader.feed(picture.input)
      let answer = nearest.find(interpreter)
      #expect(answer == reader.learner.nearest(means))
      if answer.label == picture.label { right += 1 }
      guard index < 20 else { continue }
      let values = interpreter.tensor(features)
      for feature in 0..<reader.learner.featureCount {
        sums[picture.label * reader.learner.featureCount + feature] +=
          Double(Int32(Int8(bitPattern: values[feature])) - model.tensors[features].zeroPoint)
      }
    }
    #expect(right > 25)
    for (index, sum) in sums.enumerated() {
      let count = Double(means.entries[index / reader.learner.featureCount].photographs)
      #expect(abs(Double(means.values[index]) / 128 - sum / count) <= 0.5 / 128)
    }
    withExtendedLifetime(aligned) {}
  }
}
