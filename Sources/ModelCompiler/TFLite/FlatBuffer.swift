/// A FlatBuffer's bytes, every access checked: any bytes whatever give values or an error.
struct FlatBuffer {
  let bytes: [UInt8]

  func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) throws(CompilerError) -> Value {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset <= bytes.count - size else {
      throw .malformed(offset: offset, "the file ends before this value")
    }
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
  }

  /// The position an offset points to.
  func follow(_ offset: Int) throws(CompilerError) -> Int {
    let target = offset + Int(try load(offset, as: UInt32.self))
    guard target <= bytes.count - 4 else {
      throw .malformed(offset: offset, "an offset points beyond the end of the file")
    }
    return target
  }

  /// The table that the file starts with.
  func root() throws(CompilerError) -> FlatTable {
    try FlatTable(self, at: follow(0))
  }
}

/// A table: fields by number, absent ones at their defaults.
struct FlatTable {
  let buffer: FlatBuffer
  let position: Int
  private let vtable: Int
  private let vtableBytes: Int

  init(_ buffer: FlatBuffer, at position: Int) throws(CompilerError) {
    self.buffer = buffer
    self.position = position
    vtable = position - Int(try buffer.load(position, as: Int32.self))
    vtableBytes = Int(try buffer.load(vtable, as: UInt16.self))
    guard vtableBytes >= 4, vtable + vtableBytes <= buffer.bytes.count else {
      throw .malformed(offset: position, "a table's list of fields lies outside the file")
    }
  }

  /// The place of a field, or nil where it is absent.
  func place(_ field: Int) throws(CompilerError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= vtableBytes else { return nil }
    let offset = Int(try buffer.load(vtable + entry, as: UInt16.self))
    return offset == 0 ? nil : position + offset
  }

  func integer<Value: FixedWidthInteger>(
    _ field: Int, as type: Value.Type = Value.self, default value: Value = 0
  ) throws(CompilerError) -> Value {
    guard let place = try place(field) else { return value }
    return try buffer.load(place, as: Value.self)
  }

  func boolean(_ field: Int) throws(CompilerError) -> Bool {
    try integer(field, as: UInt8.self) != 0
  }

  func single(_ field: Int, default value: Float) throws(CompilerError) -> Float {
    guard let place = try place(field) else { return value }
    return Float(bitPattern: try buffer.load(place, as: UInt32.self))
  }

  func table(_ field: Int) throws(CompilerError) -> FlatTable? {
    guard let place = try place(field) else { return nil }
    return try FlatTable(buffer, at: buffer.follow(place))
  }

  /// The start and the number of elements of a vector, or nil where it is absent.
  func vector(_ field: Int, elementBytes: Int) throws(CompilerError) -> (start: Int, count: Int)? {
    guard let place = try place(field) else { return nil }
    let start = try buffer.follow(place)
    let count = Int(try buffer.load(start, as: UInt32.self))
    guard count <= (buffer.bytes.count - start - 4) / elementBytes else {
      throw .malformed(offset: start, "a vector of \(count) elements runs beyond the end of the file")
    }
    return (start + 4, count)
  }

  func integers<Value: FixedWidthInteger>(
    _ field: Int, as type: Value.Type
  ) throws(CompilerError) -> [Value] {
    guard let (start, count) = try vector(field, elementBytes: MemoryLayout<Value>.size) else {
      return []
    }
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      values.append(try buffer.load(start + index * MemoryLayout<Value>.size, as: Value.self))
    }
    return values
  }

  func singles(_ field: Int) throws(CompilerError) -> [Float] {
    try integers(field, as: UInt32.self).map { Float(bitPattern: $0) }
  }

  func string(_ field: Int) throws(CompilerError) -> String {
    String(decoding: try integers(field, as: UInt8.self), as: UTF8.self)
  }

  func tables(_ field: Int) throws(CompilerError) -> [FlatTable] {
    guard let (start, count) = try vector(field, elementBytes: 4) else { return [] }
    var tables: [FlatTable] = []
    tables.reserveCapacity(count)
    for index in 0..<count {
      tables.append(try FlatTable(buffer, at: buffer.follow(start + 4 * index)))
    }
    return tables
  }
}
