import CLinux
import FirmwareModel
import Imaging
import Platform
import Runtime

/// A model that pictures go into and classes come out of.
struct Classifier: ~Copyable {
  /// Stands for a picture that is like none of the photographs that the model was taught with.
  static let unknown = -1
  static let unknownLabel: StaticString = "unknown"

  let loaded: LoadedModel
  let scores: Scores
  /// Nil where nobody asks for unknown pictures.
  private let nearestMean: NearestMean?
  private var decoder: JPEGDecoder
  private var resampler: InputResampler

  /// What one picture gave, and how long it took.
  struct Times {
    var decodeMicroseconds: Int64 = 0
    var inferMicroseconds: Int64 = 0
  }

  /// Opens the model that the arguments name; with `--unknown` it has to know its photographs.
  init(_ arguments: Arguments) throws(Failure) {
    let loaded = try LoadedModel(arguments)
    guard let image = loaded.model.image, let scores = Scores(loaded.model) else {
      throw .failed(
        loaded.path, "this model does not turn one picture into classes; ocellus run feeds it raw tensors")
    }
    let nearestMean = NearestMean(loaded.model)
    if arguments.has("--unknown") && nearestMean == nil {
      throw .failed(
        loaded.path,
        "this model does not know its photographs, so it can't tell what is unlike them; teach it with ocellus finetune"
      )
    }
    let decoder = try Classifier.decoder(loaded)
    resampler = try Classifier.resampler(image, loaded)
    self.decoder = decoder
    self.loaded = loaded
    self.scores = scores
    self.nearestMean = arguments.has("--unknown") ? nearestMean : nil
  }

  private static func decoder(_ loaded: LoadedModel) throws(Failure) -> JPEGDecoder {
    do { return try JPEGDecoder() } catch { throw .failed(loaded.path, error.text) }
  }

  private static func resampler(
    _ image: ImageInput, _ loaded: LoadedModel
  ) throws(Failure) -> InputResampler {
    do { return try InputResampler(image, kernels: loaded.instructionSet.kernels!) } catch {
      throw .failed(loaded.path, error.text)
    }
  }

  var model: FirmwareModel { loaded.model }
  var interpreter: Interpreter { loaded.interpreter }
  /// The first output's bytes, as stored.
  var output: UnsafeRawBufferPointer { loaded.interpreter.output(0) }

  /// Whether the picture is like none of the photographs: where the answer is a class that has none, it is believed.
  ///
  /// - Parameter best: The answer.
  func isUnknown(best: Int) -> Bool {
    guard let nearestMean, nearestMean.hasMean(best) else { return false }
    return nearestMean.find(interpreter).distance > nearestMean.threshold
  }

  /// The score of a class in millionths. That of an unknown picture is the part of its distance that is too much.
  func score(_ index: Int) -> Int64 {
    guard index == Classifier.unknown, let nearestMean else { return scores.score(output, index) }
    let distance = Int64(max(nearestMean.find(interpreter).distance, 1))
    return 1_000_000 - (Int64(nearestMean.threshold) * 1_000_000 + distance / 2) / distance
  }

  /// Decodes a JPEG and runs the model on it.
  ///
  /// - Parameter passed: Told from time to time how many of the bytes are no longer needed.
  mutating func classify(
    _ bytes: UnsafeRawBufferPointer, passed: (Int) -> Void = { _ in }
  ) throws(ImageError) -> Times {
    var times = Times()
    let start = Clock.microseconds
    let input = interpreter.input(0).bindMemory(to: Int8.self)
    let damage = try resampler.resample(bytes, &decoder, into: input.baseAddress!, passed: passed)
    guard !damage.isTruncated else { throw ImageError(.malformed, offset: bytes.count) }
    times.decodeMicroseconds = Clock.microseconds - start
    infer(&times)
    return times
  }

  /// Runs the model on what its input holds.
  func infer(_ times: inout Times) {
    interpreter.waitUntilPacked()
    let start = Clock.microseconds
    interpreter.run()
    times.inferMicroseconds = Clock.microseconds - start
  }

  /// Says why a picture could not be used, on standard error.
  func report(_ error: ImageError, _ path: UnsafePointer<CChar>, frame: Int?) {
    reportUnusable(error, path, frame: frame, detail: decoder.message)
  }
}

/// Says why a picture could not be used, on standard error.
///
/// - Parameter detail: The decoder's words; may be empty.
func reportUnusable(
  _ error: ImageError, _ path: UnsafePointer<CChar>, frame: Int?, detail: UnsafePointer<CChar>
) {
  var text = TextWriter.standardError
  text.write("ocellus: ")
  text.write(path)
  if let frame {
    text.write(", picture ")
    text.write(frame)
  }
  text.write(": at byte ")
  text.write(error.offset)
  text.write(": ")
  text.write(error.text)
  if detail[0] != 0 {
    text.write(" (")
    text.write(detail)
    text.write(")")
  }
  text.write("\n")
  text.flush()
}

extension TextWriter {
  /// A class's label, "unknown", or the class's index where the model has no labels.
  mutating func write(label index: Int, of model: FirmwareModel) {
    if index == Classifier.unknown {
      write(Classifier.unknownLabel)
    } else if index < model.labelCount {
      write(model.label(index))
    } else {
      write(index)
    }
  }

  /// The same as a JSON string.
  mutating func write(jsonLabel index: Int, of model: FirmwareModel) {
    if index == Classifier.unknown {
      write("\"")
      write(Classifier.unknownLabel)
      write("\"")
    } else if index < model.labelCount {
      write(json: model.label(index))
    } else {
      write("\"")
      write(index)
      write("\"")
    }
  }
}
