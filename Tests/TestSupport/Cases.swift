import Platform

/// One model with an input and the output that LiteRT's reference kernels give.
public struct ConformanceCase {
  public var name: String
  public var model: [UInt8]
  /// The input, or several one after another.
  public var input: [UInt8]
  /// The output, or those of the inputs one after another.
  public var expected: [UInt8]

  public init(name: String, model: [UInt8], input: [UInt8], expected: [UInt8]) {
    self.name = name
    self.model = model
    self.input = input
    self.expected = expected
  }

  private static var magic: [UInt8] { Array("OCASES01".utf8) }

  /// Reads a container as `Tests/Conformance/generate.py` writes it.
  public static func read(_ path: String) throws(CasesError) -> [ConformanceCase] {
    let data: [UInt8]
    do { data = try File.read(Array(path.utf8CString), limit: Int.max) } catch {
      throw CasesError(path: path)
    }
    guard data.count >= 12, Array(data[0..<8]) == magic else { throw CasesError(path: path) }
    var offset = 8
    func word() throws(CasesError) -> Int {
      guard offset + 4 <= data.count else { throw CasesError(path: path) }
      var word = 0
      for byte in 0..<4 { word |= Int(data[offset + byte]) << (8 * byte) }
      offset += 4
      return word
    }
    func bytes() throws(CasesError) -> [UInt8] {
      let count = try word()
      guard offset + count <= data.count else { throw CasesError(path: path) }
      defer { offset += count }
      return Array(data[offset..<offset + count])
    }
    var cases: [ConformanceCase] = []
    for _ in 0..<(try word()) {
      let name = String(decoding: try bytes(), as: UTF8.self)
      cases.append(
        ConformanceCase(name: name, model: try bytes(), input: try bytes(), expected: try bytes()))
    }
    return cases
  }

  /// The container's bytes.
  public static func container(_ cases: [ConformanceCase]) -> [UInt8] {
    var data = magic
    func put(_ word: Int) {
      for byte in 0..<4 { data.append(UInt8(truncatingIfNeeded: word >> (8 * byte))) }
    }
    put(cases.count)
    for item in cases {
      for bytes in [Array(item.name.utf8), item.model, item.input, item.expected] {
        put(bytes.count)
        data += bytes
      }
    }
    return data
  }
}

/// A container of cases is damaged or cannot be read.
public struct CasesError: Error {
  public var path: String
}
