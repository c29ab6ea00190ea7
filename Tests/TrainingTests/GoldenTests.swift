import Kernels
import Testing

@testable import Training

@Test func sha256IsTheStandards() {
  func hex(_ text: String) -> String {
    sha256(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  #expect(
    hex(String(repeating: "a", count: 1_000_000))
      == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
}

/// Training runs of the numpy reference end in the same weights, to the last bit.
@Suite struct GoldenRuns {
  let arrays: ToyArrays

  init() throws { arrays = try ToyArrays() }

  /// - Parameter prefix: Of the photographs and their labels.
  private func check<Master: MasterWeight>(
    _ golden: String, _ master: Master.Type, steps: Int = 120, prefix: String = "",
    _ options: ToyNetwork<Master>.Options
  ) {
    var network = ToyNetwork<Master>(arrays, options)
    let input = arrays.bytes("\(prefix)photographs")
    let labels = arrays["\(prefix)labels"]
    network.imprint(input, labels: labels)
    let batch = ToyNetwork<Master>.batch
    let batches = labels.count / batch
    let size = input.count / batches
    let schedule = StepSchedule(total: steps)
    for step in 0..<schedule.total {
      let index = step % batches
      network.step(
        Array(input[index * size..<(index + 1) * size]),
        labels: labels[index * batch..<(index + 1) * batch].map { Int32($0) }, step: step,
        stepSize: schedule.stepSize(600, at: step))
    }
    #expect(network.hash == arrays.bytes(golden).map { UInt8(bitPattern: $0) })
  }

  @Test func recommended() { check("golden/recommended", Int32.self, .init()) }
  @Test func pixels() { check("golden/r1", Int32.self, .init(patch: 1)) }
  @Test func largePatches() { check("golden/r4", Int32.self, .init(patch: 4)) }
  @Test func shortErrorsRoundedByChance() {
    check("golden/int8err", Int32.self, .init(format: ErrorFormat(mantissaBits: 8, isStochastic: true)))
  }
  @Test func narrowMasters() { check("golden/int16master", Int16.self, .init()) }
  @Test func squeezeExciteInFull() {
    check(
      "golden/sefull", Int32.self, .init(blocks: [("", .init(side: 6, isSqueezeExciteInFull: true))]))
  }

  /// A block with stride 2 and fused clamps, and residuals through which errors flow back.
  @Test(arguments: [1, 2, 3]) func blocks(patch: Int) {
    check(
      "deep/golden/\(patch)", Int16.self, steps: 10, prefix: "deep/",
      .init(
        patch: patch, seed: 7,
        blocks: [
          ("deep/A/", .init(side: 9, stride: 2, isPlain: true)), ("deep/B/", .init(side: 5)),
          ("deep/C/", .init(side: 5)),
        ]))
  }

  /// A head whose weights outgrow int8, and which is so sure of wrong classes that a gradient is 1.
  @Test func growingHead() {
    let features = arrays.bytes("head/features")
    let labels = arrays["head/labels"]
    let exponents = arrays["head/exponents"]
    let (classes, batch) = (5, 8)
    let count = features.count / labels.count
    let memory = TestMemory(Head<Int16>.byteCount(features: count, classes: classes))
    var head = Head<Int16>(memory: memory.address, features: count, classes: classes, zeroPoint: -7)
    // Its own class is the one before the label.
    head.imprint(features, labels: labels.map { ($0 + classes - 1) % classes })
    #expect(Int(head.logitExponent) == exponents[0])
    let errors = TestErrors(images: batch, patches: 1, channels: count)
    var bytes: [UInt8] = []
    let workspace = TestWorkspace(
      Head<Int16>.workspaceSize(features: count, classes: classes, images: batch))
    let schedule = StepSchedule(total: 40)
    for step in 0..<40 {
      let first = step % 4 * batch
      let context = StepContext(
        kernels: .scalar, seed: 3, step: step, stepSize: schedule.stepSize(120_000, at: step))
      let error = head.step(
        Array(features[first * count..<(first + batch) * count]),
        labels: labels[first..<first + batch].map { Int32($0) }, context, workspace.pass(step: step),
        into: errors.tensor.mantissas)
      append(errors.values + [Int(error!.exponent)], width: 4, to: &bytes)
    }
    #expect(sha256(bytes) == arrays.bytes("head/errors").map { UInt8(bitPattern: $0) })
    #expect(Int(head.logitExponent) == exponents[1] && exponents[1] < exponents[0])
    #expect(head.masters == arrays["head/masters"])
    #expect(head.biases == arrays["head/biases"])
  }
}
