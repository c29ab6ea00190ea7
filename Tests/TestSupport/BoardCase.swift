/// How a board's case is checked, by the first part of its name.
public enum BoardCaseKind: String, CaseIterable {
  /// A compiled model, inputs, and LiteRT's outputs.
  case inference
  /// Bytes that may be a compiled model, and what became of them on the host (`Verdict`).
  case anyModel
  /// Bytes that may be a picture, and whether they were one on the host. Of damaged pictures libjpeg makes different
  /// pixels on different processors, so these are not compared.
  case anyPicture

  /// The kind of a case named `kind/…`.
  public init?(name: String) {
    for kind in BoardCaseKind.allCases where name.utf8.starts(with: (kind.rawValue + "/").utf8) {
      self = kind
      return
    }
    return nil
  }
}

/// What became of any bytes, as five bytes: the outcome and the checksum of what was computed from them.
public func verdict(_ outcome: Outcome, checksum: UInt32 = 0) -> [UInt8] {
  [outcome.rawValue] + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
}
