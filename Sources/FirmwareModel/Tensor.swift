/// The type of a tensor's elements.
public enum ElementType: UInt8, Sendable {
  case int8 = 1
  case int32 = 2

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .int8: 1
    case .int32: 4
    }
  }
}

/// The type that the source model shows for a tensor at its border.
public enum BorderType: UInt8, Sendable {
  /// As stored: int8 or int32.
  case stored = 0
  /// uint8 outside, int8 inside: values differ by 128.
  case uint8 = 1
  /// Floating point outside (a QUANTIZE or DEQUANTIZE that was left out), its int8 shown in its place.
  case real = 2
  /// Floating point outside, uint8 shown in its place.
  case realUInt8 = 3

  /// Whether what is shown is uint8: 128 above what is stored.
  public var isUnsigned: Bool { self == .uint8 || self == .realUInt8 }
  /// Whether the source has floating point there.
  public var isReal: Bool { self == .real || self == .realUInt8 }
  /// The same with floating point outside.
  public var asReal: BorderType { isUnsigned ? .realUInt8 : .real }
}

/// Where a tensor's bytes lie.
public enum Storage: UInt8, Sendable {
  /// In the arena, at the offset that the compiler's memory plan gave.
  case arena = 0
  /// In the file's constants.
  case constant = 1
  /// Nowhere as a whole: the next operator reads it while the one before it writes it, a strip of rows at a time.
  case strip = 2
}

/// The extent of a tensor in up to eight dimensions, outermost first.
public struct Shape: Equatable, Sendable {
  public static let maximumRank = 8

  private var extents: InlineArray<8, Int32>
  public private(set) var rank: Int

  public init() {
    extents = InlineArray(repeating: 1)
    rank = 0
  }

  public init(_ dimensions: [Int]) {
    self.init()
    precondition(dimensions.count <= Shape.maximumRank)
    for dimension in dimensions { append(Int32(dimension)) }
  }

  public mutating func append(_ extent: Int32) {
    extents[rank] = extent
    rank += 1
  }

  @inline(__always)
  public subscript(_ axis: Int) -> Int {
    precondition(axis >= 0 && axis < rank)
    return Int(extents[axis])
  }

  /// The extent of an axis counted from the innermost (1), or 1 beyond the rank.
  public func extent(fromLast position: Int) -> Int {
    position <= rank ? self[rank - position] : 1
  }

  /// The number of elements. Models that were read never overflow here.
  public var count: Int {
    var product = 1
    for axis in 0..<rank { product *= Int(extents[axis]) }
    return product
  }

  public var dimensions: [Int] {
    var list: [Int] = []
    for axis in 0..<rank { list.append(Int(extents[axis])) }
    return list
  }

  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank else { return false }
    for axis in 0..<a.rank where a.extents[axis] != b.extents[axis] { return false }
    return true
  }
}

/// A real number as `mantissa · 2^exponent`; an IEEE single's 24-bit significand fits exactly.
public struct Scale: Equatable, Sendable {
  public var mantissa: Int32
  public var exponent: Int32

  public init(mantissa: Int32, exponent: Int32) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// The scale of a tensor that has none.
  public static var none: Scale { Scale(mantissa: 0, exponent: 0) }
}

/// One tensor of a model: `real = scale · (stored − zeroPoint)`.
public struct Tensor: Equatable, Sendable {
  public var type: ElementType
  public var storage: Storage
  public var border: BorderType
  public var shape: Shape
  /// Bytes from the start of the arena, or of the file's constants.
  public var offset: Int
  public var zeroPoint: Int32
  /// Per-tensor scale; `none` where the tensor has no quantisation or one scale a channel.
  public var scale: Scale
  /// The constant int32 tensor of `[channels, 2]` that holds a mantissa and an exponent per channel.
  public var channelScales: Int?

  public var byteCount: Int { shape.count * type.size }

  public init(
    type: ElementType, storage: Storage, border: BorderType = .stored, shape: Shape, offset: Int = 0,
    zeroPoint: Int32 = 0, scale: Scale = .none, channelScales: Int? = nil
  ) {
    self.type = type
    self.storage = storage
    self.border = border
    self.shape = shape
    self.offset = offset
    self.zeroPoint = zeroPoint
    self.scale = scale
    self.channelScales = channelScales
  }
}
