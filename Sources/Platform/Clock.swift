import CLinux

/// The system's clocks.
public enum Clock {
  /// Time since some start, never set back.
  public static var microseconds: Int64 { nanoseconds / 1000 }

  /// The same in nanoseconds.
  public static var nanoseconds: Int64 { read(OCELLUS_CLOCK_MONOTONIC.value) }

  /// Processor time of all the process's threads.
  public static var processMicroseconds: Int64 { read(OCELLUS_CLOCK_PROCESS_CPUTIME.value) / 1000 }

  private static func read(_ clock: Int32) -> Int64 {
    var time = ocellus_timespec(seconds: 0, nanoseconds: 0)
    clock_gettime(clock, &time)
    return Int64(time.seconds) * 1_000_000_000 + Int64(time.nanoseconds)
  }
}

/// The number of processors that are online.
public func onlineProcessors() -> Int {
  max(Int(sysconf(OCELLUS_PROCESSORS_ONLINE.value)), 1)
}
