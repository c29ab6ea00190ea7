import Platform

/// What the kernel tells through files: nothing of it is needed, so that errors are no more than absent answers.
extension CameraSystem {
  /// The names in a folder; none where it can't be read.
  ///
  /// - Parameter folder: Ended by a zero, as all paths here.
  func list(_ folder: [CChar]) -> [[CChar]] {
    folder.withUnsafeBufferPointer { folder in
      do throws(SystemError) { return try names(in: folder.baseAddress!) } catch { return [] }
    }
  }

  /// The last part of the path that a link leads to.
  func targetName(_ link: [CChar]) -> [CChar]? { destination(link).map { File.lastComponent($0) } }

  /// The path that a link leads to.
  func destination(_ link: [CChar]) -> [CChar]? {
    link.withUnsafeBufferPointer { link in
      do throws(SystemError) { return try target(of: link.baseAddress!) } catch { return nil }
    }
  }

  /// A file's first line, without its end.
  func line(_ path: [CChar]) -> [UInt8]? {
    path.withUnsafeBufferPointer { path in
      do throws(SystemError) {
        let bytes = try read(path.baseAddress!)
        return Array(bytes.prefix { $0 != 0x0A })
      } catch { return nil }
    }
  }
}

/// A path of three parts, ended by a zero.
///
/// - Parameter name: With or without a zero at its end.
func path(_ start: StaticString, _ name: [CChar] = [], _ end: StaticString = "") -> [CChar] {
  var path: [CChar] = []
  for index in 0..<start.utf8CodeUnitCount { path.append(CChar(start.utf8Start[index])) }
  for character in name where character != 0 { path.append(character) }
  for index in 0..<end.utf8CodeUnitCount { path.append(CChar(end.utf8Start[index])) }
  path.append(0)
  return path
}

/// The decimal number that text begins with, behind spaces; nil where there is none.
func leadingInteger<Byte: FixedWidthInteger>(_ text: [Byte]) -> Int? {
  var number: Int?
  for byte in text {
    if number == nil && byte == 0x20 { continue }
    guard byte >= 0x30, byte <= 0x39, (number ?? 0) < 100_000_000 else { break }
    number = (number ?? 0) * 10 + Int(byte - 0x30)
  }
  return number
}
