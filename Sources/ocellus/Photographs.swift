import Platform

/// Photographs in folders named by class.
struct Photographs {
  struct Photograph {
    var path: [CChar]
    /// Its class's index.
    var label: Int
  }

  /// The folders' names, each ended by a zero.
  private(set) var classes: [[CChar]] = []
  /// In the order of their paths.
  private(set) var list: [Photograph] = []

  /// Finds the photographs below a folder. Folders may lie in others; each photograph's class is the folder it lies in.
  init(in data: UnsafePointer<CChar>) throws(Failure) {
    guard File.isDirectory(data) else { throw .failed(data, "not a folder of folders named by class") }
    let folder = Array(UnsafeBufferPointer(start: data, count: textLength(data) + 1))
    var found: [(folder: [CChar], path: [CChar])] = []
    _ = try PictureFiles.visit(folder) { (folder, path) throws(Failure) in
      found.append((folder, path))
      return true
    }
    guard !found.isEmpty else { throw .failed(data, "there are no pictures (.jpg, .jpeg) below this folder") }
    var last: [CChar] = []
    var label = 0
    for item in found {
      if item.folder != last {
        label = index(of: File.lastComponent(item.folder))
        last = item.folder
      }
      list.append(Photograph(path: item.path, label: label))
    }
  }

  /// The class of a name, added if there is none.
  private mutating func index(of name: [CChar]) -> Int {
    for index in classes.indices where classes[index] == name { return index }
    classes.append(name)
    return classes.count - 1
  }

  /// The photographs of a class, by their numbers, of those that are usable.
  func members(of label: Int, where isUsable: (Int) -> Bool) -> [Int] {
    var members: [Int] = []
    for (number, photograph) in list.enumerated() where photograph.label == label && isUsable(number) {
      members.append(number)
    }
    return members
  }

  /// A number that hardly any other set of photographs has: of their classes, names and lengths.
  var fingerprint: UInt64 {
    var hash = Fingerprint()
    for photograph in list {
      hash.add(photograph.path)
      hash.add(UInt64(bitPattern: File.size(photograph.path) ?? -1))
    }
    return hash.value
  }
}

/// A 64-bit hash of what tells one run from another (FNV-1a).
struct Fingerprint {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  mutating func add(_ bytes: UnsafeRawBufferPointer) { for byte in bytes { add(byte: byte) } }
  mutating func add(_ text: [CChar]) { for character in text { add(byte: UInt8(bitPattern: character)) } }
  mutating func add(_ number: UInt64) {
    for byte in 0..<8 { add(byte: UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))) }
  }
  mutating func add(_ number: Int) { add(UInt64(truncatingIfNeeded: number)) }
}
