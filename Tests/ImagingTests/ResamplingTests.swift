import FirmwareModel
import HostTestSupport
import Testing

@testable import Imaging

@Suite struct ResamplingTests {
  /// The ratios of integers round to what Pillow's doubles round to.
  @Test func weightsArePillows() throws {
    var axis = ResampleAxis()
    for row in Vectors.rows("weights.tsv") {
      let (source, resized) = (Int(row[0])!, Int(row[1])!)
      try axis.prepare(ResampleAxis.Key(source: source, resized: resized, first: 0, count: resized))
      var packed: [Int32] = []
      for pixel in 0..<resized {
        var range = axis.range(pixel)
        var weights = range.indices.map { axis.weight(pixel, of: $0) }
        // Pixels that weigh nothing may be in the one's range and not in the other's.
        while weights.first == 0 {
          weights.removeFirst()
          range = range.lowerBound + 1..<range.upperBound
        }
        while weights.last == 0 { weights.removeLast() }
        packed.append(Int32(range.lowerBound))
        packed += weights
      }
      #expect(packed.withUnsafeBytes { Vectors.crc($0) } == row[2], "\(source) to \(resized)")
    }
  }

  @Test func tensorsArePillows() throws {
    var decoder = try JPEGDecoder()
    for row in Vectors.rows("inputs.tsv") {
      let test = InputCase(row)
      #expect(try tensorCRC(Vectors.bytes(test.file), test.input, &decoder) == test.crc, "\(row)")
    }
  }

  @Test(.enabled(if: dataFolder != nil)) func photographsArePillows() throws {
    let data = dataFolder!
    var decoder = try JPEGDecoder()
    for row in Vectors.rows("photographs.tsv") {
      let test = InputCase(row)
      let jpeg = Vectors.bytes(data.appendingPathComponent(test.file))
      #expect(try tensorCRC(jpeg, test.input, &decoder) == test.crc, "\(row)")
    }
  }

  /// The inputs that the reference results of models were made with.
  @Test(.enabled(if: dataFolder != nil)) func referenceInputsAreReproduced() throws {
    let data = dataFolder!
    let jpeg = Vectors.bytes(data.appendingPathComponent("images/parrot.jpg"))
    var decoder = try JPEGDecoder()
    for size in [32, 96, 128, 192, 224] {
      var input = ImageInput.test(size, size, .stretch)
      for index in input.quantized.indices { input.quantized[index] = Int8(truncatingIfNeeded: index) }
      let expected = Vectors.bytes(data.appendingPathComponent("golden/inputs/parrot_\(size)x\(size).rgb"))
      let crc = expected.withUnsafeBytes { Vectors.crc($0) }
      #expect(try tensorCRC(jpeg, input, &decoder) == crc, "\(size)")
    }
  }

  /// A resampler that has seen other pictures gives what a new one gives.
  @Test func buffersAreReused() throws {
    var decoder = try JPEGDecoder()
    let input = ImageInput.test(28, 20, .letterbox)
    var resampler = try InputResampler(input)
    let tensor = UnsafeMutableBufferPointer<Int8>.allocate(capacity: resampler.elementCount)
    defer { tensor.deallocate() }
    for name in ["tall.jpg", "color.jpg", "wide.jpg", "turned6.jpg", "gray.jpg", "tall.jpg", "color.jpg"] {
      let jpeg = Vectors.bytes(name)
      let crc = try jpeg.withUnsafeBytes { bytes in
        let picture = try decoder.decode(bytes)
        try resampler.resample(picture, into: tensor.baseAddress!)
        return Vectors.crc(UnsafeRawBufferPointer(tensor))
      }
      #expect(try crc == tensorCRC(jpeg, input, &decoder), "\(name)")
    }
  }

  /// A colour picture for a gray input is weighed before it is resized.
  @Test func colorBecomesGray() throws {
    let colors: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]
    let grays: [UInt8] = [76, 150, 29, 255]
    let input = ImageInput.test(3, 3, channels: 1, .stretch)
    let fromColors = try colors.withUnsafeBufferPointer {
      try tensorCRC(Picture(pixels: $0.baseAddress!, width: 2, height: 2, channels: 3, rowBytes: 6), input)
    }
    let fromGrays = try grays.withUnsafeBufferPointer {
      try tensorCRC(Picture(pixels: $0.baseAddress!, width: 2, height: 2, channels: 1, rowBytes: 2), input)
    }
    #expect(fromColors == fromGrays)
  }

  @Test func extremeShapesStayInBounds() throws {
    let line = [UInt8](repeating: 200, count: 65535)
    for orientation: Orientation in [.upright, .quarterClockwise, .transversed] {
      for (width, height) in [(65535, 1), (1, 65535), (1, 1)] {
        for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
          let input = ImageInput.test(17, 224, channels: 1, crop)
          var resampler = try InputResampler(input)
          let tensor = UnsafeMutableBufferPointer<Int8>.allocate(capacity: resampler.elementCount)
          defer { tensor.deallocate() }
          try line.withUnsafeBufferPointer {
            let picture = Picture(
              pixels: $0.baseAddress!, width: width, height: height, channels: 1, rowBytes: width,
              orientation: orientation)
            try resampler.resample(picture, into: tensor.baseAddress!)
          }
          // One colour in is one colour out, and mid-grey beside it.
          let (color, gray) = (input.quantized[200], input.quantized[128])
          #expect(tensor.allSatisfy { $0 == color || (crop == .letterbox && $0 == gray) })
          #expect(tensor.contains(color))
        }
      }
    }
  }
}

@Suite struct CropGeometryTests {
  @Test func centerCropCoversTheInput() {
    // Shorter side to round(224 · 8/7), the longer one by the same scale: 256 and 341.33.
    let wide = CropGeometry(pictureWidth: 640, pictureHeight: 480, input: .test(224, 224))
    #expect((wide.resizedWidth, wide.resizedHeight) == (341, 256))
    #expect((wide.cropX, wide.cropY) == (58, 16))
    // 500 · 146 / 400 = 182.5: to even.
    let half = CropGeometry(pictureWidth: 400, pictureHeight: 500, input: .test(128, 128))
    #expect((half.resizedWidth, half.resizedHeight) == (146, 182))
    // 114 x 69 is to be covered; the width decides.
    let oblong = CropGeometry(pictureWidth: 400, pictureHeight: 400, input: .test(100, 60))
    #expect((oblong.resizedWidth, oblong.resizedHeight) == (114, 114))
    #expect((oblong.cropX, oblong.cropY) == (7, 27))
  }

  @Test func letterboxFits() {
    let wide = CropGeometry(pictureWidth: 640, pictureHeight: 480, input: .test(224, 224, .letterbox))
    #expect((wide.windowWidth, wide.windowHeight) == (224, 168))
    #expect((wide.windowX, wide.windowY) == (0, 28))
    let line = CropGeometry(pictureWidth: 65535, pictureHeight: 1, input: .test(224, 224, .letterbox))
    #expect((line.windowWidth, line.windowHeight) == (224, 1))
  }

  @Test func everyCropIsInside() {
    for width in stride(from: 1, through: 300, by: 7) {
      for height in stride(from: 1, through: 300, by: 11) {
        for (inputWidth, inputHeight) in [(1, 1), (3, 2), (32, 32), (50, 200), (224, 224)] {
          for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
            let input = ImageInput.test(inputWidth, inputHeight, crop)
            let geometry = CropGeometry(pictureWidth: width, pictureHeight: height, input: input)
            let isInside =
              geometry.cropX >= 0 && geometry.cropX + geometry.windowWidth <= geometry.resizedWidth
              && geometry.cropY >= 0 && geometry.cropY + geometry.windowHeight <= geometry.resizedHeight
              && geometry.windowX >= 0 && geometry.windowX + geometry.windowWidth <= inputWidth
              && geometry.windowY >= 0 && geometry.windowY + geometry.windowHeight <= inputHeight
            #expect(isInside, "\(width)x\(height) \(inputWidth)x\(inputHeight) \(crop) \(geometry)")
          }
        }
      }
    }
  }
}
