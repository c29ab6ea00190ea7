import FirmwareModel
import Foundation
import ModelCompiler
import Runtime
import TestSupport
import Testing

/// The folder of real models, or nil for a user who has none.
let dataFolder: URL? = {
  let path = ProcessInfo.processInfo.environment["OCELLUS_DATA"] ?? "../shared/data"
  let url = URL(fileURLWithPath: path, relativeTo: packageRoot).standardizedFileURL
  if FileManager.default.fileExists(atPath: url.appendingPathComponent("golden").path) { return url }
  print("SKIPPED: no real models at \(url.path) (set OCELLUS_DATA); golden outputs are not compared")
  return nil
}()

private struct Golden: Decodable {
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

/// Every real int8 or uint8 model gives the stored output of LiteRT's reference kernels.
@Test(.enabled(if: dataFolder != nil)) func realModelsEqualLiteRT() throws {
  let data = dataFolder!
  var compared = 0
  let folders = try FileManager.default.contentsOfDirectory(
    atPath: data.appendingPathComponent("golden").path)
  for folder in folders.sorted() {
    let golden = data.appendingPathComponent("golden/\(folder)")
    guard let meta = try? Data(contentsOf: golden.appendingPathComponent("meta.json")),
      let record = try? JSONDecoder().decode(Golden.self, from: meta), record.model.hasSuffix(".tflite")
    else { continue }
    let source = [UInt8](try Data(contentsOf: data.appendingPathComponent(record.model)))
    let isReal = ["_float", "_float32", "_f", "pretrainedResnet"].contains { folder.hasSuffix($0) }
    if isReal {
      #expect(throws: CompilerError.self) { try Compiler.compile(tflite: source) }
      continue
    }
    for (form, bytes) in try compiledForms(source).enumerated() {
      let file = AlignedBytes(bytes)
      let model = try FirmwareModel(reading: file.bytes)
      for set in InstructionSet.allCases {
        // The definition is slow; one form of each model will do.
        guard let kernels = set.kernels, set != .scalar || form == 0 else { continue }
        for threads in set == .scalar ? [1] : [1, 2, 3] {
          let interpreter = try Interpreter(model, kernels: kernels, threads: threads)
          for item in record.cases {
            let input = [UInt8](try Data(contentsOf: golden.appendingPathComponent(item.inputFile)))
            let expected = try Data(contentsOf: golden.appendingPathComponent("\(item.name).out.ref.bin"))
            #expect(interpreter.infer(input) == [UInt8](expected), "\(folder) \(item.name) \(set.name)")
            compared += 1
          }
        }
      }
    }
  }
  print("\(compared) golden outputs compared")
  #expect(compared > 0)
}
