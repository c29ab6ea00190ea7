import Camera
import FirmwareModel
import Imaging
import Platform

extension CameraRequest {
  /// What a model needs, and what the command line pins.
  init(_ image: ImageInput, _ arguments: Arguments) throws(Failure) {
    // Of a larger square the input is cut; neither side may have to be enlarged.
    let geometry = CropGeometry(pictureWidth: 65535, pictureHeight: 65535, input: image)
    self.init(
      leastWidth: geometry.resizedWidth, leastHeight: geometry.resizedHeight, wantsColors: image.channels > 1)
    if let text = arguments.value("--format") {
      guard let format = FourCC(text) else { throw .badValue("--format", text) }
      self.format = format
    }
    if let text = arguments.value("--size") {
      guard let size = CameraRequest.size(text) else { throw .badValue("--size", text) }
      (width, height) = size
    }
    if let text = arguments.value("--rate") {
      guard let rate = parseMillionths(text), rate >= 1000, rate <= 1_000_000_000 else {
        throw .badValue("--rate", text)
      }
      millihertz = rate / 1000
    }
    if let text = arguments.value("--exposure") {
      if isText(text, "auto") {
        exposure = .automatic
      } else if isText(text, "steady") {
        exposure = .steady
      } else if let microseconds = parseInteger(text), microseconds > 0 {
        exposure = .manual(microseconds: Int64(microseconds))
      } else {
        throw .badValue("--exposure", text)
      }
    }
  }

  /// "640x480".
  private static func size(_ text: UnsafePointer<CChar>) -> (Int, Int)? {
    var values = (0, 0)
    var digits = (0, 0)
    var isSecond = false
    var index = 0
    while text[index] != 0 {
      let character = UInt8(bitPattern: text[index])
      index += 1
      if character | 0x20 == 0x78 && !isSecond {
        isSecond = true
        continue
      }
      guard character >= 0x30, character <= 0x39, digits.0 < 6, digits.1 < 6 else { return nil }
      if isSecond {
        values.1 = values.1 * 10 + Int(character - 0x30)
        digits.1 += 1
      } else {
        values.0 = values.0 * 10 + Int(character - 0x30)
        digits.0 += 1
      }
    }
    return (1...65535).contains(values.0) && (1...65535).contains(values.1) ? values : nil
  }
}

extension LabelStand {
  /// As `--hold` says.
  init(_ arguments: Arguments) throws(Failure) {
    self.init(frames: try arguments.integer("--hold", 1...1_000_000, default: 0))
  }
}

extension Pace {
  /// What `--every` asks for.
  init(_ arguments: Arguments) throws(Failure) {
    self.init(microseconds: 0)
    guard let text = arguments.value("--every") else { return }
    guard let seconds = parseMillionths(text), seconds <= 1_000_000_000_000 else {
      throw .badValue("--every", text)
    }
    self.init(microseconds: seconds)
  }
}
