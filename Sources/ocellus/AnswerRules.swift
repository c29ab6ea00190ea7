import Camera
import Platform
import Runtime

/// Which pictures are looked at, which answers are reported, and how much of them.
final class AnswerRules {
  /// Pictures to look at.
  let limit: Int
  private let leastScore: Int64
  var pace: Pace
  private var stand: LabelStand
  /// The classes that are named, best first, once an answer was looked at; before them `Classifier.unknown`, where the
  /// picture is like none of their photographs.
  let top: UnsafeMutableBufferPointer<Int>
  /// Pictures looked at so far.
  private(set) var frames = 0

  init(_ arguments: Arguments, classes: Int) throws(Failure) {
    let count = try arguments.integer("--top", 1...1000, default: 5)
    limit = try arguments.integer("--count", 1...1_000_000_000, default: Int.max)
    leastScore = try arguments.fraction("--min-score", default: 0)
    stand = try LabelStand(arguments)
    pace = try Pace(arguments)
    top = .allocate(capacity: min(count, classes))
  }

  deinit { top.deallocate() }

  var isDone: Bool { frames >= limit }

  /// Counts the answer that the classifier holds.
  ///
  /// - Returns: Its number, where it is to be reported.
  func look(at classifier: borrowing Classifier) -> Int? {
    classifier.scores.select(classifier.output, into: top)
    if classifier.isUnknown(best: top[0]) { putUnknownFirst() }
    let number = frames
    frames += 1
    // That a picture is unknown is no question of its score.
    let isLabelled = top[0] == Classifier.unknown || classifier.score(top[0]) >= leastScore
    return stand.shows(isLabelled ? top[0] : nil) ? number : nil
  }

  /// The classes move down a place; the last makes room.
  private func putUnknownFirst() {
    for position in stride(from: top.count - 1, to: 0, by: -1) { top[position] = top[position - 1] }
    top[0] = Classifier.unknown
  }
}
