import Platform

/// A command line's flags and operands.
struct Arguments {
  /// The flags a command knows; `takesValue` of those that are followed by a value.
  struct Flag {
    let name: StaticString
    let takesValue: Bool

    init(_ name: StaticString, takesValue: Bool = true) {
      self.name = name
      self.takesValue = takesValue
    }
  }

  private var flags: [(flag: Int, value: UnsafePointer<CChar>?)] = []
  private let known: [Flag]
  private(set) var operands: [UnsafePointer<CChar>] = []

  /// Reads `--flag VALUE`, `--flag=VALUE` and operands; after `--` all are operands.
  init(_ list: [UnsafePointer<CChar>], known: [Flag]) throws(Failure) {
    self.known = known
    var index = 0
    var onlyOperands = false
    while index < list.count {
      let argument = list[index]
      index += 1
      if onlyOperands || argument[0] != 0x2D || argument[1] == 0 {
        operands.append(argument)
        continue
      }
      if isText(argument, "--") {
        onlyOperands = true
        continue
      }
      let (position, inline) = try find(argument)
      if !known[position].takesValue {
        guard inline == nil else { throw .usage("this flag takes no value", argument) }
        flags.append((position, nil))
      } else if let inline {
        flags.append((position, inline))
      } else {
        guard index < list.count else { throw .usage("this flag needs a value", argument) }
        flags.append((position, list[index]))
        index += 1
      }
    }
  }

  /// The flag that an argument names, and the value after its "=".
  private func find(_ argument: UnsafePointer<CChar>) throws(Failure) -> (Int, UnsafePointer<CChar>?) {
    for (position, flag) in known.enumerated() {
      let length = flag.name.utf8CodeUnitCount
      var same = true
      for index in 0..<length where UInt8(bitPattern: argument[index]) != flag.name.utf8Start[index] {
        same = false
        break
      }
      if same && argument[length] == 0 { return (position, nil) }
      if same && argument[length] == 0x3D { return (position, argument + length + 1) }
    }
    throw .usage("unknown flag", argument)
  }

  /// The last value given for a flag.
  func value(_ name: StaticString) -> UnsafePointer<CChar>? {
    var found: UnsafePointer<CChar>?
    for entry in flags where isSame(known[entry.flag].name, name) { found = entry.value }
    return found
  }

  func has(_ name: StaticString) -> Bool {
    for entry in flags where isSame(known[entry.flag].name, name) { return true }
    return false
  }

  /// A required value.
  func required(_ name: StaticString) throws(Failure) -> UnsafePointer<CChar> {
    guard let value = value(name) else { throw .missing(name) }
    return value
  }

  /// An integer in a range.
  func integer(_ name: StaticString, _ range: ClosedRange<Int>, default standard: Int) throws(Failure) -> Int
  {
    guard let text = value(name) else { return standard }
    guard let number = parseInteger(text), range.contains(number) else {
      throw .badValue(name, text)
    }
    return number
  }

  /// A decimal number from 0 to 1 in millionths.
  func fraction(_ name: StaticString, default standard: Int64) throws(Failure) -> Int64 {
    guard let text = value(name) else { return standard }
    guard let number = parseMillionths(text), number <= 1_000_000 else { throw .badValue(name, text) }
    return number
  }

  private func isSame(_ a: StaticString, _ b: StaticString) -> Bool {
    guard a.utf8CodeUnitCount == b.utf8CodeUnitCount else { return false }
    for index in 0..<a.utf8CodeUnitCount where a.utf8Start[index] != b.utf8Start[index] { return false }
    return true
  }
}

/// A decimal integer, or nil.
func parseInteger(_ text: UnsafePointer<CChar>) -> Int? {
  var value = 0
  var index = 0
  while text[index] != 0 {
    let digit = Int(text[index]) - 0x30
    guard digit >= 0 && digit <= 9 && value < 100_000_000 else { return nil }
    value = value * 10 + digit
    index += 1
  }
  return index == 0 ? nil : value
}

/// A decimal number of at least 0, in millionths; further digits are dropped.
func parseMillionths(_ text: UnsafePointer<CChar>) -> Int64? {
  var value: Int64 = 0
  var decimals = -1
  var index = 0
  while text[index] != 0 {
    let character = text[index]
    index += 1
    if character == 0x2E && decimals < 0 {
      decimals = 0
      continue
    }
    let digit = Int64(character) - 0x30
    guard digit >= 0 && digit <= 9 && value < 1_000_000_000_000 else { return nil }
    if decimals < 6 {
      value = value * 10 + digit
      if decimals >= 0 { decimals += 1 }
    }
  }
  guard index > 0, !(index == 1 && decimals == 0) else { return nil }
  for _ in max(decimals, 0)..<6 { value *= 10 }
  return value
}
