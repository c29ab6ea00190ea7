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
  loaded.finishLoading()
  let interpreter = loaded.interpreter
  let steps = arguments.has("--profile") ? interpreter.model.operators.count : 0
  // All that the timed runs write to is allocated here, in as many blocks whatever the number of runs.
  var times = [Int64](repeating: 0, count: runs + 1)
  var processTimes = [Int64](repeating: 0, count: runs + 1)
  var stepTimes = [Int64](repeating: 0, count: steps * runs + 1)
  let inputs = BenchInputs(interpreter)
  for _ in 0..<warmup {
    inputs.write(to: interpreter)
    interpreter.run()
  }
  for index in 0..<runs {
    inputs.write(to: interpreter)
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
  sortInPlace(&times, 0..<runs)
  sortInPlace(&processTimes, 0..<runs)
  let summary = Summary(times: times, processTimes: processTimes, runs: runs)
  var text = TextWriter.standardOutput
  if arguments.has("--json") {
    summary.writeJSON(loaded, &text)
  } else {
    summary.writeText(loaded, &text)
  }
  for step in 0..<steps where runs > 0 {
    sortInPlace(&stepTimes, step * runs..<(step + 1) * runs)
    writeStep(
      interpreter, step, stepTimes[step * runs + runs / 2], isJSON: arguments.has("--json"), &text)
  }
  text.flush()
}

/// Pseudo-random bytes, the same ones for every inference: inputs may share memory with what is computed later.
private struct BenchInputs {
  private let bytes: [UInt8]

  init(_ interpreter: Interpreter) {
    var state: UInt32 = 1
    var bytes: [UInt8] = []
    for index in interpreter.model.inputs.indices {
      for _ in 0..<interpreter.input(index).count {
        state = state &* 1_664_525 &+ 1_013_904_223
        bytes.append(UInt8(state >> 24))
      }
    }
    self.bytes = bytes
  }

  func write(to interpreter: Interpreter) {
    bytes.withUnsafeBytes { bytes in
      var start = 0
      for index in interpreter.model.inputs.indices {
        let input = interpreter.input(index)
        input.baseAddress?.copyMemory(from: bytes.baseAddress! + start, byteCount: input.count)
        start += input.count
      }
    }
  }
}

/// Sorts a part of an array by heap sort, which needs no memory of its own.
private func sortInPlace(_ values: inout [Int64], _ range: Range<Int>) {
  func sink(_ root: Int, _ count: Int) {
    var parent = root
    while 2 * parent + 1 < count {
      var child = 2 * parent + 1
      let first = range.lowerBound
      if child + 1 < count && values[first + child + 1] > values[first + child] { child += 1 }
      if values[first + parent] >= values[first + child] { return }
      values.swapAt(first + parent, first + child)
      parent = child
    }
  }
  for root in stride(from: range.count / 2, through: 0, by: -1) { sink(root, range.count) }
  for count in stride(from: range.count - 1, to: 0, by: -1) {
    values.swapAt(range.lowerBound, range.lowerBound + count)
    sink(0, count)
  }
}

/// The distribution of a run's times, which are sorted.
private struct Summary {
  let times: [Int64]
  let processTimes: [Int64]
  let runs: Int

  /// The value below which `percent` of the times lie.
  private func percentile(_ percent: Int, of sorted: [Int64]) -> Int64 {
    runs == 0 ? 0 : sorted[min(runs * percent / 100, runs - 1)]
  }

  func writeJSON(_ loaded: LoadedModel, _ text: inout TextWriter) {
    text.write("{\"model\":")
    text.write(json: loaded.path)
    field("threads", Int64(loaded.interpreter.threads), &text)
    text.write(",\"kernels\":\"")
    text.write(loaded.instructionSet.name)
    text.write("\"")
    field("runs", Int64(runs), &text)
    field("min_us", percentile(0, of: times), &text)
    field("median_us", percentile(50, of: times), &text)
    field("p90_us", percentile(90, of: times), &text)
    field("p99_us", percentile(99, of: times), &text)
    field("process_min_us", percentile(0, of: processTimes), &text)
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

  func writeText(_ loaded: LoadedModel, _ text: inout TextWriter) {
    text.write(loaded.path)
    text.write(": ")
    text.write(runs)
    text.write(" runs, ")
    text.write(loaded.interpreter.threads)
    text.write(loaded.interpreter.threads == 1 ? " thread, " : " threads, ")
    text.write(loaded.instructionSet.name)
    text.write(" kernels\n")
    line("  least     ", percentile(0, of: times), " µs\n", &text)
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
    if interpreter.isChained(step: step) { text.write(",\"runs_with_next\":true") }
    text.write("}\n")
    return
  }
  text.write("  ")
  text.write(step)
  text.write(" ")
  text.write(record.name.text)
  text.write(" ")
  if interpreter.isChained(step: step) {
    text.write("together with the next\n")
    return
  }
  text.write(nanoseconds)
  text.write(" ns\n")
}
