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
}
