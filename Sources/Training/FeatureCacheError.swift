import Platform

/// Why features could not be cached.
public enum FeatureCacheError: Error, Equatable {
  /// The disk has no room for the file, of so many bytes, and memory none for all entries.
  case diskFull(bytes: Int64)
  /// The disk gives other bytes than were stored; the entry has to be made again.
  case damaged(entry: Int)
  case system(SystemError)

  /// What is wrong and what helps, for a message that also names the file.
  public var text: StaticString {
    switch self {
    case .diskFull: "no room on the disk for the cached features; free some, or allow more memory"
    case .damaged: "cached features changed on the disk, which may be failing; use another one"
    case .system: "the file of cached features can't be used"
    }
  }
}
