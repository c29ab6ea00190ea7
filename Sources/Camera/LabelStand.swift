/// Whether a label has stood for long enough to be reported: an answer that changes with every frame is none.
public struct LabelStand: Sendable {
  /// Frames that a label has to stand; 0 where every frame is reported.
  private let needed: Int
  private var label: Int?
  private var count = 0

  /// - Parameter frames: 0 where every frame is reported.
  public init(frames: Int) { needed = frames }

  /// Takes the next frame's label, nil where there is none.
  ///
  /// - Returns: Whether it is reported: once for each time that it stands.
  public mutating func shows(_ next: Int?) -> Bool {
    if needed == 0 { return next != nil }
    if next != label { count = 0 }
    label = next
    if count <= needed { count += 1 }
    return next != nil && count == needed
  }
}
