import HostTestSupport
import Testing

@testable import Imaging

/// Damaged files: any outcome but a crash, a hang, or memory read that is not the file's.
@Suite struct RobustnessTests {
  private let names = ["color.jpg", "gray.jpg", "progressive.jpg", "inks.jpg", "restart.jpg", "turned6.jpg"]

  /// A copy that ends where its memory ends would be best; an exact allocation lets sanitizers see reads
  /// beyond.
  private func tryEverything(
    _ bytes: [UInt8], _ decoder: inout JPEGDecoder, _ resampler: inout InputResampler,
    _ tensor: UnsafeMutablePointer<Int8>
  ) -> Bool {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    var splitter = MJPEGSplitter(UnsafeRawBufferPointer(copy), maximumFrameBytes: 1000)
    while splitter.next() != nil {}
    do throws(ImageError) {
      let picture = try decoder.decode(UnsafeRawBufferPointer(copy), for: resampler.input)
      try resampler.resample(picture, into: tensor)
      return true
    } catch { return false }
  }

  @Test func truncationsAndMutations() throws {
    // Enough for the originals; a mutation that makes a picture huge is refused instead of taking seconds.
    var decoder = try JPEGDecoder(maximumPixels: 100_000)
    var resampler = try InputResampler(.test(24, 24, .letterbox))
    let tensor = UnsafeMutablePointer<Int8>.allocate(capacity: resampler.elementCount)
    defer { tensor.deallocate() }
    var dice = SplitMix(state: 42)
    var decoded = 0
    for name in names {
      let whole = Vectors.bytes(name)
      #expect(tryEverything(whole, &decoder, &resampler, tensor), "\(name)")
      for count in stride(from: 0, to: whole.count, by: 3) {
        if tryEverything(Array(whole[..<count]), &decoder, &resampler, tensor) { decoded += 1 }
      }
      for _ in 0..<3000 {
        var damaged = whole
        for _ in 0...dice.next(4) {
          // Half of them in the headers.
          let offset = dice.next(2) == 0 ? dice.next(min(damaged.count, 700)) : dice.next(damaged.count)
          damaged[offset] = dice.next(3) == 0 ? 0xFF : UInt8(dice.next(256))
        }
        if tryEverything(damaged, &decoder, &resampler, tensor) { decoded += 1 }
      }
    }
    #expect(decoded > 1000)
  }

  @Test func orientationOfDamagedEXIF() throws {
    let whole = Vectors.bytes("turned6.jpg")
    #expect(whole.withUnsafeBytes { exifOrientation(jpeg: $0) } == .quarterClockwise)
    let segment = 2..<2 + 2 + 2 + 6 + 8 + 2 + 24 + 4
    for count in 0..<segment.upperBound {
      let copy = Array(whole[..<count])
      _ = copy.withUnsafeBytes { exifOrientation(jpeg: $0) }
    }
    for offset in segment {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var damaged = whole
        damaged[offset] = value
        _ = damaged.withUnsafeBytes { exifOrientation(jpeg: $0) }
      }
    }
    // An orientation that does not exist is none.
    for value: UInt8 in [0, 9, 255] {
      var damaged = whole
      let place = try #require(
        whole.indices.first { whole[$0...].starts(with: [0x01, 0x12, 0, 3, 0, 0, 0, 1]) })
      damaged[place + 9] = value
      #expect(damaged.withUnsafeBytes { exifOrientation(jpeg: $0) } == .upright)
    }
  }

  /// Real awkward and malformed files, in seconds each at most.
  @Test(.enabled(if: dataFolder != nil)) func awkwardFiles() throws {
    let data = dataFolder!
    var decoder = try JPEGDecoder()
    var resampler = try InputResampler(.test(224, 224))
    let tensor = UnsafeMutablePointer<Int8>.allocate(capacity: resampler.elementCount)
    defer { tensor.deallocate() }
    for file in Vectors.files(below: data.appendingPathComponent("jpeg_odd"))
    where file.pathExtension != "png" {
      let start = ContinuousClock.now
      _ = tryEverything(Vectors.bytes(file), &decoder, &resampler, tensor)
      #expect(ContinuousClock.now - start < .seconds(5), "\(file.lastPathComponent)")
    }
  }
}

/// The generator of Steele, Lea and Flood: the same numbers every time.
private struct SplitMix {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(bound))
  }
}
