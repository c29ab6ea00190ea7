import FirmwareModel
import Foundation

@testable import Imaging

/// Files that the tests read.
enum Vectors {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Vectors")

  static func bytes(_ name: String) -> [UInt8] { bytes(folder.appendingPathComponent(name)) }

  static func bytes(_ file: URL) -> [UInt8] { [UInt8](try! Data(contentsOf: file)) }

  static func files(below folder: URL) -> [URL] {
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
    return (all?.compactMap { $0 as? URL } ?? []).filter {
      (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false
    }
  }

  /// A table's rows after its header.
  static func rows(_ name: String) -> [[String]] {
    String(decoding: bytes(name), as: UTF8.self).split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t").map(String.init)
    }
  }

  static func crc(_ bytes: UnsafeRawBufferPointer) -> String {
    let value = String(CRC32().checksum(of: bytes), radix: 16)
    return String(repeating: "0", count: 8 - value.count) + value
  }
}

/// A row of `inputs.tsv` or `photographs.tsv`.
struct InputCase {
  var file: String
  var input: ImageInput
  var crc: String

  init(_ row: [String]) {
    file = row[0]
    input = .test(
      Int(row[1])!, Int(row[2])!, channels: Int(row[3])!, ImageInput.Crop(rawValue: UInt8(row[4])!)!,
      order: ImageInput.Order(rawValue: UInt8(row[5])!)!, blueFirst: row[6] == "1")
    crc = row[7]
  }
}

extension ImageInput {
  /// An input whose table differs by channel, as `make_vectors.py` has it.
  static func test(
    _ width: Int, _ height: Int, channels: Int = 3, _ crop: Crop = .center,
    order: Order = .heightWidthChannels, blueFirst: Bool = false
  ) -> ImageInput {
    var table: [Int8] = []
    for channel in 0..<channels {
      for pixel in 0..<256 {
        table.append(Int8(truncatingIfNeeded: pixel * (2 * channel + 3) + 7 * channel))
      }
    }
    return ImageInput(
      width: width, height: height, channels: channels, crop: crop, order: order, blueFirst: blueFirst,
      quantized: table, range: [])
  }
}

/// The CRC of the tensor that a picture becomes, decoded at full scale.
func tensorCRC(_ jpeg: [UInt8], _ input: ImageInput, _ decoder: inout JPEGDecoder) throws -> String {
  try jpeg.withUnsafeBytes { bytes in
    let picture = try decoder.decode(bytes, colors: input.channels == 1 ? .gray : .rgb)
    return try tensorCRC(picture, input)
  }
}

func tensorCRC(_ picture: Picture, _ input: ImageInput) throws -> String {
  var resampler = try InputResampler(input)
  let tensor = UnsafeMutableBufferPointer<Int8>.allocate(capacity: resampler.elementCount)
  defer { tensor.deallocate() }
  try resampler.resample(picture, into: tensor.baseAddress!)
  return Vectors.crc(UnsafeRawBufferPointer(tensor))
}
