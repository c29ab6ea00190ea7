import KernelChecks
import Platform
import Runtime
import TestSupport

/// Checks the kernels of this processor's instruction sets, then runs the cases of a container on standard input on
/// each of them and compares them with what the host knows.
///
/// - Returns: The exit status.
private func runAll() -> Int32 {
  var report = Report()
  for check in KernelCheck.all {
    report.begin("\(check.name)")
    let failures = check.run()
    report.end(isRight: failures.isEmpty)
    for failure in failures { report.add(failure) }
  }
  do {
    var pictures = PictureReader()
    for item in try ConformanceCase.read("/dev/stdin") {
      report.begin(item.name)
      let problem = problem(item, &pictures)
      report.end(isRight: problem == nil)
      if let problem { report.add(problem) }
    }
  } catch {
    report.begin("a container of cases on standard input")
    report.end(isRight: false)
  }
  return report.finish()
}

/// What the runner prints: each check's name before it runs (if the program dies, the last one named killed it).
private struct Report: ~Copyable {
  private var text = TextWriter.standardOutput
  private var passed = 0
  private var failed = 0

  mutating func add(_ string: String) {
    for byte in string.utf8 { text.write(byte: byte) }
    text.write("\n")
  }

  mutating func begin(_ name: String) {
    for byte in name.utf8 { text.write(byte: byte) }
    text.flush()
  }

  mutating func end(isRight: Bool) {
    text.write(isRight ? "\n" : " FAILED\n")
    if isRight { passed += 1 } else { failed += 1 }
  }

  /// - Returns: The exit status.
  mutating func finish() -> Int32 {
    text.write(passed)
    text.write(" passed, ")
    text.write(failed)
    text.write(" failed\n")
    text.flush()
    return failed == 0 ? 0 : 1
  }
}

/// What is wrong with a case, or nil.
private func problem(_ item: ConformanceCase, _ pictures: inout PictureReader) -> String? {
  guard let kind = BoardCaseKind(name: item.name) else { return "unknown kind" }
  if kind == .anyPicture {
    return verdict(pictures.exercise(item.model)) == item.expected ? nil : "not what the host has"
  }
  for set in InstructionSet.allCases {
    guard let kernels = set.kernels else { continue }
    if kind == .anyModel {
      let (outcome, checksum) = exercise(item.model, set)
      guard verdict(outcome, checksum: checksum) == item.expected else { return "\(set.name)" }
      continue
    }
    // The definition is slow; small models will do where there are other sets.
    if set == .scalar && InstructionSet.best != .scalar && item.model.count > 1 << 16 { continue }
    let file = AlignedBytes(item.model)
    for threads in set == .scalar ? [1] : [1, 2] {
      guard let output = try? runModel(file, input: item.input, kernels: kernels, threads: threads) else {
        return "refused"
      }
      guard output == item.expected else { return "\(set.name)" }
    }
  }
  return nil
}

#if hasFeature(Embedded)
  // The name that SwiftPM gives a program's `main` when it links.
  @_cdecl("board_runner_main")
  public func entry(
    _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32 {
    runAll()
  }
#else
  import CLinux

  @main
  struct Entry {
    static func main() { _exit(runAll()) }
  }
#endif
