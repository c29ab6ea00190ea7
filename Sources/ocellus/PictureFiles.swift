import Platform

/// The pictures below a path.
enum PictureFiles {
  /// Whether a name ends as JPEG files' names do, in either case.
  static func isPicture(_ name: [CChar]) -> Bool { hasEnding(name, ".jpg") || hasEnding(name, ".jpeg") }

  /// Whether a name is that of a stream of JPEGs.
  static func isStream(_ path: UnsafePointer<CChar>) -> Bool {
    let name = Array(UnsafeBufferPointer(start: path, count: textLength(path) + 1))
    return hasEnding(name, ".mjpeg") || hasEnding(name, ".mjpg")
  }

  private static func hasEnding(_ name: [CChar], _ ending: StaticString) -> Bool {
    let length = name.count - 1
    let count = ending.utf8CodeUnitCount
    guard length > count else { return false }
    for index in 0..<count {
      let character = UInt8(bitPattern: name[length - count + index])
      let lower = character >= 0x41 && character <= 0x5A ? character + 0x20 : character
      if lower != ending.utf8Start[index] { return false }
    }
    return true
  }

  /// Calls `body` with each picture in a folder and the folders in it, in the order of their names.
  ///
  /// - Parameter body: Takes the folder's path and the picture's; gives false to end.
  /// - Returns: Whether it went to the end.
  static func visit(
    _ folder: [CChar], _ body: (_ folder: [CChar], _ path: [CChar]) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    for name in try names(in: folder) {
      let path = folder.withUnsafeBufferPointer { File.join($0.baseAddress!, name) }
      let isFolder = path.withUnsafeBufferPointer { File.isDirectory($0.baseAddress!) }
      if isFolder {
        guard try visit(path, body) else { return false }
      } else if isPicture(name) {
        guard try body(folder, path) else { return false }
      }
    }
    return true
  }

  private static func names(in folder: [CChar]) throws(Failure) -> [[CChar]] {
    let result: Result<[[CChar]], SystemError> = folder.withUnsafeBufferPointer { path in
      do throws(SystemError) { return .success(try File.names(in: path.baseAddress!)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let names): return names
    case .failure: throw .failedOn(folder, "the folder can't be read")
    }
  }
}
