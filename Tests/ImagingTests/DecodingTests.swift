import FirmwareModel
import Testing

@testable import Imaging

@Suite struct DecodingTests {
  @Test func pixelsArePillows() throws {
    var decoder = try JPEGDecoder()
    for row in Vectors.rows("decoded.tsv") {
      let scale = try #require(JPEGDecoder.Scale(rawValue: Int(row[1])!))
      let (sizes, crc) = try Vectors.bytes(row[0]).withUnsafeBytes { bytes in
        let picture = try decoder.decode(bytes, scale: scale)
        #expect(!picture.isTruncated && picture.warnings == 0, "\(row)")
        let pixels = UnsafeRawBufferPointer(start: picture.pixels, count: picture.rowBytes * picture.height)
        return ([picture.width, picture.height, picture.channels], Vectors.crc(pixels))
      }
      #expect(sizes == [Int(row[2])!, Int(row[3])!, Int(row[4])!], "\(row)")
      #expect(crc == row[5], "\(row)")
    }
  }

  @Test func headerTellsWhatThereIs() throws {
    var decoder = try JPEGDecoder()
    let header = try Vectors.bytes("progressive.jpg").withUnsafeBytes { try decoder.header(of: $0) }
    #expect(
      header
        == JPEGHeader(width: 61, height: 47, components: 3, isProgressive: true, orientation: .upright))
    let inks = try Vectors.bytes("inks.jpg").withUnsafeBytes { try decoder.header(of: $0) }
    #expect(inks.components == 4 && !inks.isProgressive)
  }

  /// A picture without tables must not be decoded with those of the one before.
  @Test func motionJPEGGetsTheStandardTables() throws {
    var decoder = try JPEGDecoder()
    // The test's picture has the standard tables, so leaving them out changes nothing.
    let whole = Vectors.bytes("restart.jpg")
    let bare = removingSegments(0xC4, of: whole)
    #expect(bare.count < whole.count - 400)
    _ = try tensorCRC(Vectors.bytes("progressive.jpg"), .test(20, 20), &decoder)
    #expect(try tensorCRC(bare, .test(20, 20), &decoder) == tensorCRC(whole, .test(20, 20), &decoder))
  }

  @Test func refusalsSayWhatAndWhere() throws {
    var decoder = try JPEGDecoder(maximumPixels: 61 * 47 - 1)
    func refusal(_ bytes: [UInt8], _ decoder: inout JPEGDecoder) -> ImageError? {
      bytes.withUnsafeBytes { bytes in
        do throws(ImageError) { _ = try decoder.decode(bytes) } catch { return error }
        return nil
      }
    }
    let whole = Vectors.bytes("color.jpg")
    #expect(refusal(whole, &decoder)?.reason == .tooManyPixels(width: 61, height: 47))
    #expect(refusal([], &decoder)?.reason == .empty)
    #expect(refusal(Array("PNG?".utf8), &decoder) == ImageError(.malformed, offset: 0))
    #expect(String(cString: decoder.message).hasPrefix("Not a JPEG file"))
    // The sample precision, in the frame header that follows the quantisation tables.
    var deep = whole
    let frame = try #require(segment(0xC0, of: whole))
    deep[frame + 4] = 12
    #expect(refusal(deep, &decoder)?.reason == .unsupported)
    #expect(refusal(Array(whole[..<frame]), &decoder)?.reason == .malformed)
    var huge = whole
    huge.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0, 0xFF, 0])
    #expect(refusal(huge, &decoder)?.reason == .tooManyPixels(width: 0xFF00, height: 0xFF00))
  }

  @Test func endlessScansAreRefused() throws {
    let picture = Vectors.bytes("progressive.jpg")
    let frame = try #require(segment(0xC2, of: picture))
    let scan = try #require(segment(0xDA, of: picture))
    // 7000 x 7000 pixels, then the first scan's header a hundred times over, each without data.
    var bomb = Array(picture[..<scan])
    bomb.replaceSubrange(frame + 5..<frame + 9, with: [0x1B, 0x58, 0x1B, 0x58])
    let header = picture[scan..<scan + 2 + Int(picture[scan + 3])]
    for _ in 0..<100 { bomb += header }
    var decoder = try JPEGDecoder()
    let error = bomb.withUnsafeBytes { bytes in
      do throws(ImageError) { _ = try decoder.decode(bytes, scale: .eighth) } catch {
        return error as ImageError?
      }
      return nil
    }
    #expect(error?.reason == .tooManyScans)
  }

  @Test func truncationIsReported() throws {
    var decoder = try JPEGDecoder()
    let whole = Vectors.bytes("color.jpg")
    for kept in [whole.count * 2 / 3, whole.count - 2] {
      try Array(whole[..<kept]).withUnsafeBytes { bytes in
        let picture = try decoder.decode(bytes)
        #expect(picture.isTruncated && picture.height == 47, "\(kept) bytes")
      }
    }
    try (whole + [1, 2, 3]).withUnsafeBytes { bytes in
      let isTruncated = try decoder.decode(bytes).isTruncated
      #expect(!isTruncated)
    }
  }

  @Test func scaleLeavesTwiceTheResize() {
    func scale(_ width: Int, _ height: Int, _ input: ImageInput, _ orientation: Orientation = .upright)
      -> JPEGDecoder.Scale
    {
      let header = JPEGHeader(
        width: width, height: height, components: 3, isProgressive: false, orientation: orientation)
      return JPEGDecoder.scale(of: header, for: input)
    }
    let input = ImageInput.test(224, 224)
    #expect(scale(640, 480, input) == .full)
    #expect(scale(1024, 1024, input) == .half)
    #expect(scale(1024, 1022, input) == .full)
    #expect(scale(4032, 3024, input) == .quarter)
    #expect(scale(4096, 4096, input) == .eighth)
    #expect(scale(448, 4480, .test(224, 224, .stretch)) == .full)
    // Stored lying, 200 wide and 100 high upright.
    let wide = ImageInput.test(200, 100, .stretch)
    #expect(scale(400, 800, wide, .quarterClockwise) == .half)
    #expect(scale(800, 400, wide, .quarterClockwise) == .full)
  }
}

/// The offset of a segment's marker.
func segment(_ code: UInt8, of jpeg: [UInt8]) -> Int? {
  var offset = 2
  while offset + 4 <= jpeg.count {
    if jpeg[offset + 1] == code { return offset }
    offset += 2 + Int(jpeg[offset + 2]) << 8 + Int(jpeg[offset + 3])
  }
  return nil
}

func removingSegments(_ code: UInt8, of jpeg: [UInt8]) -> [UInt8] {
  var result = jpeg
  while let offset = segment(code, of: result) {
    result.removeSubrange(offset..<offset + 2 + Int(result[offset + 2]) << 8 + Int(result[offset + 3]))
    if code == 0xDA { break }
  }
  return result
}
