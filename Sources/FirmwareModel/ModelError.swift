/// Why bytes are not a model: where in the file, what was being read, what it should have been.
public struct ModelError: Error, Equatable {
  /// Offset into the file of the value that is wrong.
  public var offset: Int
  /// What was being read, for example "operator 12, weights".
  public var subject: Subject
  /// What the format requires there.
  public var expected: StaticText
  /// The value found.
  public var found: Int

  public init(offset: Int, subject: Subject, expected: StaticString, found: Int) {
    self.offset = offset
    self.subject = subject
    self.expected = StaticText(expected)
    self.found = found
  }

  /// The part of the file an error is about.
  public enum Subject: Equatable, Sendable {
    case header
    case tensor(Int)
    case `operator`(Int)
    case border(Int)
    case labels
    case image
    case classMeans
  }
}

/// A `StaticString` that can be compared (by identity of its bytes), so that errors are `Equatable`.
public struct StaticText: Equatable, Sendable {
  public let text: StaticString
  public init(_ text: StaticString) { self.text = text }
  public static func == (a: StaticText, b: StaticText) -> Bool {
    a.text.utf8CodeUnitCount == b.text.utf8CodeUnitCount && a.text.utf8Start == b.text.utf8Start
  }
}
