import FirmwareModel
import Foundation
import HostTestSupport
import ModelCompiler
import TestSupport
import Testing

/// Small compiled models of several operators.
private func smallModels() throws -> [(name: String, file: [UInt8])] {
  let cases = try ConformanceCase.read(
    packageRoot.appendingPathComponent("Tests/Conformance/sample.cases").path)
  let wanted = [
    "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SOFTMAX", "MEAN", "TRANSPOSE", "GATHER",
    "RESIZE_BILINEAR", "BATCH_MATMUL", "TRANSPOSE_CONV", "AVERAGE_POOL_2D", "ARG_MAX", "L2_NORMALIZATION",
    "SUM",
  ]
  var models = try wanted.map { name in
    let compiled = try cases.filter { $0.name.hasPrefix(name + "/") }.map {
      ($0.name, try Compiler.compile(tflite: $0.model))
    }
    let smallest = compiled.min { $0.1.count < $1.1.count }
    return try #require(smallest)
  }
  let chain = try smallestChain(cases)
  models.append(try #require(chain))
  models.append(("taught", taughtModel()))
  return models
}

/// The smallest model that hands something on in strips.
private func smallestChain(_ cases: [ConformanceCase]) throws -> (name: String, file: [UInt8])? {
  var smallest: (name: String, file: [UInt8])?
  for item in cases {
    let forms = try compiledForms(item.model)
    if forms.count > 1, forms[1].count < smallest?.file.count ?? Int.max {
      smallest = (item.name + " in strips", forms[1])
    }
  }
  return smallest
}

@Test func everyTruncationIsRefused() throws {
  for (name, file) in try smallModels() {
    #expect(exercise(file) == .ran, "\(name)")
    for length in 0..<file.count {
      var short = Array(file[0..<length])
      #expect(exercise(short) == .refused, "\(name) cut to \(length)")
      // With its length and checksum renewed it must be the contents that are refused, if anything.
      guard length >= Layout.headerBytes else { continue }
      for byte in 0..<4 { short[16 + byte] = UInt8(truncatingIfNeeded: length >> (8 * byte)) }
      FirmwareModelWriter.seal(&short)
      _ = exercise(short)
    }
  }
}

/// Every flip of a single bit, with the checksum renewed: refused with an error, or run in bounds.
@Test func everyBitFlipIsSurvived() throws {
  var counts = (refused: 0, ran: 0, accepted: 0)
  for (name, file) in try smallModels() {
    for bit in 0..<file.count * 8 {
      var flipped = file
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if bit / 8 < Layout.checksumStart {
        #expect(exercise(flipped) == .refused, "\(name) bit \(bit)")
        continue
      }
      // Without a new checksum every flip is noticed.
      if bit % 64 == 0 { #expect(exercise(flipped) == .refused, "\(name) bit \(bit)") }
      FirmwareModelWriter.seal(&flipped)
      switch exercise(flipped) {
      case .refused: counts.refused += 1
      case .ran: counts.ran += 1
      case .accepted: counts.accepted += 1
      }
    }
  }
  print(
    "bit flips: \(counts.refused) refused, \(counts.ran) accepted and run, \(counts.accepted) accepted, too large to run here"
  )
  #expect(counts.refused > 0 && counts.ran > 0)
}

@Test func errorsSayWhere() throws {
  let (_, file) = try smallModels()[0]
  var wrong = file
  wrong[12] = 9
  FirmwareModelWriter.seal(&wrong)
  let aligned = AlignedBytes(wrong)
  #expect(
    throws: ModelError(offset: 12, subject: .header, expected: "format version 1", found: 9)
  ) { try FirmwareModel(reading: aligned.bytes) }
}
