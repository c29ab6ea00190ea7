import Platform

/// Pieces of what is written of cameras. Their names come from devices, which may send anything.
extension TextWriter {
  /// Text for a terminal: up to a zero, control characters as question marks.
  mutating func write<Byte: FixedWidthInteger>(printable text: [Byte]) {
    for character in text {
      let byte = UInt8(truncatingIfNeeded: character)
      if byte == 0 { return }
      write(byte: byte < 0x20 || byte == 0x7F ? 0x3F : byte)
    }
  }

  /// A JSON string.
  mutating func write(json text: [UInt8]) { text.withUnsafeBytes { write(json: $0) } }

  /// A JSON string of a path.
  mutating func write(json path: [CChar]) {
    path.withUnsafeBufferPointer { write(json: $0.baseAddress!) }
  }

  /// A format's four characters, without spaces at the end.
  mutating func write(_ format: FourCC) {
    var length = 4
    while length > 0 && format.character(length - 1) == 0x20 { length -= 1 }
    for index in 0..<length {
      let character = format.character(index)
      write(byte: character == 0x22 || character == 0x5C ? 0x3F : character)
    }
  }

  /// A rate in frames a second, with three decimals; whole ones without, unless asked for.
  mutating func write(_ interval: FrameInterval, hasDecimals: Bool = false) {
    let rate = interval.millihertz
    write(rate / 1000)
    if rate % 1000 == 0 && !hasDecimals { return }
    write(".")
    write(UInt64(rate % 1000), digits: 3)
  }

  /// How often a unit goes into a value, rounded to one decimal.
  mutating func write(tenths value: Int64, of unit: Int64) {
    let tenths = (value * 10 + unit / 2) / unit
    write(tenths / 10)
    write(".")
    write(tenths % 10)
  }
}

/// The bytes of a name before its zero.
func bytes<let count: Int>(_ name: InlineArray<count, UInt8>) -> [UInt8] {
  var bytes: [UInt8] = []
  for index in 0..<count {
    if name[index] == 0 { break }
    bytes.append(name[index])
  }
  return bytes
}
