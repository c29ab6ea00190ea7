import ArgumentParser
import FirmwareModel
import Foundation
import ModelCompiler
import Platform

/// A file that could not be compiled, and why.
struct CompileFailure: Error {
  var path: String
  var reasons: [String]

  func report() {
    for reason in reasons { printError("ocellusc: \(path): \(reason)") }
  }
}

/// Writes a line to standard error.
func printError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// `ocellusc compile MODEL.tflite -o M.ocm`
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compiles a quantised TFLite model into a firmware model (.ocm).")

  @Argument(help: "The source model: an int8 or uint8 .tflite file.")
  var model: String

  @Option(name: .shortAndLong, help: "The firmware model to write.")
  var output: String

  @Option(help: "Labels, one a line.")
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "The real values of pixel 0 and 255 that the network expects: LOW,HIGH or imagenet.",
      discussion: "By default what the model's own quantisation says."))
  var inputRange: String?

  @Option(help: "The part of a picture that the network sees: center, stretch or letterbox.")
  var crop: String = "center"

  func validate() throws {
    if let inputRange, InputRange(inputRange) == nil {
      throw ValidationError("--input-range takes LOW,HIGH (two different numbers) or imagenet.")
    }
    if Compile.crops[crop] == nil {
      throw ValidationError("--crop takes center, stretch or letterbox.")
    }
  }

  private static let crops: [String: ImageInput.Crop] = [
    "center": .center, "stretch": .stretch, "letterbox": .letterbox,
  ]

  func run() throws {
    let bytes = try read(model)
    var options = CompilerOptions(source: (model as NSString).lastPathComponent)
    options.inputRange = inputRange.flatMap { InputRange($0) }
    options.crop = Compile.crops[crop]!
    if let labels { options.labels = try readLabels(labels) }
    let file: [UInt8]
    do {
      file = try Compiler.compile(tflite: bytes, options: options)
    } catch { throw CompileFailure(path: model, reasons: error.lines) }
    do { try File.write(file, to: output) } catch {
      throw CompileFailure(path: output, reasons: [String(cString: error.text)])
    }
  }

  private func read(_ path: String) throws -> [UInt8] {
    do { return try File.read(path, limit: 1 << 31) } catch {
      throw CompileFailure(
        path: path,
        reasons: [error.code == 27 ? "the file is larger than 2 GiB" : String(cString: error.text)])
    }
  }

  /// A line for each label; an empty last line is no label.
  private func readLabels(_ path: String) throws -> [String] {
    let text = String(decoding: try read(path), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.hasSuffix("\r") ? String($0.dropLast()) : String($0)
    }
    if lines.last == "" { lines.removeLast() }
    guard !lines.isEmpty else { throw CompileFailure(path: path, reasons: ["it has no labels"]) }
    return lines
  }
}
