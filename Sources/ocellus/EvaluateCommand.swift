import FirmwareModel
import Imaging
import Platform
import Runtime

/// `ocellus evaluate`: accuracy on photographs in folders named by class.
func evaluateCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let arguments = try Arguments(
    list,
    known: [
      .init("--model"), .init("--data"), .init("--threads"), .init("--kernels"),
      .init("--json", takesValue: false),
    ])
  if let operand = arguments.operands.first { throw .usage("unexpected argument", operand) }
  let data = try arguments.required("--data")
  var evaluation = try Evaluation(arguments)
  try evaluation.collect(data)
  evaluation.run()
  evaluation.report(isJSON: arguments.has("--json"))
}

/// Photographs, their classes, and what the model made of them.
private struct Evaluation: ~Copyable {
  /// A class of the model that has photographs.
  private struct Class {
    var name: [CChar]
    /// Whether each of the model's classes has this name (several may share one).
    var index: Int
    var images = 0
    var first = 0
    var fifth = 0
  }

  private var classifier: Classifier
  private var classes: [Class] = []
  private var photographs: [(path: [CChar], owner: Int)] = []
  /// Wrong answers: the class, the answer, how often.
  private var confusions: [(owner: Int, answer: Int, count: Int)] = []
  private var skipped = 0

  init(_ arguments: Arguments) throws(Failure) {
    classifier = try Classifier(arguments)
  }

  /// Finds the photographs; every folder that has any must be named like a class.
  mutating func collect(_ data: UnsafePointer<CChar>) throws(Failure) {
    let folder = Array(UnsafeBufferPointer(start: data, count: textLength(data) + 1))
    guard File.isDirectory(data) else { throw .failed(data, "not a folder of folders named by class") }
    var found: [(folder: [CChar], path: [CChar])] = []
    _ = try PictureFiles.visit(folder) { (folder, path) throws(Failure) in
      found.append((folder, path))
      return true
    }
    guard !found.isEmpty else { throw .failed(data, "there are no pictures (.jpg, .jpeg) below this folder") }
    var unknown = false
    for (index, item) in found.enumerated() {
      let isNew = index == 0 || found[index - 1].folder != item.folder
      if isNew && !addClass(item.folder) {
        unknown = true
        Failure.failedOn(
          item.folder, "this folder's name is no label of the model; rename it, or give --data without it"
        )
        .report()
      }
      if !unknown { photographs.append((item.path, classIndex(item.folder)!)) }
    }
    if unknown { throw .reported }
  }

  /// Adds the class that a folder is named by. False where the model has none of the name.
  private mutating func addClass(_ folder: [CChar]) -> Bool {
    if classIndex(folder) != nil { return true }
    let name = File.lastComponent(folder)
    for index in 0..<classifier.scores.classCount where isLabel(index, name) {
      classes.append(Class(name: name, index: index))
      return true
    }
    return false
  }

  private func classIndex(_ folder: [CChar]) -> Int? {
    let name = File.lastComponent(folder)
    for index in classes.indices where classes[index].name == name { return index }
    return nil
  }

  /// Whether a class of the model has a name (its index, where the model has no labels).
  private func isLabel(_ index: Int, _ name: [CChar]) -> Bool {
    if index >= classifier.model.labelCount {
      guard classifier.model.labelCount == 0 else { return false }
      return name.withUnsafeBufferPointer { parseInteger($0.baseAddress!) == index }
    }
    let label = classifier.model.label(index)
    guard label.count == name.count - 1 else { return false }
    for position in 0..<label.count where label[position] != UInt8(bitPattern: name[position]) {
      return false
    }
    return true
  }

  mutating func run() {
    var progress = TextWriter.standardError
    let showsProgress = progress.isTerminal
    let top = UnsafeMutableBufferPointer<Int>.allocate(capacity: min(5, classifier.scores.classCount))
    defer { top.deallocate() }
    for (number, photograph) in photographs.enumerated() {
      if showsProgress && number % 8 == 0 {
        progress.write("\r")
        progress.write(number)
        progress.write(" of ")
        progress.write(photographs.count)
        progress.flush()
      }
      look(photograph.path, photograph.owner, top)
    }
    if showsProgress {
      progress.write("\r\u{1B}[K")
      progress.flush()
    }
  }

  private mutating func look(_ path: [CChar], _ owner: Int, _ top: UnsafeMutableBufferPointer<Int>) {
    let isRead = path.withUnsafeBufferPointer { buffer in
      do throws(Failure) {
        let file = try LoadedModel.map(buffer.baseAddress!)
        do throws(ImageError) {
          _ = try classifier.classify(file.bytes) { file.release(first: $0) }
          return true
        } catch {
          classifier.report(error, buffer.baseAddress!, frame: nil)
          return false
        }
      } catch {
        error.report()
        return false
      }
    }
    guard isRead else {
      skipped += 1
      return
    }
    classifier.scores.select(classifier.output, into: top)
    classes[owner].images += 1
    for (position, index) in top.enumerated() where isLabel(index, classes[owner].name) {
      if position == 0 { classes[owner].first += 1 }
      classes[owner].fifth += 1
      break
    }
    if !isLabel(top[0], classes[owner].name) { addConfusion(owner, top[0]) }
  }

  private mutating func addConfusion(_ owner: Int, _ answer: Int) {
    for index in confusions.indices
    where confusions[index].owner == owner && confusions[index].answer == answer {
      confusions[index].count += 1
      return
    }
    confusions.append((owner, answer, 1))
  }

  /// `part / whole` in millionths.
  private func fraction(_ part: Int, _ whole: Int) -> Int64 {
    whole == 0 ? 0 : (Int64(part) * 1_000_000 + Int64(whole) / 2) / Int64(whole)
  }

  mutating func report(isJSON: Bool) {
    confusions.sort { $0.count > $1.count || ($0.count == $1.count && $0.owner < $1.owner) }
    var (images, first, fifth) = (0, 0, 0)
    for item in classes {
      images += item.images
      first += item.first
      fifth += item.fifth
    }
    var text = TextWriter.standardOutput
    if isJSON {
      writeJSON(images, first, fifth, &text)
    } else {
      writeText(images, first, fifth, &text)
    }
    text.flush()
  }

  private func writeJSON(_ images: Int, _ first: Int, _ fifth: Int, _ text: inout TextWriter) {
    text.write("{\"images\":")
    text.write(images)
    text.write(",\"top1\":")
    text.write(millionths: fraction(first, images))
    text.write(",\"top5\":")
    text.write(millionths: fraction(fifth, images))
    text.write(",\"skipped\":")
    text.write(skipped)
    text.write(",\"per_class\":{")
    for (position, item) in classes.enumerated() {
      if position > 0 { text.write(",") }
      item.name.withUnsafeBufferPointer { text.write(json: $0.baseAddress!) }
      text.write(":{\"images\":")
      text.write(item.images)
      text.write(",\"top1\":")
      text.write(millionths: fraction(item.first, item.images))
      text.write(",\"top5\":")
      text.write(millionths: fraction(item.fifth, item.images))
      text.write("}")
    }
    text.write("},\"confusion\":[")
    for (position, item) in confusions.enumerated() {
      if position > 0 { text.write(",") }
      text.write("{\"label\":")
      classes[item.owner].name.withUnsafeBufferPointer { text.write(json: $0.baseAddress!) }
      text.write(",\"answer\":")
      text.write(jsonLabel: item.answer, of: classifier.model)
      text.write(",\"count\":")
      text.write(item.count)
      text.write("}")
    }
    text.write("]}\n")
  }

  private func writeText(_ images: Int, _ first: Int, _ fifth: Int, _ text: inout TextWriter) {
    text.write(images)
    text.write(" photographs of ")
    text.write(classes.count)
    text.write(" classes")
    if skipped > 0 {
      text.write(", ")
      text.write(skipped)
      text.write(" skipped")
    }
    text.write("\ntop-1 ")
    text.write(millionths: fraction(first, images))
    text.write("\ntop-5 ")
    text.write(millionths: fraction(fifth, images))
    text.write("\n")
    for item in confusions.prefix(10) {
      text.write(item.count)
      text.write(" × ")
      classes[item.owner].name.withUnsafeBufferPointer { text.write($0.baseAddress!) }
      text.write(" taken for ")
      text.write(label: item.answer, of: classifier.model)
      text.write("\n")
    }
  }
}
