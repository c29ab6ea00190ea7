import FirmwareModel
import Imaging
import Kernels
import Platform
import Runtime

/// What it takes to make a 224 × 224 input of a camera's frames of 640 × 480, and of a JPEG on standard input (if there
/// is one) beside decoding it alone, and four views of it. The clock is read before and after each case, which is how `arm_frames.py` tells
/// them apart. Its memory is its own until the program ends.
private struct FrameBench: ~Copyable {
  static let layouts: [(name: StaticString, layout: FrameFormat.Layout, bytesPerPixel: Int)] = [
    ("YUYV", .yuyv, 2), ("NV12", .nv12, 1), ("RGB24", .rgb24, 3), ("GREY", .grey, 1),
  ]
  static let pictureKinds: [StaticString] = [
    "JPEG decoded", "JPEG to input", "JPEG to 4 views", "JPEG to 4 views, each alone",
  ]
  static let kindCount = layouts.count + pictureKinds.count
  static let views = [
    View.whole, View.mirrored, View(width: 224, height: 224),
    View(x: 32, y: 32, width: 224, height: 224, isMirrored: true),
  ]

  private let input: ImageInput
  private let tensor: UnsafeMutablePointer<Int8>
  private let frame: UnsafeMutableRawBufferPointer
  private let jpeg: UnsafeRawBufferPointer
  private let kernels: KernelTable
  private var decoder: JPEGDecoder
  private var resampler: InputResampler
  private var viewResampler: ViewResampler

  init(
    _ input: ImageInput, _ decoder: consuming JPEGDecoder, _ resampler: consuming InputResampler,
    _ viewResampler: consuming ViewResampler
  ) {
    self.input = input
    self.decoder = decoder
    self.resampler = resampler
    self.viewResampler = viewResampler
    kernels = InstructionSet.best.kernels!
    tensor = .allocate(capacity: FrameBench.views.count * input.channels * input.width * input.height)
    frame = .allocate(byteCount: 640 * 480 * 3, alignment: 64)
    for index in frame.indices { frame[index] = UInt8(truncatingIfNeeded: index &* 37 ^ index >> 9) }
    jpeg = FrameBench.standardInput()
  }

  private static func standardInput() -> UnsafeRawBufferPointer {
    guard let file = try? MappedFile(path: "/dev/stdin"), !file.bytes.isEmpty else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: file.bytes.count, alignment: 1)
    copy.copyBytes(from: file.bytes)
    return UnsafeRawBufferPointer(copy)
  }

  static func name(_ kind: Int) -> StaticString {
    kind < layouts.count ? layouts[kind].name : pictureKinds[kind - layouts.count]
  }

  func has(_ kind: Int) -> Bool { kind < FrameBench.layouts.count || !jpeg.isEmpty }

  /// Runs a kind of work `rounds` times after once in vain.
  ///
  /// - Returns: The microseconds of each.
  mutating func run(_ kind: Int, rounds: Int) throws(ImageError) -> [Int64] {
    var times: [Int64] = []
    if kind < FrameBench.layouts.count {
      let (_, layout, bytesPerPixel) = FrameBench.layouts[kind]
      let format = FrameFormat(
        layout: layout, width: 640, height: 480, bytesPerLine: 640 * bytesPerPixel,
        colors: FrameColors(matrix: .bt601, range: .limited))
      var frames = try FrameResampler(input, kernels: kernels)
      try frames.prepare(format)
      for _ in 0...rounds {
        let start = Clock.microseconds
        try frames.resample(UnsafeRawBufferPointer(frame), into: tensor)
        times.append(Clock.microseconds - start)
      }
    } else {
      for _ in 0...rounds {
        let start = Clock.microseconds
        try runPicture(kind - FrameBench.layouts.count)
        times.append(Clock.microseconds - start)
      }
    }
    times.removeFirst()
    return times
  }

  private mutating func runPicture(_ kind: Int) throws(ImageError) {
    switch kind {
    case 0: try decode()
    case 1: _ = try resampler.resample(jpeg, &decoder, into: tensor)
    case 2: _ = try viewResampler.resample(jpeg, &decoder, into: tensor)
    default:
      for (index, view) in FrameBench.views.enumerated() {
        let place = tensor + index * resampler.elementCount
        _ = try resampler.resample(jpeg, &decoder, view: view, into: place)
      }
    }
  }

  /// All rows of the JPEG at the scale that its input takes.
  private mutating func decode() throws(ImageError) {
    let shape = try decoder.begin(jpeg, for: input)
    for _ in 0..<shape.height { _ = try decoder.nextRow() }
    _ = decoder.finish()
  }
}

/// - Parameter rounds: How often each kind of work is run.
/// - Returns: The exit status.
private func runAll(rounds: Int) -> Int32 {
  var text = TextWriter.standardOutput
  defer { text.flush() }
  do {
    let input = ImageInput(
      width: 224, height: 224, channels: 3, crop: .center, order: .heightWidthChannels, blueFirst: false,
      quantized: (0..<768).map { Int8($0 % 256 - 128) }, range: [])
    let kernels = InstructionSet.best.kernels!
    var bench = FrameBench(
      input, try JPEGDecoder(), try InputResampler(input, kernels: kernels),
      try ViewResampler(input, views: FrameBench.views, kernels: kernels))
    for kind in 0..<FrameBench.kindCount where bench.has(kind) {
      let times = try bench.run(kind, rounds: rounds).sorted()
      text.write(FrameBench.name(kind))
      text.write("\t")
      text.write(Int(times[times.count / 2]))
      text.write("\n")
    }
    return 0
  } catch {
    text.write(error.text)
    text.write("\n")
    return 1
  }
}

#if hasFeature(Embedded)
  // The name that SwiftPM gives a program's `main` when it links.
  @_cdecl("frame_bench_main")
  public func entry(
    _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32 {
    runAll(rounds: count > 1 ? 1 : 201)
  }
#else
  import CLinux

  @main
  struct Entry {
    static func main() { _exit(runAll(rounds: CommandLine.arguments.count > 1 ? 1 : 201)) }
  }
#endif
