import Foundation

/// One model with an input and the output that LiteRT's reference kernels give.
public struct ConformanceCase {
  public var name: String
  public var model: [UInt8]
  public var input: [UInt8]
  public var expected: [UInt8]

  /// Reads a container as `Tests/Conformance/generate.py` writes it.
  public static func read(_ path: String) throws -> [ConformanceCase] {
    let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard data.count >= 12, Array(data[0..<8]) == Array("OCASES01".utf8) else {
      throw CasesError(path: path)
    }
    var offset = 8
    func word() throws -> Int {
      guard offset + 4 <= data.count else { throw CasesError(path: path) }
      defer { offset += 4 }
      return (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
    }
    func bytes() throws -> [UInt8] {
      let count = try word()
      guard offset + count <= data.count else { throw CasesError(path: path) }
      defer { offset += count }
      return Array(data[offset..<offset + count])
    }
    return try (0..<word()).map { _ in
      ConformanceCase(
        name: String(decoding: try bytes(), as: UTF8.self), model: try bytes(), input: try bytes(),
        expected: try bytes())
    }
  }
}

/// A container of cases is damaged.
public struct CasesError: Error {
  public var path: String
}
