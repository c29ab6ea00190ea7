extension FirmwareModel {
  mutating func readTensors() throws(ModelError) {
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
}
