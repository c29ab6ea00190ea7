/// A compiled model over bytes that outlive it (usually a mapped file).
///
/// Reading is total: `init(reading:)` either throws, or every section, tensor and index it holds was proved to
/// lie in the file or the arena. What an operator's words mean is checked by the operator itself
/// (`OperatorReader`), before the first inference.
public struct FirmwareModel {
  public let bytes: UnsafeRawBufferPointer
  /// Bytes of the arena that the compiler's memory plan uses.
  public internal(set) var arenaBytes = 0
  public internal(set) var tensors: [Tensor] = []
  public internal(set) var operators: [OperatorRecord] = []
  /// Indices of the tensors that the source model takes and gives, in its order.
  public internal(set) var inputs: [Int] = []
  public internal(set) var outputs: [Int] = []
  public internal(set) var image: ImageInput?
  /// Nil for a model that nobody has taught.
  public internal(set) var classMeans: ClassMeans?
  /// Multiply-accumulates of one inference.
  public internal(set) var multiplyAccumulates: UInt64 = 0
  /// Start of the constants, from the start of the file.
  public internal(set) var constantsOffset = 0
  private var labelBounds: [Int32] = []
  private var provenanceRange = 0..<0

  /// Reads a model.
  ///
  /// - Parameter bytes: The whole file, at an address that is a multiple of 64.
  /// - Throws: What is wrong, and where, for bytes that are not a model.
  public init(reading bytes: UnsafeRawBufferPointer) throws(ModelError) {
    self.bytes = bytes
    try readHeader()
    try readTensors()
    try readOperators()
    inputs = try readBorder(44)
    outputs = try readBorder(52)
    try readLabels()
    try readImage()
    provenanceRange = try section(76, unit: 1)
    try readClassMeans()
  }

  /// The word at a byte offset that was checked.
  @inline(__always)
  func word(_ offset: Int) -> UInt32 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
  }

  func fail(_ offset: Int, _ expected: StaticString, _ found: Int) -> ModelError {
    ModelError(offset: offset, subject: .header, expected: expected, found: found)
  }

  private mutating func readHeader() throws(ModelError) {
    guard bytes.count >= Layout.headerBytes else {
      throw fail(bytes.count, "a header of 128 bytes", bytes.count)
    }
    guard UInt(bitPattern: bytes.baseAddress) % UInt(Layout.constantAlignment) == 0 else {
      throw fail(0, "bytes at an address that is a multiple of 64", 0)
    }
    for index in 0..<Layout.magic.utf8CodeUnitCount {
      guard bytes[index] == Layout.magic.utf8Start[index] else {
        throw fail(index, "the file's first bytes to be \"OCELLUS\\n\"", Int(bytes[index]))
      }
    }
    guard word(12) == Layout.version else {
      throw fail(12, "format version 1", Int(truncatingIfNeeded: word(12)))
    }
    guard bytes.count <= Layout.maximumBytes, word(16) == UInt32(bytes.count) else {
      throw fail(16, "the file's length", Int(truncatingIfNeeded: word(16)))
    }
    let checksum = CRC32().checksum(
      of: UnsafeRawBufferPointer(rebasing: bytes[Layout.checksumStart...]))
    guard word(Layout.checksumOffset) == checksum else {
      throw fail(
        Layout.checksumOffset, "the CRC-32 of the bytes from 12 on (the file is damaged)",
        Int(truncatingIfNeeded: word(Layout.checksumOffset)))
    }
    guard word(20) <= UInt32(Layout.maximumBytes) else {
      throw fail(20, "an arena under 2 GiB", Int(truncatingIfNeeded: word(20)))
    }
    arenaBytes = Int(word(20))
    let constants = try section(84, unit: 1)
    guard constants.lowerBound % Layout.constantAlignment == 0 else {
      throw fail(84, "constants at a multiple of 64", constants.lowerBound)
    }
    constantsOffset = constants.lowerBound
    multiplyAccumulates = UInt64(word(92)) | UInt64(word(96)) << 32
    for offset in stride(from: 108, to: Layout.headerBytes, by: 4) {
      guard word(offset) == 0 else {
        throw fail(offset, "reserved words to be 0", Int(truncatingIfNeeded: word(offset)))
      }
    }
  }

  /// The range of a section whose offset and count stand at `entry`; `unit` bytes each.
  func section(_ entry: Int, unit: Int) throws(ModelError) -> Range<Int> {
    let start = word(entry)
    let count = word(entry + 4)
    let end = UInt64(start) + UInt64(count) * UInt64(unit)
    guard end <= UInt64(bytes.count) else {
      throw fail(entry, "a section inside the file", Int(truncatingIfNeeded: end))
    }
    return Int(start)..<Int(end)
  }

  private func readBorder(_ entry: Int) throws(ModelError) -> [Int] {
    let section = try section(entry, unit: 4)
    guard !section.isEmpty else { throw fail(entry, "at least one input and output", 0) }
    var list: [Int] = []
    for offset in stride(from: section.lowerBound, to: section.upperBound, by: 4) {
      let index = word(offset)
      guard index < UInt32(tensors.count) else {
        throw ModelError(
          offset: offset, subject: .border(list.count), expected: "a tensor's index",
          found: Int(truncatingIfNeeded: index))
      }
      let storage = tensors[Int(index)].storage
      guard storage == .arena || (storage == .constant && entry != 44) else {
        throw ModelError(
          offset: offset, subject: .border(list.count),
          expected: "an input in the arena, an output there or among the constants", found: Int(index))
      }
      list.append(Int(index))
    }
    return list
  }

  private mutating func readLabels() throws(ModelError) {
    let section = try section(60, unit: 1)
    if section.isEmpty { return }
    guard bytes[section.upperBound - 1] == 0x0A else {
      throw ModelError(
        offset: section.upperBound - 1, subject: .labels, expected: "a line feed after the last label",
        found: Int(bytes[section.upperBound - 1]))
    }
    labelBounds.append(Int32(section.lowerBound))
    for offset in section where bytes[offset] == 0x0A { labelBounds.append(Int32(offset + 1)) }
  }

  /// The number of labels.
  public var labelCount: Int { max(labelBounds.count - 1, 0) }

  /// The UTF-8 of a label, without its line feed; empty beyond the last.
  public func label(_ index: Int) -> UnsafeRawBufferPointer {
    guard index >= 0, index < labelCount else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(
      rebasing: bytes[Int(labelBounds[index])..<Int(labelBounds[index + 1]) - 1])
  }

  /// What the model was compiled from, and by what: UTF-8.
  public var provenance: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[provenanceRange])
  }

  /// The bytes of a constant tensor.
  public func constant(_ tensor: Int) -> UnsafeRawPointer {
    precondition(tensors[tensor].storage == .constant)
    return bytes.baseAddress! + constantsOffset + tensors[tensor].offset
  }
}
