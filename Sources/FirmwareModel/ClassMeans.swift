/// What a taught model knows of the photographs of its classes: the means of their features, and how far from the
/// nearest mean a picture may lie that is like one of them.
///
/// The section, in words, means in 16 bits:
///
///     byte   0  the features' tensor
///            4  entries
///            8  threshold
///           12  for each entry its class, ascending, and the number of its photographs
///            …  for each entry the mean of each feature
public struct ClassMeans: Equatable, Sendable {
  /// A class that has a mean; those of the network that was taught, where they stayed, have none.
  public struct Entry: Equatable, Sendable {
    public var label: Int
    /// What the mean is made of, at least 1.
    public var photographs: Int

    public init(label: Int, photographs: Int) {
      self.label = label
      self.photographs = photographs
    }
  }

  /// Fraction bits of a mean: a feature less its zero point is at most ±255, so 7 are what int16 has room for.
  public static let fractionBits: Int32 = 7
  static let fixedBytes = 12
  static let entryBytes = 8

  /// An int8 tensor of the arena that no later operator overwrites.
  public var features: Int
  /// The largest distance of a picture that is like the photographs: squared, to the nearest mean, as a part of its
  /// features' sum of squares, with 14 fraction bits. At least 0.
  public var threshold: Int32
  /// Ascending by their labels; at least one.
  public var entries: [Entry]
  /// [entries, features], less the features' zero point.
  public var values: [Int16]

  public init(features: Int, threshold: Int32, entries: [Entry], values: [Int16]) {
    self.features = features
    self.threshold = threshold
    self.entries = entries
    self.values = values
  }
}

extension FirmwareModel {
  mutating func readClassMeans() throws(ModelError) {
    func fail(_ offset: Int, _ expected: StaticString, _ found: UInt32) -> ModelError {
      ModelError(
        offset: offset, subject: .classMeans, expected: expected, found: Int(truncatingIfNeeded: found))
    }
    if word(100) == 0 && word(104) == 0 { return }
    let section = try section(100, unit: 1)
    let start = section.lowerBound
    guard section.count >= ClassMeans.fixedBytes else {
      throw fail(start, "12 bytes of the features' tensor, a number and a threshold", word(104))
    }
    let tensor = word(start)
    guard tensor < UInt32(tensors.count), keepsBytes(of: Int(tensor)) else {
      throw fail(start, "an int8 tensor of the arena that nothing overwrites", tensor)
    }
    let features = tensors[Int(tensor)].shape.count
    let count = word(start + 4)
    let classes = tensors[outputs[0]].shape.count
    guard count > 0, UInt64(count) <= UInt64(classes) else {
      throw fail(start + 4, "means of 1 to all classes", count)
    }
    let bytes =
      UInt64(ClassMeans.fixedBytes)
      + UInt64(count) * (UInt64(ClassMeans.entryBytes) + 2 * UInt64(features))
    guard bytes == UInt64(section.count) else {
      throw fail(start + 4, "a mean of all features for each entry", count)
    }
    let threshold = word(start + 8)
    guard threshold <= UInt32(Int32.max) else {
      throw fail(start + 8, "a threshold of at least 0", threshold)
    }
    var entries: [ClassMeans.Entry] = []
    for index in 0..<Int(count) {
      let offset = start + ClassMeans.fixedBytes + index * ClassMeans.entryBytes
      let label = word(offset)
      guard UInt64(label) < UInt64(classes), entries.last.map({ $0.label < Int(label) }) ?? true else {
        throw fail(offset, "classes of the output, ascending", label)
      }
      let photographs = word(offset + 4)
      guard photographs > 0, photographs <= UInt32(Int32.max) else {
        throw fail(offset + 4, "at least one photograph", photographs)
      }
      entries.append(ClassMeans.Entry(label: Int(label), photographs: Int(photographs)))
    }
    var values: [Int16] = []
    values.reserveCapacity(Int(count) * features)
    let first = start + ClassMeans.fixedBytes + Int(count) * ClassMeans.entryBytes
    for offset in stride(from: first, to: section.upperBound, by: 2) {
      values.append(self.bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self).littleEndian)
    }
    classMeans = ClassMeans(
      features: Int(tensor), threshold: Int32(bitPattern: threshold), entries: entries, values: values)
  }

  /// Whether an int8 tensor lies in the arena and is still there after the last operator: who writes into its bytes last
  /// writes just these.
  private func keepsBytes(of index: Int) -> Bool {
    let tensor = tensors[index]
    guard tensor.storage == .arena, tensor.type == .int8 else { return false }
    func isWritten(by other: Tensor) -> Bool? {
      guard other.storage == .arena, other.offset < tensor.offset + tensor.byteCount,
        tensor.offset < other.offset + other.byteCount
      else { return nil }
      return other.offset == tensor.offset && other.byteCount == tensor.byteCount
    }
    for record in operators.reversed() {
      var result: Bool?
      for position in 0..<record.outputCount {
        let output = word(record.offset + 4 * (record.inputCount + position))
        guard output < UInt32(tensors.count), let isWhole = isWritten(by: tensors[Int(output)]) else {
          continue
        }
        result = isWhole && result ?? true
      }
      if let result { return result }
    }
    for input in inputs { if let isWhole = isWritten(by: tensors[input]) { return isWhole } }
    return false
  }
}
