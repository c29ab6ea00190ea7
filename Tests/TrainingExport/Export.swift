import FirmwareModel
import Foundation
import Imaging
import Runtime
import Training

/// Trains a network's tail and writes down what that was made of and what it ended in, for judges outside: the numpy
/// reference (`Tests/Training/reference_run.py`) and PyTorch (`compare_pytorch.py`).
struct Export {
  private let model: URL
  private let photographs: URL
  private let test: URL?
  private let output: URL
  private let blocks: Int?
  private let epochs: Int
  private var options = TrainingOptions()
  private let shots: Int
  /// Hundredths of the steps.
  private let rise: Int
  private let holdsOut: Bool
  private let viewCount: Int

  init(_ arguments: [String]) throws {
    var values: [String: String] = [:]
    var operands: [String] = []
    var index = 0
    while index < arguments.count {
      if arguments[index].hasPrefix("--"), index + 1 < arguments.count {
        values[arguments[index]] = arguments[index + 1]
        index += 2
      } else {
        operands.append(arguments[index])
        index += 1
      }
    }
    guard operands.count == 3 else {
      throw ExportError(
        text: """
          MODEL.ocm PHOTOGRAPHS OUTPUT [--test FOLDER] [--blocks K] [--patch R] [--epochs E] [--seed S]
          [--step-size N] [--head-step-size N] [--batch N] [--shots N] [--hold-out 1]
          """)
    }
    func number(_ name: String, _ standard: Int) throws -> Int {
      guard let text = values[name] else { return standard }
      guard let number = Int(text) else { throw ExportError(text: "\(name): \(text) is no number") }
      return number
    }
    (model, photographs, output) = (
      URL(fileURLWithPath: operands[0]), URL(fileURLWithPath: operands[1]), URL(fileURLWithPath: operands[2])
    )
    test = values["--test"].map { URL(fileURLWithPath: $0) }
    let blocks = try number("--blocks", 2)
    self.blocks = blocks < 0 ? nil : blocks
    epochs = try number("--epochs", 6)
    shots = try number("--shots", Int.max)
    holdsOut = try number("--hold-out", 0) == 1
    options.patch = try number("--patch", options.patch)
    options.batch = try number("--batch", options.batch)
    options.seed = UInt32(try number("--seed", 1))
    options.stepSize = Int32(try number("--step-size", Int(options.stepSize)))
    viewCount = try number("--views", 1)
    rise = try number("--rise", 0)
    options.headStepSize = Int32(try number("--head-step-size", Int(options.stepSize)))
  }

  func run() throws {
    let file = AlignedFile(try Data(contentsOf: model))
    let trainable = try TrainableModel(try FirmwareModel(reading: file.bytes))
    let kernels = InstructionSet.best.kernels!
    let frozen = try FrozenPart(try trainable.frozenPart(blocks: blocks), kernels: kernels, threads: 1)
    let views = Array(View.training.prefix(viewCount))
    var reader = try FeatureReader(trainable.model.image!, views: views, kernels, frozen)
    var samples = try reader.read(photographs, shots: shots)
    var judged = try test.map { try reader.read($0, shots: Int.max) } ?? []
    let classes = 1 + (samples.map(\.label).max() ?? 0)
    let sampling = Sampling(seed: options.seed)
    if holdsOut {
      let out = Set(
        (0..<classes).flatMap { label in
          sampling.heldOut(of: samples.indices.filter { samples[$0].label == label })
        })
      judged = samples.indices.filter { out.contains($0) }.map { samples[$0] }
      samples = samples.indices.filter { !out.contains($0) }.map { samples[$0] }
    }

    var options = options
    let perEpoch = (samples.count + options.batch - 1) / options.batch
    options.steps = max(1, epochs * perEpoch)
    options.rise = options.steps * rise / 100
    let tail = try trainable.tail(blocks: blocks, isSymmetric: true)
    let learner = try Learner(tail, classes: classes, options: options, kernels: kernels, threads: 1)
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    try write("tail.ocm", Data(tail))
    learner.beginImprint()
    for sample in samples {
      learner.input.copyBytes(from: sample.views[0])
      learner.imprint(label: sample.label)
    }
    learner.endImprint()
    report("imprinted", learner, judged)

    var batches: [Int32] = []
    var order = samples.indices.map { Int32($0) }
    var step = 0
    let start = Date()
    for epoch in 0..<epochs {
      order = samples.indices.map { Int32($0) }
      order.withUnsafeMutableBufferPointer { sampling.shuffle($0, epoch: epoch) }
      for first in stride(from: 0, to: order.count, by: learner.batch) {
        let members = order[first..<min(first + learner.batch, order.count)]
        batches.append(Int32(members.count))
        for (image, member) in members.enumerated() {
          let view = sampling.view(of: Int(member), epoch: epoch, views: viewCount)
          batches.append(member * Int32(viewCount) + Int32(view))
          learner.input.copyBytes(from: samples[Int(member)].views[view])
          learner.take(image: image, label: samples[Int(member)].label)
        }
        learner.learn(images: members.count, step: step)
        step += 1
      }
      report("epoch \(epoch + 1)", learner, judged)
    }
    let images = epochs * samples.count
    let seconds = Date().timeIntervalSince(start)
    if images > 0 { print("\(Int(seconds * 1e6) / images) µs an image; memory \(learner.memoryPlan)") }
    try writeRun(samples, judged, batches, learner, classes: classes, options)
  }

  private func report(_ name: String, _ learner: Learner, _ judged: [Sample]) {
    if judged.isEmpty { return }
    var right = 0
    for sample in judged {
      learner.input.copyBytes(from: sample.views[0])
      if learner.classify() == sample.label { right += 1 }
    }
    print("\(name): \(right) of \(judged.count) right, \(Double(right * 1000 / judged.count) / 10) %")
  }

  private func writeRun(
    _ samples: [Sample], _ judged: [Sample], _ batches: [Int32], _ learner: Learner, classes: Int,
    _ options: TrainingOptions
  ) throws {
    try write("features.bin", samples.reduce(into: Data()) { $0.append(contentsOf: $1.views.joined()) })
    try write("labels.bin", words(samples.map { Int32($0.label) }))
    try write("batches.bin", words(batches))
    if !judged.isEmpty {
      try write("test.bin", judged.reduce(into: Data()) { $0.append(contentsOf: $1.views[0]) })
      try write("test_labels.bin", words(judged.map { Int32($0.label) }))
    }
    try write(
      "run.txt",
      Data(
        """
        classes \(classes)
        views \(viewCount)
        patch \(options.patch)
        mantissa_bits \(options.format.mantissaBits)
        master_bits 16
        seed \(options.seed)
        step_size \(options.stepSize)
        head_step_size \(options.headStepSize)
        rise \(options.rise)
        steps \(batches.isEmpty ? 0 : options.steps)
        epochs \(epochs)
        batch \(learner.batch)

        """.utf8))
    try write("imprint.txt", Data(samples.indices.map { "\($0 * viewCount)\n" }.joined().utf8))
    var tuned = Data()
    for (weights, biases) in learner.parameters {
      tuned.append(contentsOf: UnsafeRawBufferPointer(weights))
      tuned.append(words(Array(biases)))
    }
    tuned.append(words([learner.logitExponent]))
    try write("tuned.bin", tuned)
  }

  private func words(_ values: [Int32]) -> Data { values.map(\.littleEndian).withUnsafeBytes { Data($0) } }

  private func write(_ name: String, _ data: Data) throws {
    try data.write(to: output.appendingPathComponent(name))
  }
}

struct ExportError: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}

/// What the frozen part gives for each view of a photograph.
struct Sample {
  var views: [[UInt8]]
  var label: Int
}

/// A file's bytes at a multiple of 64, kept for good.
struct AlignedFile {
  let bytes: UnsafeRawBufferPointer

  init(_ data: Data) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 64)
    data.copyBytes(to: copy)
    bytes = UnsafeRawBufferPointer(copy)
  }
}
