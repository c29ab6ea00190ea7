import Platform
import Training

/// What a plan says before the run.
extension FinetunePlan {
  func report(isJSON: Bool, _ mostBlocks: Int?) {
    var text = TextWriter.standardOutput
    if isJSON { writeJSON(&text) } else { writeText(&text, mostBlocks) }
    text.flush()
  }

  /// Photographs of an epoch, as far as can be told before they are read: four fifths.
  private var learned: Int { photographs - photographs / 5 }
  private var steps: Int { (learned + learning.options.batch - 1) / learning.options.batch }

  /// Estimated from what the parts took on this machine a moment ago.
  var epochMicroseconds: Int64 {
    Int64(learned) * times.imageMicroseconds + Int64(steps) * times.stepMicroseconds
  }

  private var cacheBytes: Int { memoryEntries * learning.entryBytes }

  private func writeText(_ text: inout TextWriter, _ mostBlocks: Int?) {
    text.write(photographs)
    text.write(" photographs of ")
    text.write(classes)
    text.write(" classes\nlearns    ")
    if let blocks = learning.blocks {
      text.write(blocks)
      text.write(" of ")
      text.write(mostBlocks ?? 0)
      text.write(" blocks, what comes after them, and the classes")
    } else {
      text.write("the classes alone")
    }
    text.write(": ")
    text.write(learning.weights)
    text.write(" weights; patch ")
    text.write(learning.options.patch)
    text.write(", mini-batch ")
    text.write(learning.options.batch)
    text.write(", ")
    text.write(epochs)
    text.write(" epochs\nmemory    weights ")
    text.write(learning.memory.modelBytes + learning.memory.interpreterBytes)
    text.write(", masters and momentum ")
    text.write(learning.memory.stateBytes)
    text.write(", saved patches ")
    text.write(learning.memory.savedBytes)
    text.write(", errors and sums ")
    text.write(learning.memory.workspaceBytes)
    text.write(": ")
    text.write(learning.memory.total)
    text.write(" bytes\n          before that the frozen part: ")
    text.write(learning.frozenBytes)
    text.write(" bytes\ncache     ")
    text.write(photographs * views)
    text.write(" views of ")
    text.write(learning.entryBytes)
    text.write(" bytes, ")
    text.write(memoryEntries)
    text.write(" of them in memory: ")
    text.write(cacheBytes)
    text.write(" bytes\nwork      ")
    text.write(learning.frozenWork)
    text.write(" multiply-accumulates for each view once; ")
    text.write(learning.forwardWork)
    text.write(" there and ")
    text.write(learning.backwardWork)
    text.write(" back for each photograph of an epoch\ntime      about ")
    text.write(seconds: Int64(photographs * views) * times.frozenMicroseconds)
    text.write(" s for the views, decoding left out, then ")
    text.write(seconds: epochMicroseconds)
    text.write(" s an epoch\n")
  }

  private func writeJSON(_ text: inout TextWriter) {
    text.write("{\"plan\":{\"photographs\":")
    text.write(photographs)
    text.write(",\"classes\":")
    text.write(classes)
    text.write(",\"blocks\":")
    if let blocks = learning.blocks { text.write(blocks) } else { text.write("null") }
    text.write(",\"patch\":")
    text.write(learning.options.patch)
    text.write(",\"batch\":")
    text.write(learning.options.batch)
    text.write(",\"epochs\":")
    text.write(epochs)
    text.write(",\"views\":")
    text.write(views)
    text.write(",\"weights\":")
    text.write(learning.weights)
    text.write(",\"weights_bytes\":")
    text.write(learning.memory.modelBytes + learning.memory.interpreterBytes)
    text.write(",\"masters_bytes\":")
    text.write(learning.memory.stateBytes)
    text.write(",\"saved_bytes\":")
    text.write(learning.memory.savedBytes)
    text.write(",\"workspace_bytes\":")
    text.write(learning.memory.workspaceBytes)
    text.write(",\"frozen_bytes\":")
    text.write(learning.frozenBytes)
    text.write(",\"cache_bytes\":")
    text.write(cacheBytes)
    text.write(",\"peak_bytes\":")
    text.write(learning.peakBytes)
    text.write(",\"frozen_macs\":")
    text.write(learning.frozenWork)
    text.write(",\"forward_macs\":")
    text.write(learning.forwardWork)
    text.write(",\"backward_macs\":")
    text.write(learning.backwardWork)
    text.write(",\"epoch_us\":")
    text.write(epochMicroseconds)
    text.write("}}\n")
  }
}

extension TextWriter {
  /// Microseconds as seconds with a decimal.
  mutating func write(seconds microseconds: Int64) {
    let tenths = (microseconds + 50_000) / 100_000
    write(tenths / 10)
    write(".")
    write(tenths % 10)
  }
}
