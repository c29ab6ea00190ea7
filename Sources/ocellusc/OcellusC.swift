import ArgumentParser

/// The host's program.
@main
struct OcellusC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocellusc", abstract: "Compiles quantised networks into firmware models for ocellus.",
    version: "0.1", subcommands: [Compile.self])

  /// Runs the command line; wrong usage exits with 2, like `ocellus`.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as CompileFailure {
      failure.report()
      exit(withError: ExitCode(1))
    } catch {
      let code = exitCode(for: error)
      if code == .validationFailure {
        printError(fullMessage(for: error))
        exit(withError: ExitCode(2))
      }
      exit(withError: error)
    }
  }
}
