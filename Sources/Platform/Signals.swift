import CLinux

/// Signals that a program looks at when it has time, instead of being ended by them.
public struct Signals: OptionSet, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Start anew: `SIGHUP`.
  public static let hangUp = Signals(rawValue: 1 << 1)
  /// End: `SIGINT` and `SIGTERM`.
  public static let end = Signals(rawValue: 1 << 2 | 1 << 15)

  /// From now on they are noted. Waiting calls return early when one comes; a second request to end that finds the
  /// first not looked at ends the program at once. Writing to a pipe that nobody reads is an error, and no signal.
  public static func note() { ocellus_catch_signals() }

  /// What has come and was not taken.
  public static var noted: Signals { Signals(rawValue: ocellus_noted_signals()) }

  /// What has come since the last call.
  public static func take() -> Signals { Signals(rawValue: ocellus_take_signals()) }
}
