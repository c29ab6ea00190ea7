import Platform
import Runtime
import TestSupport

/// Runs the cases of a container on standard input, on every instruction set of this processor, and compares each
/// with what the host knows of it.
///
/// - Returns: The exit status.
private func runCases() -> Int32 {
  var text = TextWriter.standardOutput
  let cases: [ConformanceCase]
  do { cases = try ConformanceCase.read("/dev/stdin") } catch {
    text.write("board-runner: no container of cases on standard input\n")
    text.flush()
    return 2
  }
  var pictures = PictureReader()
  var failed = 0
  for item in cases {
    // Each is named before it runs: if the program dies, the last one named killed it.
    for byte in item.name.utf8 { text.write(byte: byte) }
    text.flush()
    if let problem = problem(item, &pictures) {
      failed += 1
      text.write(" FAILED: ")
      text.write(problem)
    }
    text.write("\n")
  }
  text.write(cases.count - failed)
  text.write(" passed, ")
  text.write(failed)
  text.write(" failed\n")
  text.flush()
  return failed == 0 ? 0 : 1
}

/// What is wrong with a case, or nil.
private func problem(_ item: ConformanceCase, _ pictures: inout PictureReader) -> StaticString? {
  guard let kind = BoardCaseKind(name: item.name) else { return "unknown kind" }
  if kind == .anyPicture {
    return verdict(pictures.exercise(item.model)) == item.expected ? nil : "not what the host has"
  }
  for set in InstructionSet.allCases {
    guard let kernels = set.kernels else { continue }
    if kind == .anyModel {
      let (outcome, checksum) = exercise(item.model, set)
      guard verdict(outcome, checksum: checksum) == item.expected else { return set.name }
      continue
    }
    // The definition is slow; small models will do where there are other sets.
    if set == .scalar && InstructionSet.best != .scalar && item.model.count > 1 << 16 { continue }
    let file = AlignedBytes(item.model)
    for threads in set == .scalar ? [1] : [1, 2] {
      guard let output = try? runModel(file, input: item.input, kernels: kernels, threads: threads) else {
        return "refused"
      }
      guard output == item.expected else { return set.name }
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
    runCases()
  }
#else
  import CLinux

  @main
  struct Entry {
    static func main() { _exit(runCases()) }
  }
#endif
