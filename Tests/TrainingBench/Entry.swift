import Kernels
import Platform
import Runtime

/// What the inner loops of training take, on the definitions and on the best instruction set there is. The clock is read
/// before and after each run, which is how `arm_training.py` tells them apart.
///
/// - Parameter isOnce: One timed run of each kernel, and none of the definitions' products, which take long.
/// - Returns: The exit status.
private func runAll(isOnce: Bool) -> Int32 {
  var text = TextWriter.standardOutput
  let memory = BenchMemory()
  if !isOnce { text.write("kernel\tshape\tscalar, ns\tbest, ns\toperations\toperations a ns\n") }
  for item in BenchCase.all {
    text.write(item.kernel.name)
    text.write("\t")
    for (index, extent) in item.extents.enumerated() {
      if index > 0 { text.write("x") }
      text.write(extent)
    }
    text.write("\t")
    let best = time(item, InstructionSet.best.kernels!.training, memory, isOnce: isOnce)
    if isOnce {
      text.write(item.operations)
    } else {
      text.write(time(item, .scalar, memory, isOnce: false))
      text.write("\t")
      text.write(best)
      text.write("\t")
      text.write(item.operations)
      text.write("\t")
      let hundredths = item.operations * 100 / max(best, 1)
      text.write(hundredths / 100)
      text.write(hundredths % 100 < 10 ? ".0" : ".")
      text.write(hundredths % 100)
    }
    text.write("\n")
    text.flush()
  }
  return 0
}

/// The nanoseconds of the fastest of several runs, after one in vain.
private func time(_ item: BenchCase, _ kernels: TrainingKernels, _ memory: BenchMemory, isOnce: Bool) -> Int {
  var fastest = Int64.max
  let begin = Clock.nanoseconds
  var runs = 0
  repeat {
    let start = Clock.nanoseconds
    item.run(kernels, memory)
    let end = Clock.nanoseconds
    if runs > 0 { fastest = min(fastest, end - start) }
    runs += 1
  } while runs < 2 || (!isOnce && runs < 1000 && Clock.nanoseconds - begin < 100_000_000)
  return Int(fastest)
}

#if hasFeature(Embedded)
  // The name that SwiftPM gives a program's `main` when it links.
  @_cdecl("training_bench_main")
  public func entry(
    _ count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32 {
    runAll(isOnce: count > 1)
  }
#else
  import CLinux

  @main
  struct Entry {
    static func main() { _exit(runAll(isOnce: CommandLine.arguments.count > 1)) }
  }
#endif
