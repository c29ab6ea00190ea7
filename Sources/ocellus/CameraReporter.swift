import Camera
import Platform

/// Says on standard error what happens to a camera: each kind of fault once, its comings and goings each time.
struct CameraReporter: ~Copyable {
  private let name: UnsafePointer<CChar>
  private var told = FaultCounts()
  private var saveFailures = 0

  init(_ name: UnsafePointer<CChar>) { self.name = name }

  private static func isEachTime(_ fault: Fault) -> Bool { fault == .gone || fault == .back }

  /// Whether there is something to say.
  func hasNew(_ faults: FaultCounts) -> Bool {
    for fault in Fault.allCases where faults[fault] != told[fault] {
      if told[fault] == 0 || CameraReporter.isEachTime(fault) { return true }
    }
    return false
  }

  /// Says what is new.
  mutating func tell(_ faults: FaultCounts) {
    var text = TextWriter.standardError
    for fault in Fault.allCases where faults[fault] != told[fault] {
      if told[fault] > 0 && !CameraReporter.isEachTime(fault) { continue }
      begin(&text)
      text.write(fault.text)
      if !CameraReporter.isEachTime(fault) { text.write(" (the first time; the summary counts)") }
      text.write("\n")
    }
    text.flush()
    told = faults
  }

  private func begin(_ text: inout TextWriter) {
    text.write("ocellus: ")
    text.write(name)
    text.write(": ")
  }

  /// Says the first time that a frame could not be saved.
  mutating func tellNotSaved(_ failure: Failure) {
    saveFailures += 1
    if saveFailures > 1 { return }
    failure.report()
    var text = TextWriter.standardError
    begin(&text)
    text.write("a frame is not saved; going on (the first time; the summary counts)\n")
    text.flush()
  }

  /// Says what there was in all.
  func summarize(_ frames: Int, _ stream: CameraStream<KernelSystem>, _ latencies: LatencyCounts) {
    var text = TextWriter.standardError
    begin(&text)
    text.write(frames)
    text.write(" frames, ")
    text.write(stream.droppedFrames)
    text.write(" dropped, ")
    let faults = stream.faults
    var count = 0
    for fault in Fault.allCases where fault != .back { count += faults[fault] }
    text.write(count)
    text.write(" faults")
    var isFirst = true
    for fault in Fault.allCases where faults[fault] > 0 {
      text.write(isFirst ? " (" : ", ")
      isFirst = false
      text.write(fault.name)
      text.write(" ")
      text.write(faults[fault])
    }
    if !isFirst { text.write(")") }
    if saveFailures > 0 {
      text.write(", not saved ")
      text.write(saveFailures)
    }
    if latencies.total > 0 {
      text.write("; from capture to answer p50 ")
      write(latencies.percentile(50), &text)
      text.write(", p90 ")
      write(latencies.percentile(90), &text)
      text.write(", p99 ")
      write(latencies.percentile(99), &text)
    }
    text.write("\n")
    text.flush()
  }

  /// Microseconds as milliseconds with one decimal.
  private func write(_ microseconds: Int64, _ text: inout TextWriter) {
    text.write(microseconds / 1000)
    text.write(".")
    text.write(microseconds % 1000 / 100)
    text.write(" ms")
  }
}
