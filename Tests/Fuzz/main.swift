// Feeds mutated models and pictures to their readers and runs what they accept. Built with AddressSanitizer, every
// access outside an allocation ends the program; an input that takes more than a second ends it too.
import Foundation
import HostTestSupport
import ModelCompiler
import TestSupport

var count = 60_000
var seed: UInt64 = 1
var arguments = CommandLine.arguments.dropFirst()
while let flag = arguments.popFirst() {
  guard let value = arguments.popFirst() else { fatalError("\(flag) needs a value") }
  switch flag {
  case "--count": count = Int(value)!
  case "--seed": seed = UInt64(value)!
  default: fatalError("unknown flag \(flag)")
  }
}

let corpus = try Corpus(packageRoot)
var mutator = Mutator(seed: seed)
let failurePath = "build/fuzz-input"
try? FileManager.default.createDirectory(atPath: "build", withIntermediateDirectories: true)
let failureFile = open(failurePath, O_CREAT | O_WRONLY | O_TRUNC, 0o644)

/// Leaves an input in a file, for the case that it kills the program.
func keep(_ bytes: [UInt8]) {
  ftruncate(failureFile, off_t(bytes.count))
  pwrite(failureFile, bytes, bytes.count, 0)
}

/// What became of the inputs of one format.
struct Tally {
  var inputs = 0
  var refused = 0
  var ran = 0
  var tooLarge = 0
  var slowest = Duration.zero

  /// Looks at one input.
  mutating func feed(_ bytes: [UInt8], _ body: ([UInt8]) -> Outcome) {
    keep(bytes)
    var outcome = Outcome.refused
    let time = ContinuousClock().measure { outcome = body(bytes) }
    inputs += 1
    slowest = max(slowest, time)
    switch outcome {
    case .refused: refused += 1
    case .ran: ran += 1
    case .accepted: tooLarge += 1
    }
    if time > .seconds(1) {
      print("an input took \(time); it is in \(failurePath)")
      exit(1)
    }
  }

  func report(_ name: String) {
    print(
      "\(name): \(inputs) inputs, \(refused) refused, \(ran) accepted and run, \(tooLarge) accepted but too large to run here, slowest \(slowest)"
    )
  }
}

var firmware = Tally()
var tflite = Tally()
var jpeg = Tally()
var reader = PictureReader()
for index in 0..<count {
  if index % 5 == 4 {
    jpeg.feed(mutator.mutate(one: corpus.pictures)) { reader.exercise($0) }
  } else if index % 2 == 0 {
    firmware.feed(mutator.firmwareModel(corpus), exercise)
  } else {
    tflite.feed(mutator.mutate(one: corpus.sources)) { bytes in
      guard let file = try? Compiler.compile(tflite: bytes) else { return .refused }
      return exercise(file)
    }
  }
}
firmware.report(".ocm")
tflite.report(".tflite")
jpeg.report("JPEG")
print("\(firmware.inputs + tflite.inputs + jpeg.inputs) passed, 0 failed")
