import FirmwareModel
import Kernels
import Runtime
import Testing

@testable import Imaging

@Suite struct FrameTests {
  private static func noise(_ component: Int, _ x: Int, _ y: Int) -> UInt8 {
    var state = UInt64(truncatingIfNeeded: component &* 7919 &+ x &* 104_729 &+ y &* 1_299_709) &+ 1
    for _ in 0..<3 { state = (state ^ state >> 13) &* 0x9E37_79B9_7F4A_7C15 }
    return UInt8(truncatingIfNeeded: state >> 56)
  }

  /// Slopes of another steepness for each component.
  private static func slopes(_ component: Int, _ x: Int, _ y: Int) -> UInt8 {
    let steps = component == 0 ? (3, 2) : component == 1 ? (-2, 3) : (1, -4)
    let phase = (x &* steps.0 &+ y &* steps.1) & 511
    return UInt8(abs(phase - 255) * 255 / 256)
  }

  private static func extremes(_ component: Int, _ x: Int, _ y: Int) -> UInt8 {
    (x >> component ^ y) & 1 == 0 ? 0 : 255
  }

  private static let sizes = [(64, 48), (48, 64), (2, 2), (2, 1), (6, 90), (40, 25), (162, 120)]

  /// The most that a tensor is off exact arithmetic, and the mean.
  private func difference(_ frame: TestFrame, _ input: ImageInput) throws -> (most: Double, mean: Double) {
    let (actual, exact) = (try frame.tensor(input), frame.exact(input))
    let differences = zip(actual, exact).map { abs(Double($0) + 128 - $1) }
    return (differences.max()!, differences.reduce(0, +) / Double(differences.count))
  }

  private func withEveryFrame(
    _ value: @escaping (Int, Int, Int) -> UInt8, _ body: (TestFrame, ImageInput) throws -> Void
  ) rethrows {
    var turn = 0
    for layout in FrameFormat.Layout.allCases {
      for (width, height) in FrameTests.sizes {
        for matrix in FrameColors.Matrix.allCases {
          for range in FrameColors.Range.allCases {
            turn += 1
            let frame = TestFrame(
              layout, width, height, padding: [0, 6, 1, 32][turn % 4],
              colors: FrameColors(matrix: matrix, range: range), value: value)
            let crop: ImageInput.Crop = [.center, .stretch, .letterbox][turn % 3]
            let order: ImageInput.Order = turn % 5 < 3 ? .heightWidthChannels : .channelsHeightWidth
            let (inputWidth, inputHeight) = [(32, 32), (20, 35), (17, 3)][turn % 7 % 3]
            try body(
              frame,
              .plain(
                inputWidth, inputHeight, channels: turn % 4 == 1 ? 1 : 3, crop, order: order,
                blueFirst: turn % 2 == 1))
          }
        }
      }
    }
  }

  @Test func smoothFramesAreExactToTwoLevels() throws {
    try withEveryFrame(FrameTests.slopes) { frame, input in
      let (most, mean) = try difference(frame, input)
      #expect(most <= 2 && mean < 0.6, "\(frame.format), \(input.width): \(most), \(mean)")
    }
  }

  @Test func noiseIsExactToSixLevels() throws {
    for value in [FrameTests.noise, FrameTests.extremes] {
      try withEveryFrame(value) { frame, input in
        let (most, mean) = try difference(frame, input)
        #expect(most <= 6 && mean < 2.5, "\(frame.format), \(input.width): \(most), \(mean)")
      }
    }
  }

  @Test func unscaledFramesAreExactToOneLevel() throws {
    for layout in FrameFormat.Layout.allCases {
      for matrix in FrameColors.Matrix.allCases {
        for range in FrameColors.Range.allCases {
          // One value in all samples of a component is not changed by the resize.
          for values: [UInt8] in [
            [0, 0, 0], [255, 255, 255], [16, 128, 128], [235, 128, 128], [81, 90, 240],
          ] {
            let frame = TestFrame(layout, 30, 20, colors: FrameColors(matrix: matrix, range: range)) {
              component, _, _ in values[component]
            }
            for channels in [1, 3] {
              let (most, _) = try difference(frame, .plain(30, 20, channels: channels, .stretch))
              #expect(most <= 0.56, "\(frame.format) \(values): \(most)")
            }
          }
        }
      }
    }
  }

  /// Full-range red, green, blue and gray that are not resized stay as they are.
  @Test func plainPixelsAreKept() throws {
    for layout: FrameFormat.Layout in [.rgb24, .bgr24, .grey] {
      let frame = TestFrame(
        layout, 64, 32, padding: 3, colors: FrameColors(matrix: .bt601, range: .full), value: FrameTests.noise
      )
      let exact = frame.exact(.plain(64, 32, .stretch)).map { Int8($0 - 128) }
      #expect(try frame.tensor(.plain(64, 32, .stretch)) == exact)
    }
  }

  /// The standards' 75 % bars: white, yellow, cyan, green, magenta, red, blue, black.
  @Test func barsAreTheirColors() throws {
    let bt601: [[UInt8]] = [
      [180, 128, 128], [162, 44, 142], [131, 156, 44], [112, 72, 58], [84, 184, 198], [65, 100, 212],
      [35, 212, 114], [16, 128, 128],
    ]
    let bt709: [[UInt8]] = [
      [180, 128, 128], [168, 44, 136], [145, 147, 44], [133, 63, 52], [63, 193, 204], [51, 109, 212],
      [28, 212, 120], [16, 128, 128],
    ]
    let light = 191.25
    for (matrix, bars) in [(FrameColors.Matrix.bt601, bt601), (.bt709, bt709)] {
      for layout in FrameFormat.Layout.allCases where layout.hasChroma {
        for (number, bar) in bars.enumerated() {
          let frame = TestFrame(layout, 48, 32, colors: FrameColors(matrix: matrix, range: .limited)) {
            component, _, _ in bar[component]
          }
          let tensor = try frame.tensor(.plain(16, 16))
          let expected = [
            light - (number & 2 == 0 ? 0 : light), number & 4 == 0 ? light : 0,
            number & 1 == 0 ? light : 0,
          ]
          for channel in 0..<3 {
            let isClose = tensor.indices.allSatisfy {
              $0 % 3 != channel || abs(Double(tensor[$0]) + 128 - expected[channel]) < 2.5
            }
            #expect(isClose, "\(matrix) \(layout) bar \(number) channel \(channel): \(tensor.prefix(3))")
          }
        }
      }
    }
  }

  /// Every kernel gives the definition's bytes, of large and tiny frames, odd ones and inputs, tables of any kind.
  @Test func kernelsAgree() throws {
    let shapes = [
      (640, 480, 224, 224), (1920, 1080, 96, 96), (3840, 2160, 64, 48), (2, 2, 224, 3), (1, 1, 5, 40),
      (33, 17, 50, 61), (35, 4097, 15, 16), (4096, 3, 18, 33),
    ]
    for (number, shape) in shapes.enumerated() {
      for layout in FrameFormat.Layout.allCases {
        let isPair = layout == .yuyv || layout == .uyvy
        let frame = TestFrame(layout, isPair ? (shape.0 + 1) & ~1 : shape.0, shape.1, padding: number) {
          FrameTests.noise($0, $1, $2)
        }
        let input = ImageInput.test(
          shape.2, shape.3, channels: (number + layout.planeCount) % 3 == 0 ? 1 : 3,
          [.center, .letterbox, .stretch][number % 3],
          order: number % 2 == 0 ? .heightWidthChannels : .channelsHeightWidth,
          blueFirst: number % 3 == 1)
        let expected = try frame.tensor(input)
        for set in InstructionSet.allCases {
          guard set != .scalar, let kernels = set.kernels else { continue }
          #expect(try frame.tensor(input, kernels) == expected, "\(set) \(frame.format) \(shape)")
        }
      }
    }
  }

  @Test func formatsChange() throws {
    let input = ImageInput.test(40, 40, .letterbox)
    var resampler = try FrameResampler(input, kernels: .scalar)
    for (width, height) in [(64, 48), (8, 6), (160, 90), (64, 48)] {
      for layout in FrameFormat.Layout.allCases {
        let frame = TestFrame(layout, width, height, value: FrameTests.noise)
        try resampler.prepare(frame.format)
        #expect(try frame.tensor(&resampler) == frame.tensor(input), "\(layout) \(width)")
      }
    }
  }

  @Test func wrongFramesAreRefused() throws {
    var resampler = try FrameResampler(.plain(8, 8), kernels: .scalar)
    let colors = FrameColors(matrix: .bt601, range: .limited)
    func format(_ layout: FrameFormat.Layout, _ width: Int, _ height: Int, _ line: Int) -> FrameFormat {
      FrameFormat(layout: layout, width: width, height: height, bytesPerLine: line, colors: colors)
    }
    let refused: [(FrameFormat, ImageError.Reason)] = [
      (format(.grey, 0, 8, 8), .frameSize(width: 0, height: 8)),
      (format(.grey, 8, 0, 8), .frameSize(width: 8, height: 0)),
      (format(.grey, -1, 8, 8), .frameSize(width: -1, height: 8)),
      (format(.rgb24, 65536, 8, 1 << 20), .frameSize(width: 65536, height: 8)),
      (format(.yuyv, 9, 8, 20), .oddFrameWidth(9)),
      (format(.uyvy, 1, 1, 4), .oddFrameWidth(1)),
      (format(.yuyv, 8, 8, 15), .bytesPerLine(15, needed: 16)),
      (format(.rgb24, 8, 8, 23), .bytesPerLine(23, needed: 24)),
      (format(.nv12, 8, 8, 7), .bytesPerLine(7, needed: 8)),
      (format(.yu12, 8, 8, -8), .bytesPerLine(-8, needed: 8)),
      (format(.grey, 8, 8, .max), .bytesPerLine(.max, needed: 8)),
    ]
    for (format, reason) in refused {
      #expect(throws: ImageError(reason)) { try resampler.prepare(format) }
    }
    // The least bytes of each, with one missing and with as many as there have to be.
    let sizes: [(FrameFormat, Int)] = [
      (format(.yuyv, 8, 6, 20), 5 * 20 + 16), (format(.uyvy, 8, 6, 16), 96),
      (format(.nv12, 8, 6, 10), 8 * 10 + 8), (format(.nv21, 7, 5, 8), 7 * 8 + 8),
      (format(.yu12, 8, 6, 10), 6 * 10 + 5 * 5 + 4), (format(.yv12, 7, 5, 7), 5 * 7 + 5 * 4 + 4),
      (format(.rgb24, 8, 6, 30), 5 * 30 + 24), (format(.bgr24, 1, 1, 3), 3), (format(.grey, 8, 6, 8), 48),
    ]
    var tensor = [Int8](repeating: 0, count: resampler.elementCount)
    for (format, count) in sizes {
      try resampler.prepare(format)
      let bytes = [UInt8](repeating: 100, count: count)
      try bytes.withUnsafeBytes { bytes in
        try tensor.withUnsafeMutableBufferPointer { tensor in
          try resampler.resample(bytes, into: tensor.baseAddress!)
          for short in [0, 1, count - 1] where short < count {
            #expect(throws: ImageError(.shortFrame(bytes: short, needed: count))) {
              try resampler.resample(
                UnsafeRawBufferPointer(rebasing: bytes[..<short]), into: tensor.baseAddress!)
            }
          }
        }
      }
    }
  }
}

@Suite struct FrameColorsTests {
  /// What the kernel's header makes of the fields: colorspace, encoding, quantization.
  @Test func fieldsAreResolvedAsTheKernelDoes() {
    let cases: [(UInt32, UInt32, UInt32, FrameFormat.Layout, FrameColors.Matrix, FrameColors.Range)] = [
      (0, 0, 0, .yuyv, .bt601, .limited), (1, 0, 0, .yuyv, .bt601, .limited),
      (2, 0, 0, .nv12, .smpte240M, .limited), (3, 0, 0, .nv12, .bt709, .limited),
      (5, 0, 0, .nv12, .bt601, .limited), (6, 0, 0, .nv12, .bt601, .limited),
      (7, 0, 0, .yuyv, .bt601, .full), (8, 0, 0, .yuyv, .bt601, .limited),
      (9, 0, 0, .yu12, .bt601, .limited), (10, 0, 0, .yu12, .bt2020, .limited),
      (11, 0, 0, .yu12, .bt601, .limited), (12, 0, 0, .yu12, .bt709, .limited),
      (8, 1, 0, .yuyv, .bt601, .limited), (8, 2, 0, .yuyv, .bt709, .limited),
      (3, 1, 0, .yuyv, .bt601, .limited), (3, 3, 0, .yuyv, .bt601, .limited),
      (1, 4, 0, .yuyv, .bt709, .limited), (3, 5, 0, .yuyv, .bt601, .limited),
      (3, 6, 0, .yuyv, .bt2020, .limited), (3, 7, 0, .yuyv, .bt2020, .limited),
      (3, 8, 0, .yuyv, .smpte240M, .limited), (7, 0, 2, .yuyv, .bt601, .limited),
      (3, 0, 1, .yuyv, .bt709, .full), (3, 0, 2, .yuyv, .bt709, .limited),
      (8, 0, 0, .rgb24, .bt601, .full), (8, 0, 2, .bgr24, .bt601, .limited),
      (8, 0, 0, .grey, .bt601, .full), (8, 0, 2, .grey, .bt601, .limited),
      (77, 77, 77, .yuyv, .bt601, .limited),
    ]
    for (colorspace, encoding, quantization, layout, matrix, range) in cases {
      let colors = FrameColors(
        colorspace: colorspace, encoding: encoding, quantization: quantization, layout: layout)
      #expect(
        colors == FrameColors(matrix: matrix, range: range),
        "\(colorspace), \(encoding), \(quantization), \(layout)")
    }
  }
}
