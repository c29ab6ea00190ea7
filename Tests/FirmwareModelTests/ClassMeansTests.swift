import FirmwareModel
import HostTestSupport
import TestSupport
import Testing

/// Writes the 32-bit word at an offset and renews the checksum.
private func replacing(_ file: [UInt8], at offset: Int, by word: UInt32) -> [UInt8] {
  var file = file
  for byte in 0..<4 { file[offset + byte] = UInt8(truncatingIfNeeded: word >> UInt32(8 * byte)) }
  FirmwareModelWriter.seal(&file)
  return file
}

private func read(_ file: [UInt8]) throws -> ClassMeans? {
  let aligned = AlignedBytes(file)
  return try withExtendedLifetime(aligned) { try FirmwareModel(reading: aligned.bytes).classMeans }
}

private func word(_ file: [UInt8], _ offset: Int) -> Int {
  (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
}

@Suite struct ClassMeansTests {
  private let file = taughtModel()

  @Test func whatIsWrittenIsRead() throws {
    #expect(try read(file) == taughtMeans)
    #expect(exercise(file) == .ran)
  }

  @Test func modelsThatNobodyTaughtHaveNone() throws {
    let corpus = try Corpus(packageRoot)
    for model in corpus.models {
      guard word(model, 100) == 0 else { continue }
      #expect(try read(model) == nil)
    }
    #expect(corpus.models.contains { word($0, 100) != 0 })
  }

  /// Each word of the section out of its range, with the error's place.
  @Test func eachWordIsChecked() throws {
    let start = word(file, 100)
    let length = word(file, 104)
    let cases: [(offset: Int, value: UInt32, place: Int)] = [
      // A section that is none, too short, too long, outside the file.
      (104, 0, start), (104, 11, start), (104, UInt32(length) - 2, start + 4),
      (104, UInt32(length) + 2, start + 4), (100, 0x7FFF_FFFF, 100), (104, 0xFFFF_FFFF, 100),
      // Features: no tensor; the weights; a tensor that is overwritten; an int32 one.
      (start, 0xFFFF_FFFF, start), (start, UInt32(TaughtTensor.weights), start),
      (start, UInt32(TaughtTensor.overwritten), start), (start, UInt32(TaughtTensor.biases), start),
      // Entries: none, more than classes, fewer than there are means for.
      (start + 4, 0, start + 4), (start + 4, 4, start + 4), (start + 4, 0xFFFF_FFFF, start + 4),
      (start + 4, 1, start + 4),
      // A threshold below 0.
      (start + 8, 0x8000_0000, start + 8),
      // A class that the output has not; one twice; no photograph.
      (start + 20, 3, start + 20), (start + 20, 0, start + 20), (start + 20, 0xFFFF_FFFF, start + 20),
      (start + 16, 0, start + 16), (start + 24, 0x8000_0000, start + 24),
      // What is still reserved.
      (108, 1, 108),
    ]
    for (offset, value, place) in cases {
      #expect("\(offset) = \(value)") {
        try read(replacing(file, at: offset, by: value))
      } throws: { error in
        guard let error = error as? ModelError else { return false }
        let isHeader = place < Layout.headerBytes
        return error.offset == place && error.subject == (isHeader ? .header : .classMeans)
      }
    }
  }

  /// Features must be what the last to write there has written.
  @Test func featuresHaveToStay() throws {
    for (offset, isKept) in [(0, true), (29, true), (30, false), (32, false), (35, false), (36, true)] {
      let file = taughtModel(outputOffset: offset)
      if isKept {
        #expect(try read(file) == taughtMeans)
      } else {
        #expect(throws: ModelError.self) { try read(file) }
      }
    }
  }
}
