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

/// The training runs of the numpy reference's self-test end in the same weights, to the last bit.
@Suite struct GoldenRuns {
  let arrays: ToyArrays

  init() throws { arrays = try ToyArrays() }

  private func check<Master: MasterWeight>(
    _ run: String, _ master: Master.Type, _ options: ToyNetwork<Master>.Options
  ) {
    var network = ToyNetwork<Master>(arrays, options)
    let input = arrays.bytes("photographs")
    let labels = arrays["labels"]
    network.imprint(input, labels: labels)
    let batch = ToyNetwork<Master>.batch
    let batches = labels.count / batch
    let size = input.count / batches
    let schedule = StepSchedule(total: 20 * batches)
    for step in 0..<schedule.total {
      let index = step % batches
      network.step(
        Array(input[index * size..<(index + 1) * size]),
        labels: labels[index * batch..<(index + 1) * batch].map { Int32($0) }, step: step,
        stepSize: schedule.stepSize(600, at: step))
    }
    #expect(network.hash == arrays.bytes("golden/\(run)").map { UInt8(bitPattern: $0) })
  }

  @Test func recommended() { check("recommended", Int32.self, .init()) }
  @Test func pixels() { check("r1", Int32.self, .init(patch: 1)) }
  @Test func largePatches() { check("r4", Int32.self, .init(patch: 4)) }
  @Test func shortErrorsRoundedByChance() {
    check("int8err", Int32.self, .init(format: ErrorFormat(mantissaBits: 8, isStochastic: true)))
  }
  @Test func narrowMasters() { check("int16master", Int16.self, .init()) }
  @Test func squeezeExciteInFull() { check("sefull", Int32.self, .init(isSqueezeExciteInFull: true)) }
}
