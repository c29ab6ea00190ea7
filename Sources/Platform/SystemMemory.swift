/// The system's memory.
public enum SystemMemory {
  /// Bytes that processes could still be given without swapping, as the kernel estimates; 0 where it doesn't say.
  public static var available: Int {
    let path: StaticString = "/proc/meminfo"
    guard let bytes = try? File.read(path.cString, limit: 1 << 16) else { return 0 }
    let name: StaticString = "MemAvailable:"
    let length = name.utf8CodeUnitCount
    var start = 0
    while start + length < bytes.count {
      var matched = 0
      while matched < length && bytes[start + matched] == name.utf8Start[matched] { matched += 1 }
      if matched == length { return kibibytes(bytes[(start + length)...]) }
      while start < bytes.count && bytes[start] != 0x0A { start += 1 }
      start += 1
    }
    return 0
  }

  /// The number at the beginning of a text, times 1024.
  private static func kibibytes(_ text: ArraySlice<UInt8>) -> Int {
    var value: Int64 = 0
    for character in text {
      if character >= 0x30 && character <= 0x39 && value < 1 << 40 {
        value = value * 10 + Int64(character - 0x30)
      } else if character != 0x20 {
        break
      }
    }
    return Int(clamping: value << 10)
  }
}
