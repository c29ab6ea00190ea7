import Foundation
import ModelCompiler
import TestSupport

/// What is mutated: small models, and pictures.
public struct Corpus {
  /// TFLite models.
  public let sources: [[UInt8]]
  /// The same compiled, in every form, and a model that was taught.
  public let models: [[UInt8]]
  public let pictures: [[UInt8]]

  /// Reads the package's own test data.
  public init(_ packageRoot: URL) throws {
    let cases = try ConformanceCase.read(
      packageRoot.appendingPathComponent("Tests/Conformance/sample.cases").path)
    sources = cases.map(\.model).filter { $0.count < 6000 }
    models = sources.compactMap { try? compiledForms($0) }.flatMap(\.self) + [taughtModel()]
    let folder = packageRoot.appendingPathComponent("Tests/ImagingTests/Vectors")
    pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".jpg") }
      .map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
  }
}
