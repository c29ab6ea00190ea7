import FirmwareModel
import HostTestSupport
import Runtime
import Testing

@testable import Imaging

@Suite struct ViewTests {
  /// The corners, the middle, parts that reach beyond the rule's rectangle, and mirror images.
  private static let views: [View] = [
    .whole, .mirrored, View(width: 224, height: 224), View(x: 32, y: 32, width: 224, height: 224),
    View(x: 16, y: 0, width: 224, height: 192, isMirrored: true), View(x: -18, y: 18),
    View(x: 18, y: -256, isMirrored: true), View(x: 64, y: 96, width: 64, height: 100),
    View(x: 256, y: 256, width: 64, height: 64, isMirrored: true),
  ]

  private static func tensor(
    _ picture: Picture, _ input: ImageInput, _ view: View, _ kernels: InstructionSet = .scalar
  ) throws -> [Int8] {
    var resampler = try InputResampler(input, kernels: kernels.kernels!)
    var tensor = [Int8](repeating: 0, count: resampler.elementCount)
    try tensor.withUnsafeMutableBufferPointer {
      try resampler.resample(picture, view: view, into: $0.baseAddress!)
    }
    return tensor
  }

  /// Calls `body` with a picture of noise.
  private static func withNoise<Result>(
    _ width: Int, _ height: Int, channels: Int = 3, _ orientation: Orientation = .upright,
    _ body: (Picture) throws -> Result
  ) rethrows -> Result {
    try RowsTests.noise(width * height * channels).withUnsafeBufferPointer {
      try body(
        Picture(
          pixels: $0.baseAddress!, width: width, height: height, channels: channels,
          rowBytes: width * channels, orientation: orientation))
    }
  }

  /// The tensor with left and right exchanged.
  private static func mirrored(_ tensor: [Int8], _ input: ImageInput) -> [Int8] {
    var result = tensor
    let isInterleaved = input.order == .heightWidthChannels
    for channel in 0..<input.channels {
      for y in 0..<input.height {
        for x in 0..<input.width {
          func index(_ x: Int) -> Int {
            isInterleaved
              ? (y * input.width + x) * input.channels + channel
              : (channel * input.height + y) * input.width + x
          }
          result[index(x)] = tensor[index(input.width - 1 - x)]
        }
      }
    }
    return result
  }

  @Test(arguments: [(1, 1), (9, 2), (24, 18), (97, 41), (30, 150)])
  func viewsAreByTheirDefinition(_ width: Int, _ height: Int) throws {
    let sets = InstructionSet.allCases.filter { $0.kernels != nil }
    var turn = 0
    for (sourceChannels, channels) in [(3, 3), (3, 1), (1, 3)] {
      for rawOrientation: UInt8 in 1...8 {
        let orientation = try #require(Orientation(rawValue: rawOrientation))
        try ViewTests.withNoise(width, height, channels: sourceChannels, orientation) { picture in
          for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
            for (inputWidth, inputHeight) in [(16, 16), (21, 12)] {
              for view in ViewTests.views {
                turn += 1
                let input = ImageInput.test(
                  inputWidth, inputHeight, channels: channels, crop,
                  order: turn & 1 == 0 ? .heightWidthChannels : .channelsHeightWidth,
                  blueFirst: channels == 3 && turn & 2 == 0)
                let kernels = sets[turn % sets.count]
                let isAsDefined =
                  try ViewTests.tensor(picture, input, view, kernels)
                  == RowsTests.reference(picture, input, view)
                #expect(isAsDefined, "\(kernels) \(rawOrientation) \(channels) \(crop) \(view)")
              }
            }
          }
        }
      }
    }
  }

  @Test func mirroredViewsAreMirrorImages() throws {
    for (width, height) in [(40, 33), (33, 40), (17, 16)] {
      for rawOrientation: UInt8 in 1...8 {
        let orientation = try #require(Orientation(rawValue: rawOrientation))
        try ViewTests.withNoise(width, height, orientation) { picture in
          for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
            for order: ImageInput.Order in [.heightWidthChannels, .channelsHeightWidth] {
              for view in ViewTests.views {
                let input = ImageInput.test(16, 15, crop, order: order)
                var other = view
                other.isMirrored.toggle()
                let tensor = try ViewTests.tensor(picture, input, view)
                let isMirrored =
                  try ViewTests.tensor(picture, input, other) == ViewTests.mirrored(tensor, input)
                #expect(isMirrored, "\(width)x\(height) \(rawOrientation) \(crop) \(view)")
                #expect(tensor != ViewTests.mirrored(tensor, input), "noise is not symmetrical")
              }
            }
          }
        }
      }
    }
  }

  /// A part at half the sides, where the whole has two pixels for each of the input's: the pixels as they are.
  @Test func partsThatAreNotResizedAreThePixels() throws {
    for (x, y) in [(0, 0), (128, 128), (64, 32), (8, 120)] {
      try ViewTests.withNoise(64, 32) { picture in
        // Neither rule leaves anything out of such a picture.
        for crop: ImageInput.Crop in [.stretch, .letterbox] {
          let input = ImageInput.test(32, 16, crop)
          var part = picture
          part.pixels += (y * 32 / 256) * picture.rowBytes + (x * 64 / 256) * 3
          (part.width, part.height, part.fullWidth, part.fullHeight) = (32, 16, 32, 16)
          let isThePart =
            try ViewTests.tensor(picture, input, View(x: x, y: y, width: 128, height: 128))
            == ViewTests.tensor(part, input, .whole)
          #expect(isThePart, "\(x), \(y), \(crop)")
        }
      }
    }
  }

  /// A part that is halved is what halving the cut-out part makes, but at the border, beyond which the view looks. Parts
  /// begin at even pixels, which are pixels of the result.
  @Test func partsAreWhatCutOutPicturesBecome() throws {
    let (width, height, channels) = (32, 24, 3)
    try ViewTests.withNoise(128, 96) { picture in
      let input = ImageInput.test(width, height, .stretch)
      for (x, y) in [(64, 32), (96, 96), (0, 128)] {
        let view = try ViewTests.tensor(picture, input, View(x: x, y: y, width: 128, height: 128))
        var part = picture
        part.pixels += (y * 96 / 256) * picture.rowBytes + (x * 128 / 256) * 3
        (part.width, part.height, part.fullWidth, part.fullHeight) = (64, 48, 64, 48)
        let cut = try ViewTests.tensor(part, input, .whole)
        var differing = 0
        for row in 0..<height {
          for column in 0..<width * channels {
            let isBorder =
              row == 0 || row == height - 1 || column < channels || column >= (width - 1) * channels
            let isEqual = view[row * width * channels + column] == cut[row * width * channels + column]
            if isBorder {
              if !isEqual { differing += 1 }
            } else {
              #expect(isEqual, "\(x), \(y): \(row), \(column)")
            }
          }
        }
        #expect(differing > 0, "the border sees what is beside it")
      }
    }
  }

  /// One pass makes of each view what it is alone, and of the first what `classify` sees, which is not decoded by the
  /// same columns and rows.
  private func check(
    _ jpeg: [UInt8], _ input: ImageInput, _ views: [View], _ kernels: InstructionSet, _ place: String,
    _ decoder: inout JPEGDecoder
  ) throws {
    var resampler = try ViewResampler(input, views: views, kernels: kernels.kernels!)
    var single = try InputResampler(input, kernels: kernels.kernels!)
    let count = resampler.elementCount
    var (tensors, alone) = (
      [Int8](repeating: 1, count: views.count * count), [Int8](repeating: 2, count: count)
    )
    try jpeg.withUnsafeBytes { bytes in
      var (passed, passedAlone) = (0, 0)
      let damage = try tensors.withUnsafeMutableBufferPointer {
        try resampler.resample(bytes, &decoder, into: $0.baseAddress!) { passed = $0 }
      }
      for (index, view) in views.enumerated() {
        let damageAlone = try alone.withUnsafeMutableBufferPointer { tensor in
          if index == 0 {
            try single.resample(bytes, &decoder, into: tensor.baseAddress!) { passedAlone = $0 }
          } else {
            try single.resample(bytes, &decoder, view: view, into: tensor.baseAddress!) { passedAlone = $0 }
          }
        }
        let isEqual = tensors[index * count..<(index + 1) * count].elementsEqual(alone)
        #expect(isEqual && damage == damageAlone && passed == passedAlone, "\(place), \(kernels), \(view)")
      }
    }
  }

  @Test func onePassMakesAllViews() throws {
    var decoder = try JPEGDecoder()
    var names = ["color.jpg", "color444.jpg", "gray.jpg", "progressive.jpg", "inks.jpg", "restart.jpg"]
    names += ["tall.jpg", "wide.jpg"] + (1...8).map { "turned\($0).jpg" }
    for name in names {
      for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
        for (width, height, channels) in [(24, 24, 3), (7, 5, 3), (3, 9, 1), (80, 70, 3)] {
          let input = ImageInput.test(width, height, channels: channels, crop)
          try check(Vectors.bytes(name), input, ViewTests.views, .scalar, "\(name) \(crop)", &decoder)
        }
        // Nothing of the first view's rows and columns is the second's.
        let corners = [
          View.whole, View(x: -256, y: -256, width: 64, height: 64),
          View(x: 256, y: 256, width: 64, height: 64),
        ]
        for views in [Array(corners[1...]), corners.reversed(), [corners[0]]] {
          var views = views
          views.insert(.whole, at: 0)
          try check(Vectors.bytes(name), .test(24, 24, crop), views, .scalar, "\(name) \(crop)", &decoder)
        }
      }
    }
  }

  /// Also where the data ends early.
  @Test func damageIsThatOfThePicture() throws {
    var decoder = try JPEGDecoder()
    for name in ["color.jpg", "tall.jpg", "wide.jpg"] {
      let jpeg = Vectors.bytes(name)
      for kept in [jpeg.count * 3 / 4, jpeg.count - 40, jpeg.count - 2] {
        try check(
          Array(jpeg[..<kept]), .test(16, 16), [.whole, .mirrored, View(width: 128, height: 128)], .scalar,
          "\(name) \(kept)", &decoder)
      }
      var resampler = try ViewResampler(.test(16, 16), views: [.whole, .mirrored])
      let tensors = UnsafeMutablePointer<Int8>.allocate(capacity: 2 * resampler.elementCount)
      defer { tensors.deallocate() }
      for kept in 0..<40 {
        #expect(throws: ImageError.self) {
          try jpeg.withUnsafeBytes {
            _ = try resampler.resample(
              UnsafeRawBufferPointer(rebasing: $0[..<kept]), &decoder, into: tensors)
          }
        }
      }
    }
  }

  /// All photographs there are tests of, on every kernel: the first view is what `classify` sees.
  @Test(.enabled(if: dataFolder != nil)) func photographsHaveTheirViewsInOnePass() throws {
    let data = dataFolder!
    var names = Set(Vectors.rows("photographs.tsv").map { $0[0] })
    for file in Vectors.files(below: data.appendingPathComponent("images"))
    where file.pathExtension == "jpg" {
      names.insert("images/\(file.lastPathComponent)")
    }
    #expect(names.count > 3)
    var decoder = try JPEGDecoder()
    for name in names.sorted() {
      let jpeg = Vectors.bytes(data.appendingPathComponent(name))
      for (width, height, crop) in [
        (224, 224, ImageInput.Crop.center), (96, 64, .letterbox), (64, 64, .stretch),
      ] {
        for set in InstructionSet.allCases where set.kernels != nil {
          try check(jpeg, .test(width, height, crop), ViewTests.views, set, name, &decoder)
        }
      }
    }
  }
}

@Suite struct ViewGeometryTests {
  @Test func partsAreEnlarged() {
    // Of 341 × 256 pixels the rule shows 224 × 224 from (58, 16) on; 8/7 of that is 389.71 × 292.57.
    func geometry(_ view: View) -> CropGeometry {
      CropGeometry(pictureWidth: 640, pictureHeight: 480, input: .test(224, 224), view: view)
    }
    let plain = CropGeometry(pictureWidth: 640, pictureHeight: 480, input: .test(224, 224))
    #expect(geometry(.whole) == plain && geometry(.mirrored) == plain)
    // 58 · 8/7 = 66.3 and, 32 of 256 parts of 224 pixels further on, (58 + 28) · 8/7 = 98.3; 16 · 8/7 = 18.3.
    var enlarged = plain
    (enlarged.resizedWidth, enlarged.resizedHeight) = (390, 293)
    (enlarged.cropX, enlarged.cropY) = (66, 18)
    #expect(geometry(View(width: 224, height: 224)) == enlarged)
    (enlarged.cropX, enlarged.cropY) = (98, 50)
    #expect(geometry(View(x: 32, y: 32, width: 224, height: 224)) == enlarged)
    // Moved by 16 of 224 pixels, no further than the picture goes.
    var moved = plain
    (moved.cropX, moved.cropY) = (74, 0)
    #expect(geometry(View(x: 19, y: -19)) == moved)
    (moved.cropX, moved.cropY) = (0, 32)
    #expect(geometry(View(x: -200, y: 200)) == moved)
    // Only one side.
    let narrow = geometry(View(x: 64, width: 128))
    #expect((narrow.resizedWidth, narrow.resizedHeight) == (682, 256))
    #expect((narrow.cropX, narrow.cropY) == (228, 16))
  }

  @Test func letterboxesKeepTheirWindow() {
    let view = View(x: 32, y: 0, width: 224, height: 224)
    let wide = CropGeometry(
      pictureWidth: 640, pictureHeight: 480, input: .test(224, 224, .letterbox), view: view)
    #expect((wide.windowX, wide.windowY, wide.windowWidth, wide.windowHeight) == (0, 28, 224, 168))
    #expect((wide.resizedWidth, wide.resizedHeight, wide.cropX, wide.cropY) == (256, 192, 32, 0))
  }

  @Test func everyPartIsInside() {
    let places = [-256, -255, -100, -1, 0, 1, 31, 192, 255, 256]
    let lengths = [64, 65, 100, 128, 223, 224, 255, 256]
    for (width, height) in [
      (1, 1), (1, 300), (300, 1), (7, 5), (640, 480), (299, 301), (65535, 1), (1, 65535),
    ] {
      for (inputWidth, inputHeight) in [(1, 1), (3, 2), (50, 200), (224, 224), (16384, 16384)] {
        for crop: ImageInput.Crop in [.center, .stretch, .letterbox] {
          for place in places {
            for length in lengths {
              let view = View(x: place, y: -place, width: length, height: 320 - length)
              let geometry = CropGeometry(
                pictureWidth: width, pictureHeight: height, input: .test(inputWidth, inputHeight, crop),
                view: view)
              let isInside =
                geometry.cropX >= 0 && geometry.cropX + geometry.windowWidth <= geometry.resizedWidth
                && geometry.cropY >= 0 && geometry.cropY + geometry.windowHeight <= geometry.resizedHeight
                && max(geometry.resizedWidth, geometry.resizedHeight) <= Int(Int32.max)
              #expect(isInside, "\(width)x\(height) \(inputWidth)x\(inputHeight) \(crop) \(view) \(geometry)")
            }
          }
        }
      }
    }
  }
}
