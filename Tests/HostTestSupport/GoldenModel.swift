import Foundation

/// A real model with inputs and the stored outputs of LiteRT's reference kernels.
public struct GoldenModel {
  public var name: String
  /// The `.tflite`.
  public var source: [UInt8]
  /// It computes in floating point, which is refused.
  public var isReal: Bool
  public var cases: [(name: String, input: [UInt8], expected: [UInt8])]

  private struct Record: Decodable {
    struct Case: Decodable {
      var name: String
      var inputFile: String

      enum CodingKeys: String, CodingKey {
        case name
        case inputFile = "input_file"
      }
    }
    var model: String
    var cases: [Case]
  }

  /// The TFLite models of a data folder.
  public static func all(in data: URL) throws -> [GoldenModel] {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: data.appendingPathComponent("golden").path)
    return try folders.sorted().compactMap { folder in
      let golden = data.appendingPathComponent("golden/\(folder)")
      guard let meta = try? Data(contentsOf: golden.appendingPathComponent("meta.json")),
        let record = try? JSONDecoder().decode(Record.self, from: meta), record.model.hasSuffix(".tflite")
      else { return nil }
      func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
      return GoldenModel(
        name: folder, source: try bytes(data.appendingPathComponent(record.model)),
        isReal: ["_float", "_float32", "_f", "pretrainedResnet"].contains { folder.hasSuffix($0) },
        cases: try record.cases.map {
          (
            $0.name, try bytes(golden.appendingPathComponent($0.inputFile)),
            try bytes(golden.appendingPathComponent("\($0.name).out.ref.bin"))
          )
        })
    }
  }
}
