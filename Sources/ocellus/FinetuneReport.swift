import Platform
import Training

/// What a fine-tuning run says while it runs and when it is done: lines on standard output, for people or as JSON;
/// progress on a terminal's standard error.
struct FinetuneReport {
  let isJSON: Bool
  /// Whether photographs were held out to judge; else those that were learned from judge themselves.
  var holdsOut = true
  private let showsProgress: Bool

  init(isJSON: Bool) {
    self.isJSON = isJSON
    showsProgress = TextWriter.standardError.isTerminal
  }

  private func showProgress(_ write: (inout TextWriter) -> Void) {
    if !showsProgress { return }
    var text = TextWriter.standardError
    text.write("\r\u{1B}[K")
    write(&text)
    text.flush()
  }

  private func clearProgress() { showProgress { _ in } }

  private func writeLeft(_ done: Int, of all: Int, since start: Int64, _ text: inout TextWriter) {
    guard done > 0 else { return }
    text.write(", ")
    text.write(seconds: (Clock.microseconds - start) * Int64(all - done) / Int64(done))
    text.write(" s left")
  }

  func reading(_ done: Int, of all: Int, since start: Int64) {
    guard done % 8 == 0 else { return }
    showProgress { text in
      text.write("photograph ")
      text.write(done)
      text.write(" of ")
      text.write(all)
      writeLeft(done, of: all, since: start, &text)
    }
  }

  func endReading(unreadable: Int) {
    clearProgress()
    guard unreadable > 0, !isJSON else { return }
    var text = TextWriter.standardOutput
    text.write(unreadable)
    text.write(unreadable == 1 ? " photograph" : " photographs")
    text.write(" can't be read and left out\n")
    text.flush()
  }

  func progress(step: Int, of all: Int, since start: Int64, first: Int) {
    showProgress { text in
      text.write("step ")
      text.write(step)
      text.write(" of ")
      text.write(all)
      writeLeft(step - first, of: all - first, since: start, &text)
    }
  }

  func resumed(step: Int, of all: Int) {
    var text = TextWriter.standardOutput
    if isJSON {
      text.write("{\"resumed\":")
      text.write(step)
      text.write(",\"steps\":")
      text.write(all)
      text.write("}\n")
    } else {
      text.write("goes on after step ")
      text.write(step)
      text.write(" of ")
      text.write(all)
      text.write("\n")
    }
    text.flush()
  }

  /// What class means alone are worth.
  ///
  /// - Parameter rewritten: The same after weights were rewritten to learn; nil where none had to be.
  func imprinted(_ before: Judgement, rewritten: Judgement?) {
    var text = TextWriter.standardOutput
    if isJSON {
      text.write("{\"imprinted\":")
      text.write(millionths: before.millionths)
      if let rewritten {
        text.write(",\"rewritten\":")
        text.write(millionths: rewritten.millionths)
      }
      text.write(",\"held_out\":")
      text.write(before.images)
      text.write("}\n")
    } else {
      text.write("class means ")
      text.write(percent: before.millionths)
      if let rewritten {
        text.write(", ")
        text.write(percent: rewritten.millionths)
        text.write(" with weights rewritten as symmetric int8")
      }
      text.write(" (of ")
      text.write(before.images)
      text.write(holdsOut ? " held out)\n" : " learned from; too few to hold any out)\n")
    }
    text.flush()
  }

  func epoch(
    _ epoch: Int, of epochs: Int, training: Int, learned: Int, _ judgement: Judgement, microseconds: Int64
  ) {
    clearProgress()
    let part = (Int64(training) * 1_000_000 + Int64(learned) / 2) / Int64(max(learned, 1))
    let left = microseconds * Int64(epochs - epoch)
    var text = TextWriter.standardOutput
    if isJSON {
      text.write("{\"epoch\":")
      text.write(epoch)
      text.write(",\"epochs\":")
      text.write(epochs)
      text.write(",\"training_top1\":")
      text.write(millionths: part)
      text.write(",\"top1\":")
      text.write(millionths: judgement.millionths)
      text.write(",\"us\":")
      text.write(microseconds)
      text.write(",\"us_left\":")
      text.write(left)
      text.write("}\n")
    } else {
      text.write("epoch ")
      text.write(epoch)
      text.write(" of ")
      text.write(epochs)
      text.write(": ")
      text.write(percent: part)
      text.write(" while learning, ")
      text.write(percent: judgement.millionths)
      text.write(holdsOut ? " held out, " : " after it, ")
      text.write(seconds: microseconds)
      text.write(" s, ")
      text.write(seconds: left)
      text.write(" s left\n")
    }
    text.flush()
  }

  /// - Parameters:
  ///   - before: What class means were right about, in millionths.
  ///   - isTrained: Whether the model has what was learned by gradients.
  func done(
    _ run: FinetuneRun, before: Int64, _ final: Judgement, isTrained: Bool, microsecondsPerImage: Int64
  ) {
    var text = TextWriter.standardOutput
    if isJSON {
      text.write("{\"result\":\"done\",\"images\":")
      text.write(run.learned.count + run.heldOut.count)
      text.write(",\"skipped\":")
      text.write(run.features.unreadable)
      text.write(",\"classes\":")
      text.write(run.classes)
      text.write(",\"top1_before\":")
      text.write(millionths: before)
      text.write(",\"top1_after\":")
      text.write(millionths: final.millionths)
      text.write(isTrained ? ",\"kept\":\"trained\"" : ",\"kept\":\"imprinted\"")
      text.write(",\"train_us_per_image\":")
      text.write(microsecondsPerImage)
      text.write(",\"peak_bytes\":")
      text.write(run.plan.learning.peakBytes)
      text.write(",\"confusion\":")
      text.write(list: final.worstPairs(10)) { pair, text in
        text.write("{\"label\":")
        run.photographs.classes[pair.label].withUnsafeBufferPointer { text.write(json: $0.baseAddress!) }
        text.write(",\"answer\":")
        run.photographs.classes[pair.answer].withUnsafeBufferPointer { text.write(json: $0.baseAddress!) }
        text.write(",\"count\":")
        text.write(Int(pair.count))
        text.write("}")
      }
      text.write(",\"output\":")
      text.write(json: run.options.output)
      text.write("}\n")
    } else {
      if !isTrained && run.plan.epochs > 0 {
        text.write("what was learned is no better than class means, which are kept\n")
      }
      for pair in final.worstPairs(5) {
        text.write(Int(pair.count))
        text.write(" × ")
        run.photographs.classes[pair.label].withUnsafeBufferPointer { text.write($0.baseAddress!) }
        text.write(" taken for ")
        run.photographs.classes[pair.answer].withUnsafeBufferPointer { text.write($0.baseAddress!) }
        text.write("\n")
      }
      text.write(holdsOut ? "held out: " : "of what was learned from: ")
      text.write(percent: before)
      text.write(" before, ")
      text.write(percent: final.millionths)
      text.write(" after; ")
      text.write(run.options.output)
      text.write(" written\n")
    }
    text.flush()
  }
}

extension TextWriter {
  /// A fraction in millionths as a percentage with a decimal.
  mutating func write(percent millionths: Int64) {
    let tenths = (millionths + 500) / 1000
    write(tenths / 10)
    write(".")
    write(tenths % 10)
    write(" %")
  }
}
