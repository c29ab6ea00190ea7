// Feeds mutated models and pictures to their readers and runs what they accept. Built with AddressSanitizer, every
// access outside an allocation ends the program; an input that takes more than a second ends it too.
import FirmwareModel
import Foundation
import Imaging
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

let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
let cases = try ConformanceCase.read(
  packageRoot.appendingPathComponent("Tests/Conformance/sample.cases").path)
let sources = cases.map(\.model).filter { $0.count < 6000 }
let compiled = sources.compactMap { try? compiledForms($0) }.flatMap(\.self)
var mutator = Mutator(random: Generator(seed: seed))
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

/// Looks at bytes as a picture, and as a stream of pictures.
func decode(_ bytes: [UInt8], _ reader: inout PictureReader) -> Outcome {
  // The reader gets memory that ends where the picture does.
  let aligned = AlignedBytes(bytes)
  var splitter = MJPEGSplitter(aligned.bytes)
  while let frame = splitter.next() { _ = reader.read(frame.bytes) }
  return reader.read(aligned.bytes) ? .ran : .refused
}

/// Decodes pictures into the inputs of two networks.
struct PictureReader: ~Copyable {
  private var decoder: JPEGDecoder
  private var color: InputResampler
  private var gray: InputResampler
  private let inputs: [ImageInput]
  private let target: UnsafeMutablePointer<Int8>

  init() {
    decoder = try! JPEGDecoder(maximumPixels: 1 << 20)
    inputs = [3, 1].map { channels in
      ImageInput(
        width: 48, height: 40, channels: channels, crop: channels == 3 ? .center : .letterbox,
        order: .heightWidthChannels, blueFirst: false,
        quantized: (0..<256 * channels).map { Int8(truncatingIfNeeded: $0 - 128) }, range: [])
    }
    color = try! InputResampler(inputs[0])
    gray = try! InputResampler(inputs[1])
    target = .allocate(capacity: 48 * 40 * 3)
  }

  deinit { target.deallocate() }

  /// Whether the bytes are a picture.
  mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      _ = try color.resample(bytes, &decoder, into: target)
      try gray.resample(try decoder.decode(bytes, for: inputs[1]), into: target)
      return true
    } catch { return false }
  }
}

let folder = packageRoot.appendingPathComponent("Tests/ImagingTests/Vectors")
let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  .filter { $0.hasSuffix(".jpg") }
  .map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }

var firmware = Tally()
var tflite = Tally()
var jpeg = Tally()
var reader = PictureReader()
for index in 0..<count {
  if index % 5 == 4 {
    let bytes = mutator.mutate(pictures.randomElement(using: &mutator.random)!, others: pictures)
    jpeg.feed(bytes) { decode($0, &reader) }
  } else if index % 2 == 0 {
    var bytes = mutator.mutate(compiled.randomElement(using: &mutator.random)!, others: compiled)
    // Most with their length and checksum renewed: otherwise nothing behind them is ever looked at.
    if index % 32 != 0 && bytes.count >= Layout.headerBytes {
      for byte in 0..<4 { bytes[16 + byte] = UInt8(truncatingIfNeeded: bytes.count >> (8 * byte)) }
      FirmwareModelWriter.seal(&bytes)
    }
    firmware.feed(bytes, exercise)
  } else {
    let bytes = mutator.mutate(sources.randomElement(using: &mutator.random)!, others: sources)
    tflite.feed(bytes) { bytes in
      guard let file = try? Compiler.compile(tflite: bytes) else { return .refused }
      return exercise(file)
    }
  }
}
firmware.report(".ocm")
tflite.report(".tflite")
jpeg.report("JPEG")
print("\(firmware.inputs + tflite.inputs + jpeg.inputs) passed, 0 failed")
