import CLinux
import Platform

/// The program's commands.
private func run(_ arguments: [UnsafePointer<CChar>]) throws(Failure) {
  guard let command = arguments.first else { throw .usage("a command is missing", nil) }
  let rest = Array(arguments.dropFirst())
  if isText(command, "--help") || isText(command, "-h") || isText(command, "help") {
    Help.print(rest.first)
    return
  }
  for argument in rest where isText(argument, "--help") || isText(argument, "-h") {
    Help.print(command)
    return
  }
  if isText(command, "--version") {
    var text = TextWriter.standardOutput
    text.write("ocellus 0.1\n")
    text.flush()
  } else if isText(command, "classify") {
    try classifyCommand(rest)
  } else if isText(command, "evaluate") {
    try evaluateCommand(rest)
  } else if isText(command, "finetune") {
    try finetuneCommand(rest)
  } else if isText(command, "run") {
    try runCommand(rest)
  } else if isText(command, "bench") {
    try benchCommand(rest)
  } else if isText(command, "inspect") {
    try inspectCommand(rest)
  } else if isText(command, "cameras") {
    try camerasCommand(rest)
  } else {
    throw .usage("no such command", command)
  }
}

/// Runs the command line and gives the exit status.
private func main(
  _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  var arguments: [UnsafePointer<CChar>] = []
  for index in 1..<max(Int(count), 1) {
    if let argument = values[index] { arguments.append(UnsafePointer(argument)) }
  }
  do {
    try run(arguments)
    return 0
  } catch {
    error.report()
    return error.status
  }
}

#if hasFeature(Embedded)
  // The name that SwiftPM gives a program's `main` when it links.
  @_cdecl("ocellus_main")
  public func entry(
    _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32 {
    main(count, values)
  }
#else
  @main
  struct Entry {
    static func main() {
      _exit(ocellus.main(CommandLine.argc, CommandLine.unsafeArgv))
    }
  }
#endif
