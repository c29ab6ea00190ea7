extension FirmwareModel {
  mutating func readImage() throws(ModelError) {
    let section = try section(68, unit: 1)
    if section.isEmpty { return }
    func fail(_ at: Int, _ expected: StaticString, _ found: Int) -> ModelError {
      ModelError(offset: section.lowerBound + at, subject: .image, expected: expected, found: found)
    }
    guard section.count >= ImageInput.fixedBytes else {
      throw fail(0, "12 bytes of sizes and rules", section.count)
    }
    let width = word(section.lowerBound)
    let height = word(section.lowerBound + 4)
    let channels = Int(bytes[section.lowerBound + 8])
    guard channels == 1 || channels == 3 else { throw fail(8, "1 or 3 channels", channels) }
    guard let crop = ImageInput.Crop(rawValue: bytes[section.lowerBound + 9]) else {
      throw fail(9, "a crop rule of 0, 1 or 2", Int(bytes[section.lowerBound + 9]))
    }
    guard let order = ImageInput.Order(rawValue: bytes[section.lowerBound + 10]) else {
      throw fail(10, "an order of 0 or 1", Int(bytes[section.lowerBound + 10]))
    }
    guard bytes[section.lowerBound + 11] <= 1 else {
      throw fail(11, "0 (red first) or 1 (blue first)", Int(bytes[section.lowerBound + 11]))
    }
    let table = section.lowerBound + ImageInput.fixedBytes
    guard table + channels * 256 <= section.upperBound else {
      throw fail(ImageInput.fixedBytes, "a table of 256 values a channel", section.count)
    }
    let input = tensors[inputs[0]]
    guard inputs.count == 1, input.type == .int8, width > 0, height > 0, width <= 0x4000,
      height <= 0x4000, input.byteCount == Int(width) * Int(height) * channels
    else { throw fail(0, "the only input to be width · height · channels", Int(truncatingIfNeeded: width)) }
    var quantized: [Int8] = []
    for offset in table..<table + channels * 256 {
      quantized.append(Int8(bitPattern: bytes[offset]))
    }
    image = ImageInput(
      width: Int(width), height: Int(height), channels: channels, crop: crop, order: order,
      blueFirst: bytes[section.lowerBound + 11] == 1, quantized: quantized,
      range: [UInt8](bytes[(table + channels * 256)..<section.upperBound]))
  }
}
