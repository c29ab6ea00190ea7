import FirmwareModel
import Kernels
import Platform
import Runtime

/// `ocellus bench`: times inferences on an input of changing bytes.
func benchCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list,
    known: [
      .init("--model"), .init("--threads"), .init("--runs"), .init("--warmup"), .init("--kernels"),
      .init("--profile", takesValue: false), .init("--json", takesValue: false),
    ])
  if let operand = arguments.operands.first { throw .usage("unexpected argument", operand) }
  let runs = try arguments.integer("--runs", 0...1_000_000, default: 50)
  let warmup = runs == 0 ? 0 : try arguments.integer("--warmup", 0...1_000_000, default: 5)
  let loaded = try LoadedModel(arguments)
  let interpreter = loaded.interpreter
  let steps = arguments.has("--profile") ? interpreter.model.operators.count : 0
  // All that the timed runs write to is allocated here.
  var times = [Int64](repeating: 0, count: runs)
  var processTimes = [Int64](repeating: 0, count: runs)
  var stepTimes = [Int64](repeating: 0, count: steps * runs)
  for _ in 0..<warmup {
    fillInputs(interpreter)
    interpreter.run()
  }
  for index in 0..<runs {
    fillInputs(interpreter)
    let processStart = Clock.processMicroseconds
    let start = Clock.microseconds
    if steps == 0 {
      interpreter.run()
    } else {
      var before = Clock.nanoseconds
      for step in 0..<steps {
        interpreter.run(step: step)
        let now = Clock.nanoseconds
        stepTimes[step * runs + index] = now - before
        before = now
      }
    }
    times[index] = Clock.microseconds - start
    processTimes[index] = Clock.processMicroseconds - processStart
  }
  times.sort()
  processTimes.sort()
  let summary = Summary(times: times, processTimes: processTimes)
  var text = TextWriter.standardOutput
  if arguments.has("--json") {
    summary.writeJSON(loaded, &text)
  } else {
    summary.writeText(loaded, &text)
  }
  for step in 0..<steps where runs > 0 {
    var own = Array(stepTimes[step * runs..<(step + 1) * runs])
    own.sort()
    writeStep(interpreter, step, own[runs / 2], isJSON: arguments.has("--json"), &text)
  }
  text.flush()
}

/// Writes the same pseudo-random bytes to the inputs.
private func fillInputs(_ interpreter: Interpreter) {
  var state: UInt32 = 1
  for index in interpreter.model.inputs.indices {
    let input = interpreter.input(index)
    for position in 0..<input.count {
      state = state &* 1_664_525 &+ 1_013_904_223
      input[position] = UInt8(state >> 24)
    }
  }
}

/// The distribution of a run's times.
private struct Summary {
  let times: [Int64]
  let processTimes: [Int64]

  /// The value below which `percent` of the sorted times lie.
  private func percentile(_ percent: Int, of sorted: [Int64]) -> Int64 {
    sorted.isEmpty ? 0 : sorted[min(sorted.count * percent / 100, sorted.count - 1)]
  }

  func writeJSON(_ loaded: borrowing LoadedModel, _ text: inout TextWriter) {
    text.write("{\"model\":")
    text.write(json: loaded.path)
    field("threads", Int64(loaded.interpreter.threads), &text)
    text.write(",\"kernels\":\"")
    text.write(loaded.instructionSet.name)
    text.write("\"")
    field("runs", Int64(times.count), &text)
    field("min_us", times.first ?? 0, &text)
    field("median_us", percentile(50, of: times), &text)
    field("p90_us", percentile(90, of: times), &text)
    field("p99_us", percentile(99, of: times), &text)
    field("process_min_us", processTimes.first ?? 0, &text)
    field("process_median_us", percentile(50, of: processTimes), &text)
    field("macs", Int64(clamping: loaded.model.multiplyAccumulates), &text)
    field("arena_bytes", Int64(loaded.interpreter.plan.arenaBytes), &text)
    field("weights_bytes", Int64(loaded.interpreter.plan.weightsBytes), &text)
    field("load_us", loaded.loadMicroseconds, &text)
    text.write("}\n")
  }

  private func field(_ name: StaticString, _ value: Int64, _ text: inout TextWriter) {
    text.write(",\"")
    text.write(name)
    text.write("\":")
    text.write(value)
  }

  func writeText(_ loaded: borrowing LoadedModel, _ text: inout TextWriter) {
    text.write(loaded.path)
    text.write(": ")
    text.write(times.count)
    text.write(" runs, ")
    text.write(loaded.interpreter.threads)
    text.write(loaded.interpreter.threads == 1 ? " thread, " : " threads, ")
    text.write(loaded.instructionSet.name)
    text.write(" kernels\n")
    line("  least     ", times.first ?? 0, " µs\n", &text)
    line("  median    ", percentile(50, of: times), " µs\n", &text)
    line("  90 %      ", percentile(90, of: times), " µs\n", &text)
    line("  99 %      ", percentile(99, of: times), " µs\n", &text)
    line("  processor ", percentile(50, of: processTimes), " µs (median, all threads)\n", &text)
    line("  load      ", loaded.loadMicroseconds, " µs\n", &text)
    line("  work      ", Int64(clamping: loaded.model.multiplyAccumulates), " multiply-accumulates\n", &text)
    line("  arena     ", Int64(loaded.interpreter.plan.arenaBytes), " bytes\n", &text)
    line("  weights   ", Int64(loaded.interpreter.plan.weightsBytes), " bytes, packed\n", &text)
  }

  private func line(
    _ name: StaticString, _ value: Int64, _ unit: StaticString, _ text: inout TextWriter
  ) {
    text.write(name)
    text.write(value)
    text.write(unit)
  }
}

/// One operator's line of a profile.
private func writeStep(
  _ interpreter: Interpreter, _ step: Int, _ nanoseconds: Int64, isJSON: Bool,
  _ text: inout TextWriter
) {
  let record = interpreter.model.operators[step]
  if isJSON {
    text.write("{\"index\":")
    text.write(step)
    text.write(",\"operator\":\"")
    text.write(record.name.text)
    text.write("\",\"median_ns\":")
    text.write(nanoseconds)
    text.write("}\n")
    return
  }
  text.write("  ")
  text.write(step)
  text.write(" ")
  text.write(record.name.text)
  text.write(" ")
  text.write(nanoseconds)
  text.write(" ns\n")
}
