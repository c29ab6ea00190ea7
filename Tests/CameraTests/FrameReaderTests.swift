import CV4L
import Camera
import FirmwareModel
import Foundation
import HostTestSupport
import Imaging
import Kernels
import Runtime
import ScriptedCamera
import Testing

@Suite struct FrameReaderTests {
  static let input = ImageInput(
    width: 32, height: 24, channels: 3, crop: .stretch, order: .heightWidthChannels, blueFirst: false,
    quantized: (0..<768).map { Int8($0 % 256 - 128) }, range: [])

  /// A camera that sends what it is given, one after the other, and a reader for it.
  final class Bench {
    let driven: DrivenStream
    var reader: FrameReader
    var tensor = [Int8](repeating: 0, count: 32 * 24 * 3)

    init(_ format: FourCC, _ frames: [[UInt8]], width: Int = 64, height: Int = 48) throws {
      let largest = frames.map(\.count).max()!
      // Frames larger than the camera's buffers do not come.
      let side = Int(Double(largest).squareRoot()) + 64
      let size = format.isJPEG ? FrameSize.size(side, side) : .size(width, height)
      var device = ScriptedDevice(formats: [.init(format, [size])])
      device.fill = { frame, _, memory in
        let bytes = frames[frame % frames.count]
        memory.copyBytes(from: bytes)
        return bytes.count
      }
      driven = try DrivenStream([device])
      reader = try FrameReader(FrameReaderTests.input, kernels: InstructionSet.scalar.kernels!)
    }

    /// The result for the next frame that is handed over.
    func next() throws -> FrameReader.Result {
      let frame = try #require(driven.next())
      defer { driven.stream.release() }
      return try tensor.withUnsafeMutableBufferPointer { try reader.read(frame, into: $0.baseAddress!) }
    }
  }

  static func jpeg(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: packageRoot.appending(path: "Tests/ImagingTests/Vectors/\(name)")))
  }

  /// Damage that only shows in the data: never an answer, and the next frame is read as if nothing had been.
  @Test func damagedJPEGs() throws {
    let sound = try Self.jpeg("color.jpg")
    let end: [UInt8] = [0xFF, 0xD9]
    let half = Array(sound[..<(sound.count / 2)]) + end
    var flipped = sound
    for index in stride(from: sound.count / 2, to: sound.count - 2, by: 3) where flipped[index] != 0xFF {
      flipped[index] = 0xFE
    }
    let extraneous = Array(sound.dropLast(2)) + [UInt8](repeating: 0, count: 40) + end
    let bench = try Bench(.mjpeg, [sound, half, sound, flipped, sound, extraneous])
    #expect(try bench.next() == .done)
    let tensor = bench.tensor
    #expect(try bench.next() == .fault(.truncatedJPEG))
    #expect(try bench.next() == .done)
    #expect(bench.tensor == tensor)
    guard case .fault = try bench.next() else { return #expect(Bool(false), "damaged data gave an answer") }
    #expect(try bench.next() == .done)
    #expect(bench.tensor == tensor)
    // Bytes that do not belong there, as many cameras send them: the picture is whole.
    #expect(try bench.next() == .done)
    #expect(bench.tensor == tensor)
  }

  /// Motion JPEG without Huffman tables means the standard's; so do frames after ones with tables of their own.
  @Test func missingHuffmanTables() throws {
    let sound = try Self.jpeg("color.jpg")
    let without = Self.removingHuffmanTables(sound)
    #expect(without.count < sound.count - 400)
    let bench = try Bench(.mjpeg, [sound, without, sound])
    #expect(try bench.next() == .done)
    let tensor = bench.tensor
    #expect(try bench.next() == .done)
    #expect(bench.tensor == tensor)
  }

  static func removingHuffmanTables(_ jpeg: [UInt8]) -> [UInt8] {
    var result = Array(jpeg[..<2])
    var index = 2
    while jpeg[index + 1] != 0xDA {
      let length = 2 + Int(jpeg[index + 2]) << 8 + Int(jpeg[index + 3])
      if jpeg[index + 1] != 0xC4 { result += jpeg[index..<index + length] }
      index += length
    }
    return result + jpeg[index...]
  }

  /// Formats that libv4lconvert makes RGB of: the library knows each that is listed, and what it makes is what the
  /// model sees.
  @Test func convertedFormats() throws {
    // A gray of 16 bits: the upper byte.
    var frame: [UInt8] = []
    for pixel in 0..<64 * 48 { frame += [0, UInt8(pixel % 64 * 4)] }
    let bench = try Bench(FourCC("Y16")!, [frame])
    #expect(try bench.next() == .done)
    let first = Array(bench.tensor[0..<3])
    let last = Array(bench.tensor[(31 * 3)..<(32 * 3)])
    #expect(first[0] == first[1] && first[1] == first[2])
    #expect(last[0] > 100 && first[0] < -100)
  }

  /// Pictures of all kinds as a camera's frames: each is read or refused, and the camera goes on.
  @Test(.enabled(if: dataFolder != nil))
  func oddPictures() throws {
    let folder = try #require(dataFolder).appending(path: "jpeg_odd")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)!
      .compactMap { $0 as? URL }.filter { ["jpg", "jpeg"].contains($0.pathExtension.lowercased()) }
      .sorted { $0.path < $1.path }
    #expect(files.count > 100)
    let sound = try Self.jpeg("color.jpg")
    let alone = try Bench(.mjpeg, [sound])
    #expect(try alone.next() == .done)
    var counts = (read: 0, refused: 0)
    for file in files {
      let bench = try Bench(.mjpeg, [Array(try Data(contentsOf: file)), sound])
      // What is no whole JPEG does not even come; whatever comes first, a sound frame is among the next two.
      var results = [try bench.next()]
      if results[0] == .done && bench.tensor != alone.tensor { counts.read += 1 } else { counts.refused += 1 }
      if bench.tensor != alone.tensor || results[0] != .done { results.append(try bench.next()) }
      #expect(results.last == .done, "\(file.path)")
      #expect(bench.tensor == alone.tensor, "\(file.path)")
    }
    #expect(counts.read > 40 && counts.refused > 20, "\(counts)")
  }
}
