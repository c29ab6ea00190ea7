/// A compiled model over bytes that outlive it (usually a mapped file).
///
/// Reading is total: `init(reading:)` either throws, or every section, tensor and index it holds was proved to
/// lie in the file or the arena. What an operator's words mean is checked by the operator itself
/// (`OperatorReader`), before the first inference.
public struct FirmwareModel {
  public let bytes: UnsafeRawBufferPointer
  /// Bytes of the arena that the compiler's memory plan uses.
  public private(set) var arenaBytes = 0
  public private(set) var tensors: [Tensor] = []
  public private(set) var operators: [OperatorRecord] = []
  /// Indices of the tensors that the source model takes and gives, in its order.
  public private(set) var inputs: [Int] = []
  public private(set) var outputs: [Int] = []
  public private(set) var image: ImageInput?
  /// Multiply-accumulates of one inference.
  public private(set) var multiplyAccumulates: UInt64 = 0
  /// Start of the constants, from the start of the file.
  public private(set) var constantsOffset = 0
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
  }

  /// The word at a byte offset that was checked.
  @inline(__always)
  func word(_ offset: Int) -> UInt32 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
  }

  private func fail(_ offset: Int, _ expected: StaticString, _ found: Int) -> ModelError {
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
    for offset in stride(from: 100, to: Layout.headerBytes, by: 4) {
      guard word(offset) == 0 else {
        throw fail(offset, "reserved words to be 0", Int(truncatingIfNeeded: word(offset)))
      }
    }
  }

  /// The range of a section whose offset and count stand at `entry`; `unit` bytes each.
  private func section(_ entry: Int, unit: Int) throws(ModelError) -> Range<Int> {
    let start = word(entry)
    let count = word(entry + 4)
    let end = UInt64(start) + UInt64(count) * UInt64(unit)
    guard end <= UInt64(bytes.count) else {
      throw fail(entry, "a section inside the file", Int(truncatingIfNeeded: end))
    }
    return Int(start)..<Int(end)
  }

  private mutating func readTensors() throws(ModelError) {
    let section = try section(24, unit: Layout.tensorBytes)
    let constants = try self.section(84, unit: 1)
    tensors.reserveCapacity(section.count / Layout.tensorBytes)
    for offset in stride(from: section.lowerBound, to: section.upperBound, by: Layout.tensorBytes) {
      tensors.append(try readTensor(offset, constantBytes: constants.count))
    }
    for (index, tensor) in tensors.enumerated() {
      try checkChannelScales(of: tensor, index)
    }
  }

  private func readTensor(_ offset: Int, constantBytes: Int) throws(ModelError) -> Tensor {
    let index = tensors.count
    func fail(_ at: Int, _ expected: StaticString, _ found: Int) -> ModelError {
      ModelError(offset: offset + at, subject: .tensor(index), expected: expected, found: found)
    }
    guard let type = ElementType(rawValue: bytes[offset]) else {
      throw fail(0, "an element type of 1 (int8) or 2 (int32)", Int(bytes[offset]))
    }
    guard let storage = Storage(rawValue: bytes[offset + 1]) else {
      throw fail(1, "a storage of 0 (arena), 1 (constant) or 2 (strip)", Int(bytes[offset + 1]))
    }
    let rank = Int(bytes[offset + 2])
    guard rank <= Shape.maximumRank else { throw fail(2, "a rank of at most 8", rank) }
    guard let border = BorderType(rawValue: bytes[offset + 3]), border == .stored || type == .int8
    else { throw fail(3, "a border type of 0, or up to 3 for int8", Int(bytes[offset + 3])) }
    var shape = Shape()
    var byteCount = UInt64(type.size)
    for axis in 0..<rank {
      let extent = word(offset + 32 + 4 * axis)
      guard extent > 0, extent <= UInt32(Layout.maximumBytes) else {
        throw fail(32 + 4 * axis, "a dimension of at least 1", Int(truncatingIfNeeded: extent))
      }
      byteCount *= UInt64(extent)
      guard byteCount <= UInt64(Layout.maximumBytes) else {
        throw fail(32 + 4 * axis, "a tensor under 2 GiB", Int(truncatingIfNeeded: byteCount))
      }
      shape.append(Int32(extent))
    }
    for axis in rank..<Shape.maximumRank where word(offset + 32 + 4 * axis) != 0 {
      throw fail(
        32 + 4 * axis, "0 beyond the tensor's rank", Int(truncatingIfNeeded: word(offset + 32 + 4 * axis)))
    }
    let start = word(offset + 4)
    guard start % UInt32(type.size) == 0 else {
      throw fail(4, "an offset that is a multiple of the element's size", Int(truncatingIfNeeded: start))
    }
    switch storage {
    case .arena, .constant:
      let limit = storage == .arena ? arenaBytes : constantBytes
      guard UInt64(start) + byteCount <= UInt64(limit) else {
        throw fail(4, "a tensor inside the arena or the constants", Int(truncatingIfNeeded: start))
      }
    case .strip:
      guard start == 0 else { throw fail(4, "an offset of 0 for a strip", Int(truncatingIfNeeded: start)) }
    }
    let zeroPoint = Int32(bitPattern: word(offset + 8))
    guard type != .int8 || (-128...127).contains(zeroPoint) else {
      throw fail(8, "a zero point in -128...127", Int(zeroPoint))
    }
    let channelScales = word(offset + 20)
    guard channelScales == Layout.absent || storage == .constant else {
      throw fail(20, "scales per channel of constants alone", Int(truncatingIfNeeded: channelScales))
    }
    for at in stride(from: 24, to: 32, by: 4) where word(offset + at) != 0 {
      throw fail(at, "reserved words to be 0", Int(truncatingIfNeeded: word(offset + at)))
    }
    return Tensor(
      type: type, storage: storage, border: border, shape: shape, offset: Int(start),
      zeroPoint: zeroPoint,
      scale: Scale(
        mantissa: Int32(bitPattern: word(offset + 12)), exponent: Int32(bitPattern: word(offset + 16))),
      channelScales: channelScales == Layout.absent ? nil : Int(truncatingIfNeeded: channelScales))
  }

  private func checkChannelScales(of tensor: Tensor, _ index: Int) throws(ModelError) {
    guard let scales = tensor.channelScales else { return }
    guard scales >= 0, scales < tensors.count, tensors[scales].type == .int32,
      tensors[scales].storage == .constant, tensors[scales].shape.rank == 2,
      tensors[scales].shape[1] == 2
    else {
      throw ModelError(
        offset: 0, subject: .tensor(index),
        expected: "scales per channel in a constant int32 tensor of [channels, 2]", found: scales)
    }
  }

  private mutating func readOperators() throws(ModelError) {
    let words = word(40)
    let count = word(36)
    guard UInt64(word(32)) + UInt64(words) * 4 <= UInt64(bytes.count), count <= words else {
      throw fail(32, "operators inside the file", Int(truncatingIfNeeded: word(32)))
    }
    var offset = Int(word(32))
    let end = offset + 4 * Int(words)
    for index in 0..<Int(count) {
      func fail(_ at: Int, _ expected: StaticString, _ found: Int) -> ModelError {
        ModelError(offset: offset + at, subject: .operator(index), expected: expected, found: found)
      }
      guard offset + 8 <= end else { throw fail(0, "an operator inside its section", offset) }
      let kindAndName = word(offset)
      guard let kind = OperatorKind(rawValue: UInt16(truncatingIfNeeded: kindAndName)) else {
        throw fail(0, "a known kind of operator", Int(kindAndName & 0xFFFF))
      }
      guard let name = OperatorName(rawValue: UInt16(truncatingIfNeeded: kindAndName >> 16)) else {
        throw fail(2, "a known operator name", Int(kindAndName >> 16))
      }
      let counts = word(offset + 4)
      let record = OperatorRecord(
        kind: kind, name: name, offset: offset + 8, inputCount: Int(counts & 0xFF),
        outputCount: Int(counts >> 8 & 0xFF), parameterCount: Int(counts >> 16))
      offset += 8 + 4 * (record.inputCount + record.outputCount + record.parameterCount)
      guard offset <= end else {
        throw ModelError(
          offset: record.offset, subject: .operator(index),
          expected: "the operator's words inside their section", found: offset)
      }
      operators.append(record)
    }
    guard offset == end else { throw fail(40, "no words after the last operator", end - offset) }
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

  private mutating func readImage() throws(ModelError) {
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

// For reports.
extension FirmwareModel {
  /// The first output tensor of an operator, or nil where the file names none.
  public func output(of operator: Int) -> Int? {
    tensor(of: `operator`, operators[`operator`].inputCount, operators[`operator`].outputCount)
  }

  /// The tensor at a position among an operator's words, or nil.
  private func tensor(of operator: Int, _ position: Int, _ count: Int) -> Int? {
    guard count > 0 else { return nil }
    let index = word(operators[`operator`].offset + 4 * position)
    return index < UInt32(tensors.count) ? Int(index) : nil
  }

  /// The multiply-accumulates of an operator, from the shapes of its tensors.
  public func multiplyAccumulates(of operator: Int) -> UInt64 {
    let record = operators[`operator`]
    guard let output = output(of: `operator`), record.inputCount > 1,
      let first = tensor(of: `operator`, 0, 1), let second = tensor(of: `operator`, 1, 1)
    else { return 0 }
    let outputs = UInt64(tensors[output].shape.count)
    let (a, b) = (tensors[first].shape, tensors[second].shape)
    func extent(_ shape: Shape, _ axis: Int) -> UInt64 { axis < shape.rank ? UInt64(shape[axis]) : 1 }
    switch record.kind {
    case .convolution: return outputs &* extent(b, 1) &* extent(b, 2) &* extent(b, 3)
    case .depthwiseConvolution: return outputs &* extent(b, 1) &* extent(b, 2)
    case .transposeConvolution:
      return UInt64(a.count) &* extent(b, 0) &* extent(b, 1) &* extent(b, 2)
    case .fullyConnected: return outputs &* extent(b, 1)
    case .batchMatrixMultiply:
      let rows = UInt64(tensors[output].shape.extent(fromLast: 2))
      return outputs &* (UInt64(a.extent(fromLast: 1)) &* UInt64(a.extent(fromLast: 2)) / rows)
    default: return 0
    }
  }
}
