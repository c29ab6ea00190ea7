/// Why a source model can't be compiled.
public enum CompilerError: Error, Equatable {
  /// The file is not what it should be: the byte offset, and what was wrong there.
  case malformed(offset: Int, String)
  /// Operators or tensors that can't be expressed: every one of them, with what to do about it.
  case unsupported([Problem])
  /// An option does not fit the model.
  case option(String)

  /// One obstacle.
  public struct Problem: Equatable, Sendable {
    /// Where: "operator 3 (NEG)".
    public var place: String
    /// What is wrong, and the remedy.
    public var reason: String

    public init(place: String, reason: String) {
      self.place = place
      self.reason = reason
    }
  }
}

extension CompilerError: CustomStringConvertible {
  /// One line for each thing that is wrong.
  public var lines: [String] {
    switch self {
    case .malformed(let offset, let reason): ["at byte \(offset): \(reason); export the model again"]
    case .option(let reason): [reason]
    case .unsupported(let problems): problems.map { "\($0.place): \($0.reason)" }
    }
  }

  public var description: String { lines.joined(separator: "\n") }
}
