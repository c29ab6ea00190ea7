import CLinux

/// Text for a file descriptor, collected in a fixed buffer and written when it is full or flushed.
///
/// Board programs make text from bytes and integers: Swift's strings bring tables of Unicode along.
public struct TextWriter: ~Copyable {
  private static let capacity = 1 << 14

  private let descriptor: Int32
  private let buffer: UnsafeMutablePointer<UInt8>
  private var count = 0
  /// Why a write failed, for example because the reader of a pipe has gone; nothing is written any more.
  public private(set) var error: SystemError?
  public var failed: Bool { error != nil }

  public init(descriptor: Int32) {
    self.descriptor = descriptor
    buffer = .allocate(capacity: TextWriter.capacity)
  }

  deinit { buffer.deallocate() }

  public static var standardOutput: TextWriter { TextWriter(descriptor: 1) }
  public static var standardError: TextWriter { TextWriter(descriptor: 2) }

  /// Whether the descriptor is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The terminal's width in characters; 80 where it does not say.
  public var columns: Int {
    var size = ocellus_window_size()
    let result = withUnsafeMutablePointer(to: &size) {
      ocellus_ioctl(descriptor, UInt(OCELLUS_WINDOW_SIZE.value), UnsafeMutableRawPointer($0))
    }
    return result == 0 && size.columns > 0 ? Int(size.columns) : 80
  }

  public mutating func flush() {
    var start = 0
    while start < count && !failed {
      let written = CLinux.write(descriptor, buffer + start, ocellus_size(count - start))
      if written > 0 {
        start += Int(written)
      } else if ocellus_errno() != OCELLUS_EINTR.value {
        error = .last
      }
    }
    count = 0
  }

  public mutating func write(byte: UInt8) {
    if count == TextWriter.capacity { flush() }
    buffer[count] = byte
    count += 1
  }

  public mutating func write(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { write(byte: text.utf8Start[index]) }
  }

  public mutating func write(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { write(byte: byte) }
  }

  /// The bytes of a C string.
  public mutating func write(_ text: UnsafePointer<CChar>) {
    var next = text
    while next.pointee != 0 {
      write(byte: UInt8(bitPattern: next.pointee))
      next += 1
    }
  }

  public mutating func write(_ value: Int) {
    write(Int64(value))
  }

  public mutating func write(_ value: Int64) {
    if value < 0 { write(byte: 0x2D) }
    write(value.magnitude)
  }

  public mutating func write(_ value: UInt64, digits: Int = 1) {
    var reversed = InlineArray<20, UInt8>(repeating: 0x30)
    var rest = value
    var length = 0
    while rest > 0 || length < digits {
      reversed[length] = UInt8(0x30 + rest % 10)
      rest /= 10
      length += 1
    }
    for index in 0..<length { write(byte: reversed[length - 1 - index]) }
  }

  /// A number of millionths, with six decimals.
  public mutating func write(millionths value: Int64) {
    if value < 0 { write(byte: 0x2D) }
    write(value.magnitude / 1_000_000)
    write(byte: 0x2E)
    write(value.magnitude % 1_000_000, digits: 6)
  }

  /// A JSON string of bytes that are, or may not be, UTF-8; invalid ones become U+FFFD.
  public mutating func write(json bytes: UnsafeRawBufferPointer) {
    write(byte: 0x22)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let length = TextWriter.sequenceLength(bytes, index)
      if byte == 0x22 || byte == 0x5C {
        write(byte: 0x5C)
        write(byte: byte)
      } else if byte < 0x20 || byte == 0x7F {
        write("\\u00")
        write(byte: TextWriter.hexadecimal(byte >> 4))
        write(byte: TextWriter.hexadecimal(byte & 0xF))
      } else if length == 0 {
        write("\u{FFFD}")
      } else {
        for offset in 0..<length { write(byte: bytes[index + offset]) }
      }
      index += max(length, 1)
    }
    write(byte: 0x22)
  }

  public mutating func write(json text: UnsafePointer<CChar>) {
    write(json: UnsafeRawBufferPointer(start: text, count: textLength(text)))
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }

  /// Bytes of the UTF-8 sequence at an index, or 0 where it is not well formed.
  private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int {
    let first = bytes[index]
    let length: Int
    switch first {
    case 0..<0x80: return 1
    case 0xC2..<0xE0: length = 2
    case 0xE0..<0xF0: length = 3
    case 0xF0..<0xF5: length = 4
    default: return 0
    }
    guard index + length <= bytes.count else { return 0 }
    for offset in 1..<length where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    let second = bytes[index + 1]
    // Overlong forms, surrogates and what lies above U+10FFFF.
    if first == 0xE0 && second < 0xA0 || first == 0xED && second > 0x9F { return 0 }
    if first == 0xF0 && second < 0x90 || first == 0xF4 && second > 0x8F { return 0 }
    return length
  }
}

extension StaticString {
  /// The same as C has it: literals end in a zero.
  public var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// Bytes of a C string.
public func textLength(_ text: UnsafePointer<CChar>) -> Int {
  var length = 0
  while text[length] != 0 { length += 1 }
  return length
}

/// Whether a C string has exactly these bytes.
public func isText(_ text: UnsafePointer<CChar>, _ other: StaticString) -> Bool {
  for index in 0..<other.utf8CodeUnitCount {
    // A shorter text ends in a zero, which differs.
    if UInt8(bitPattern: text[index]) != other.utf8Start[index] { return false }
  }
  return text[other.utf8CodeUnitCount] == 0
}
