/// Collects the parts of a model and lays them out as a `.ocm` file (see `Layout`).
public struct FirmwareModelWriter {
  public private(set) var tensors: [Tensor] = []
  private var constants: [UInt8] = []
  private var operatorWords: [UInt32] = []
  private var operatorCount = 0

  public var arenaBytes = 0
  public var inputs: [Int] = []
  public var outputs: [Int] = []
  /// UTF-8, each label ended by a line feed.
  public var labels: [UInt8] = []
  public var image: ImageInput?
  public var provenance: [UInt8] = []
  public var multiplyAccumulates: UInt64 = 0
  public var classMeans: ClassMeans?

  public init() {}

  /// Adds a tensor of the arena, whose offset the memory plan gave.
  public mutating func add(_ tensor: Tensor) -> Int {
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// Adds a constant tensor with its bytes.
  ///
  /// - Parameter isShared: Equal bytes are stored once. False for what will be changed in the file.
  public mutating func addConstant(_ tensor: Tensor, bytes: [UInt8], isShared: Bool = true) -> Int {
    precondition(bytes.count == tensor.byteCount)
    var tensor = tensor
    tensor.storage = .constant
    tensor.offset = isShared ? offsetOfConstant(bytes) : append(constant: bytes)
    return add(tensor)
  }

  /// Adds a constant tensor of int32 values.
  public mutating func addConstant(_ values: [Int32], shape: Shape? = nil, isShared: Bool = true) -> Int {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values { append(UInt32(bitPattern: value), to: &bytes) }
    let tensor = Tensor(type: .int32, storage: .constant, shape: shape ?? Shape([values.count]))
    return addConstant(tensor, bytes: bytes, isShared: isShared)
  }

  /// Adds an operator; a nil input is one that the operator goes without.
  public mutating func add(
    _ kind: OperatorKind, name: OperatorName, inputs: [Int?], outputs: [Int], parameters: [Int32]
  ) {
    precondition(inputs.count < 256 && outputs.count < 256 && parameters.count < 65536)
    operatorWords.append(UInt32(kind.rawValue) | UInt32(name.rawValue) << 16)
    operatorWords.append(
      UInt32(inputs.count) | UInt32(outputs.count) << 8 | UInt32(parameters.count) << 16)
    for input in inputs {
      if let input { operatorWords.append(UInt32(input)) } else { operatorWords.append(Layout.absent) }
    }
    for output in outputs { operatorWords.append(UInt32(output)) }
    for parameter in parameters { operatorWords.append(UInt32(bitPattern: parameter)) }
    operatorCount += 1
  }

  /// The bytes of the file, or nil where they would be more than a file can hold.
  public func file() -> [UInt8]? {
    var file = [UInt8](repeating: 0, count: Layout.headerBytes)
    for index in 0..<Layout.magic.utf8CodeUnitCount { file[index] = Layout.magic.utf8Start[index] }
    put(Layout.version, at: 12, in: &file)
    put(UInt32(arenaBytes), at: 20, in: &file)
    putSection(24, count: tensors.count, in: &file)
    for tensor in tensors { appendRecord(of: tensor, to: &file) }
    putSection(32, count: operatorCount, in: &file)
    put(UInt32(operatorWords.count), at: 40, in: &file)
    for word in operatorWords { append(word, to: &file) }
    putSection(44, count: inputs.count, in: &file)
    for input in inputs { append(UInt32(input), to: &file) }
    putSection(52, count: outputs.count, in: &file)
    for output in outputs { append(UInt32(output), to: &file) }
    putSection(60, count: labels.count, in: &file)
    file += labels
    pad(&file, to: 4)
    if let image {
      let start = file.count
      appendRecord(of: image, to: &file)
      put(UInt32(start), at: 68, in: &file)
      put(UInt32(file.count - start), at: 72, in: &file)
      pad(&file, to: 4)
    }
    putSection(76, count: provenance.count, in: &file)
    file += provenance
    if let classMeans {
      pad(&file, to: 4)
      let start = file.count
      appendRecord(of: classMeans, to: &file)
      put(UInt32(start), at: 100, in: &file)
      put(UInt32(file.count - start), at: 104, in: &file)
    }
    pad(&file, to: Layout.constantAlignment)
    putSection(84, count: constants.count, in: &file)
    file += constants
    put(UInt32(truncatingIfNeeded: multiplyAccumulates), at: 92, in: &file)
    put(UInt32(truncatingIfNeeded: multiplyAccumulates >> 32), at: 96, in: &file)
    guard file.count <= Layout.maximumBytes else { return nil }
    put(UInt32(file.count), at: 16, in: &file)
    FirmwareModelWriter.seal(&file)
    return file
  }

  /// Renews the checksum of a file's bytes.
  public static func seal(_ file: inout [UInt8]) {
    let checksum = file.withUnsafeBytes { bytes in
      CRC32().checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Layout.checksumStart...]))
    }
    for byte in 0..<4 {
      file[Layout.checksumOffset + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * byte))
    }
  }

  private mutating func offsetOfConstant(_ bytes: [UInt8]) -> Int {
    for tensor in tensors where tensor.storage == .constant && tensor.byteCount == bytes.count {
      var same = true
      for index in 0..<bytes.count where constants[tensor.offset + index] != bytes[index] {
        same = false
        break
      }
      if same { return tensor.offset }
    }
    return append(constant: bytes)
  }

  private mutating func append(constant bytes: [UInt8]) -> Int {
    let offset = constants.count
    constants += bytes
    pad(&constants, to: Layout.constantAlignment)
    return offset
  }

  private func appendRecord(of tensor: Tensor, to file: inout [UInt8]) {
    file.append(tensor.type.rawValue)
    file.append(tensor.storage.rawValue)
    file.append(UInt8(tensor.shape.rank))
    file.append(tensor.border.rawValue)
    append(UInt32(tensor.offset), to: &file)
    append(UInt32(bitPattern: tensor.zeroPoint), to: &file)
    append(UInt32(bitPattern: tensor.scale.mantissa), to: &file)
    append(UInt32(bitPattern: tensor.scale.exponent), to: &file)
    if let scales = tensor.channelScales {
      append(UInt32(scales), to: &file)
    } else {
      append(Layout.absent, to: &file)
    }
    append(0, to: &file)
    append(0, to: &file)
    for axis in 0..<Shape.maximumRank {
      append(axis < tensor.shape.rank ? UInt32(tensor.shape[axis]) : 0, to: &file)
    }
  }

  private func appendRecord(of image: ImageInput, to file: inout [UInt8]) {
    append(UInt32(image.width), to: &file)
    append(UInt32(image.height), to: &file)
    file.append(UInt8(image.channels))
    file.append(image.crop.rawValue)
    file.append(image.order.rawValue)
    file.append(image.blueFirst ? 1 : 0)
    for value in image.quantized { file.append(UInt8(bitPattern: value)) }
    file += image.range
  }

  private func appendRecord(of means: ClassMeans, to file: inout [UInt8]) {
    append(UInt32(means.features), to: &file)
    append(UInt32(means.entries.count), to: &file)
    append(UInt32(bitPattern: means.threshold), to: &file)
    for entry in means.entries {
      append(UInt32(entry.label), to: &file)
      append(UInt32(entry.photographs), to: &file)
    }
    for value in means.values {
      file.append(UInt8(truncatingIfNeeded: value))
      file.append(UInt8(truncatingIfNeeded: value >> 8))
    }
  }

  private func append(_ word: UInt32, to bytes: inout [UInt8]) {
    for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * byte))) }
  }

  private func put(_ word: UInt32, at offset: Int, in file: inout [UInt8]) {
    for byte in 0..<4 { file[offset + byte] = UInt8(truncatingIfNeeded: word >> UInt32(8 * byte)) }
  }

  /// Writes a section's entry: it starts where the file now ends.
  private func putSection(_ entry: Int, count: Int, in file: inout [UInt8]) {
    put(UInt32(file.count), at: entry, in: &file)
    put(UInt32(count), at: entry + 4, in: &file)
  }

  private func pad(_ bytes: inout [UInt8], to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }
}
