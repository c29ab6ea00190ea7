import Camera
import Platform

/// `ocellus cameras`: what cameras there are, what they can do, and what is wrong with them.
func camerasCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(list, known: [.init("--json", takesValue: false)])
  if let operand = arguments.operands.first { throw .usage("unexpected argument", operand) }
  let report = CameraReport(KernelSystem())
  var text = TextWriter.standardOutput
  if arguments.has("--json") {
    report.writeJSON(&text)
  } else {
    report.writeText(&text)
  }
  text.flush()
  // What is wrong has been said.
  if !report.hasUsableCamera { throw .reported }
}
