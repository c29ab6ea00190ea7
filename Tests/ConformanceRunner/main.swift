// Compiles and runs every case of the given containers, on every instruction set of this machine and on several
// threads, and compares the output with LiteRT's byte for byte.
import FirmwareModel
import Foundation
import HostTestSupport
import ModelCompiler
import Runtime
import TestSupport

var passed = 0
var failed = 0
var inStrips = 0
var failures: [String: Int] = [:]
let sets = InstructionSet.allCases.filter { $0.kernels != nil }

/// What is wrong with a case in any of its forms, or nil.
@MainActor func check(_ item: ConformanceCase) -> String? {
  let files: [[UInt8]]
  do { files = try compiledForms(item.model) } catch { return "compile: \(error)" }
  if files.count > 1 { inStrips += 1 }
  for file in files {
    if let problem = check(AlignedBytes(file), item) { return problem }
  }
  return nil
}

/// What is wrong with one form of a case, or nil.
func check(_ file: AlignedBytes, _ item: ConformanceCase) -> String? {
  for set in sets {
    for threads in [1, 2, 3] {
      do {
        let output = try runModel(file, input: item.input, kernels: set.kernels!, threads: threads)
        if output != item.expected {
          let wrong = zip(output, item.expected).filter { $0 != $1 }.count
          return "\(set.name), \(threads) threads: \(wrong) of \(item.expected.count) bytes differ"
            + (output.count == item.expected.count ? "" : " and \(output.count) bytes came")
        }
      } catch { return "\(set.name): \(error)" }
    }
  }
  return nil
}

let paths = CommandLine.arguments.dropFirst()
guard !paths.isEmpty else {
  print("usage: conformance FILE.cases…")
  exit(2)
}
for path in paths {
  let cases = try ConformanceCase.read(path)
  for item in cases {
    if let problem = check(item) {
      failed += 1
      failures[String(item.name.prefix { $0 != "/" }), default: 0] += 1
      print("FAILED \(item.name): \(problem)")
    } else {
      passed += 1
    }
  }
}
for (name, count) in failures.sorted(by: { $0.key < $1.key }) { print("\(name): \(count) failed") }
print("\(inStrips) of them also with all that can be handed on in strips")
print("\(passed) passed, \(failed) failed")
exit(failed == 0 ? 0 : 1)
