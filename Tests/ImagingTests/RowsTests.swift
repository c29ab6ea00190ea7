import FirmwareModel
import HostTestSupport
import Runtime
import Testing

@testable import Imaging

/// Rows that arrive one by one make what the whole picture makes.
@Suite struct RowsTests {
  /// A picture's upright pixels, in the channels that the input has.
  private static func upright(_ picture: Picture, channels: Int) -> [[UInt8]] {
    let (width, height) = (picture.shape.uprightWidth, picture.shape.uprightHeight)
    return (0..<height).map { y in
      (0..<width).flatMap { x in
        let (right, down) = picture.orientation.swapsAxes ? (y, x) : (x, y)
        let column = picture.orientation.fromLastColumn ? picture.width - 1 - right : right
        let row = picture.orientation.fromLastRow ? picture.height - 1 - down : down
        let pixel = picture.pixels + (row * picture.rowBytes + column * picture.channels)
        return channels < picture.channels ? [luma(pixel)] : (0..<channels).map { pixel[$0] }
      }
    }
  }

  /// Resizes every row.
  private static func resize(
    _ rows: [[UInt8]], channels: Int, _ axis: borrowing ResampleAxis
  ) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for row in rows {
      var line: [UInt8] = []
      for pixel in 0..<axis.key.count {
        for channel in 0..<channels {
          var sum = 1 << 21
          for tap in axis.range(pixel) {
            sum += Int(row[tap * channels + channel]) * Int(axis.weight(pixel, of: tap))
          }
          line.append(UInt8(min(sum >> 22, 255)))
        }
      }
      result.append(line)
    }
    return result
  }

  /// Rows become columns, pixels staying whole.
  private static func transposed(_ rows: [[UInt8]], channels: Int) -> [[UInt8]] {
    (0..<rows[0].count / channels).map { x in
      rows.flatMap { $0[x * channels..<(x + 1) * channels] }
    }
  }

  /// The tensor by the definition: the whole upright picture, a pass after the other, then the crop, then the mirror.
  static func reference(_ picture: Picture, _ input: ImageInput, _ view: View = .whole) throws -> [Int8] {
    let channels = min(picture.channels, input.channels)
    var pixels = upright(picture, channels: channels)
    let (width, height) = (pixels[0].count / channels, pixels.count)
    let turned = picture.orientation.swapsAxes
    let geometry = CropGeometry(
      pictureWidth: turned ? picture.fullHeight : picture.fullWidth,
      pictureHeight: turned ? picture.fullWidth : picture.fullHeight, input: input, view: view)
    var columns = ResampleAxis()
    try columns.prepare(
      ResampleAxis.Key(
        source: width, resized: geometry.resizedWidth, first: 0, count: geometry.resizedWidth))
    var rows = ResampleAxis()
    try rows.prepare(
      ResampleAxis.Key(
        source: height, resized: geometry.resizedHeight, first: 0, count: geometry.resizedHeight))
    let (lessHeight, lessWidth) = (height - geometry.resizedHeight, width - geometry.resizedWidth)
    if lessHeight > 0 && lessHeight > 2 * lessWidth {
      pixels = resize(transposed(pixels, channels: channels), channels: channels, rows)
      pixels = resize(transposed(pixels, channels: channels), channels: channels, columns)
    } else {
      pixels = transposed(resize(pixels, channels: channels, columns), channels: channels)
      pixels = transposed(resize(pixels, channels: channels, rows), channels: channels)
    }

    var tensor = [Int8](repeating: 0, count: input.width * input.height * input.channels)
    for y in 0..<input.height {
      for x in 0..<input.width {
        for channel in 0..<input.channels {
          let shown = view.isMirrored ? input.width - 1 - x : x
          let (column, row) = (shown - geometry.windowX, y - geometry.windowY)
          let isInside =
            (0..<geometry.windowWidth).contains(column) && (0..<geometry.windowHeight).contains(row)
          let color = channels == 1 ? 0 : input.blueFirst ? 2 - channel : channel
          let value =
            isInside
            ? pixels[row + geometry.cropY][(column + geometry.cropX) * channels + color] : 128
          let index =
            input.order == .heightWidthChannels
            ? (y * input.width + x) * input.channels + channel
            : (channel * input.height + y) * input.width + x
          tensor[index] = input.quantized[channel * 256 + Int(value)]
        }
      }
    }
    return tensor
  }

  static func noise(_ count: Int) -> [UInt8] {
    var state: UInt32 = 12345
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      // Many at the ends, where sums are clipped.
      return state >> 31 == 0 ? UInt8(truncatingIfNeeded: state >> 16) : state >> 30 == 2 ? 255 : 0
    }
  }

  @Test(arguments: [
    (1, 1), (1, 9), (9, 1), (2, 3), (7, 5), (24, 18), (40, 33), (97, 41), (30, 150), (150, 30), (200, 61),
  ])
  func rowsMakeWhatThePictureMakes(_ width: Int, _ height: Int) throws {
    let inputs: [ImageInput.Crop] = [.center, .stretch, .letterbox]
    let sets = InstructionSet.allCases.filter { $0.kernels != nil }
    var turn = 0
    for (sourceChannels, channels) in [(3, 3), (1, 1), (3, 1), (1, 3)] {
      // Rows lie apart, and nothing but the picture is there after the last.
      let rowBytes = width * sourceChannels + 5
      let pixels = RowsTests.noise(rowBytes * (height - 1) + width * sourceChannels)
      for rawOrientation: UInt8 in 1...8 {
        for (number, (inputWidth, inputHeight)) in [(16, 16), (21, 12), (5, 30), (64, 64), (1, 1)]
          .enumerated()
        {
          for crop in inputs {
            let input = ImageInput.test(
              inputWidth, inputHeight, channels: channels, crop,
              order: number & 1 == 0 ? .heightWidthChannels : .channelsHeightWidth,
              blueFirst: channels == 3 && number & 2 == 0)
            // All kernels, each in its turn.
            turn += 1
            let kernels = sets[turn % sets.count]
            var resampler = try InputResampler(input, kernels: kernels.kernels!)
            var tensor = [Int8](repeating: 0, count: resampler.elementCount)
            let expected = try pixels.withUnsafeBufferPointer { buffer in
              let picture = Picture(
                pixels: buffer.baseAddress!, width: width, height: height, channels: sourceChannels,
                rowBytes: rowBytes, orientation: try #require(Orientation(rawValue: rawOrientation)))
              try tensor.withUnsafeMutableBufferPointer {
                try resampler.resample(picture, into: $0.baseAddress!)
              }
              return try RowsTests.reference(picture, input)
            }
            #expect(
              tensor == expected,
              "\(kernels) \(sourceChannels) to \(channels), \(rawOrientation), \(inputWidth)x\(inputHeight) \(crop)"
            )
          }
        }
      }
    }
  }

  /// Decoding straight into the tensor, whose size decides how the picture is scaled, makes what decoding first makes.
  @Test func streamingMakesWhatDecodingMakes() throws {
    var decoder = try JPEGDecoder()
    var names = ["color.jpg", "color444.jpg", "gray.jpg", "progressive.jpg", "inks.jpg", "restart.jpg"]
    names += ["tall.jpg", "wide.jpg"] + (1...8).map { "turned\($0).jpg" }
    for name in names {
      let jpeg = Vectors.bytes(name)
      for (width, height, channels) in [(24, 24, 3), (7, 5, 3), (3, 9, 1), (80, 70, 3), (1, 1, 1)] {
        for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
          let input = ImageInput.test(width, height, channels: channels, crop)
          var resampler = try InputResampler(input)
          var (whole, streamed) = ([Int8](repeating: 0, count: resampler.elementCount), [Int8]())
          streamed = whole
          var passed = 0
          try jpeg.withUnsafeBytes { bytes in
            let picture = try decoder.decode(bytes, for: input)
            try whole.withUnsafeMutableBufferPointer {
              try resampler.resample(picture, into: $0.baseAddress!)
            }
            try streamed.withUnsafeMutableBufferPointer {
              let damage = try resampler.resample(bytes, &decoder, into: $0.baseAddress!) { passed = $0 }
              #expect(damage == JPEGDecoder.Damage(isTruncated: false, isCorrupt: false, warnings: 0))
            }
          }
          #expect(whole == streamed, "\(name) \(width)x\(height) \(crop)")
          #expect(passed == jpeg.count, "\(name)")
        }
      }
    }
  }

  /// The same of photographs, of which most columns and rows are not decoded, on every kernel.
  @Test(.enabled(if: dataFolder != nil)) func photographsAreStreamed() throws {
    var decoder = try JPEGDecoder()
    for name in Set(Vectors.rows("photographs.tsv").map { $0[0] }).sorted() {
      let jpeg = Vectors.bytes(dataFolder!.appendingPathComponent(name))
      for (width, height, crop) in [
        (224, 224, ImageInput.Crop.center), (30, 90, .center), (96, 64, .letterbox),
      ] {
        let input = ImageInput.test(width, height, crop)
        let expected = try jpeg.withUnsafeBytes { try tensorCRC(try decoder.decode($0, for: input), input) }
        for set in InstructionSet.allCases {
          guard let kernels = set.kernels else { continue }
          var resampler = try InputResampler(input, kernels: kernels)
          var tensor = [Int8](repeating: 0, count: resampler.elementCount)
          try jpeg.withUnsafeBytes { bytes in
            try tensor.withUnsafeMutableBufferPointer {
              _ = try resampler.resample(bytes, &decoder, into: $0.baseAddress!)
            }
          }
          #expect(tensor.withUnsafeBytes { Vectors.crc($0) } == expected, "\(name) \(width) \(set)")
        }
      }
    }
  }

  /// Also where what is missing is no part of the crop.
  @Test func streamingReportsTruncation() throws {
    var decoder = try JPEGDecoder()
    for name in ["color.jpg", "tall.jpg", "wide.jpg", "gray.jpg"] {
      let jpeg = Vectors.bytes(name)
      var resampler = try InputResampler(.test(16, 16))
      let tensor = UnsafeMutablePointer<Int8>.allocate(capacity: resampler.elementCount)
      defer { tensor.deallocate() }
      for kept in [jpeg.count * 3 / 4, jpeg.count - 40, jpeg.count - 2] {
        let (streamed, whole) = try jpeg.withUnsafeBytes { bytes in
          let part = UnsafeRawBufferPointer(rebasing: bytes[..<kept])
          let whole = try decoder.decode(part, for: resampler.input)
          let damage = JPEGDecoder.Damage(
            isTruncated: whole.isTruncated, isCorrupt: false, warnings: whole.warnings)
          return (try resampler.resample(part, &decoder, into: tensor), damage)
        }
        #expect(streamed == whole && streamed.isTruncated, "\(name) \(kept)")
      }
    }
  }
}
