/// The type of a weight's master: the weight in its own last bits with `fractionBits` more below, so that steps
/// smaller than a bit add up. Few fraction bits round by chance, or small steps would be lost altogether.
public protocol MasterWeight: FixedWidthInteger, SignedInteger {
  static var fractionBits: Int32 { get }
  static var isStochastic: Bool { get }

  /// A step by the kernel of this type.
  static func update(_ update: ParameterUpdate<Self>, with kernels: TrainingKernels) -> UInt32
}

extension Int16: MasterWeight {
  public static var fractionBits: Int32 { 8 }
  public static var isStochastic: Bool { true }
  public static func update(_ update: ParameterUpdate<Int16>, with kernels: TrainingKernels) -> UInt32 {
    kernels.updateNarrow(update)
  }
}

extension Int32: MasterWeight {
  public static var fractionBits: Int32 { 16 }
  public static var isStochastic: Bool { false }
  public static func update(_ update: ParameterUpdate<Int32>, with kernels: TrainingKernels) -> UInt32 {
    kernels.updateWide(update)
  }
}

extension MasterWeight {
  /// The largest magnitude of a master: just below what would round to 128.
  @inlinable public static var limit: Int32 { (127 &<< fractionBits) &+ (1 &<< (fractionBits &- 1)) &- 1 }

  /// The int8 weight of a master: rounded to the nearest, halves up, within ±127.
  @inlinable @inline(__always)
  public static func weight(_ master: Int32) -> Int8 {
    let rounded = (master &+ (1 &<< (fractionBits &- 1))) &>> fractionBits
    return Int8(truncatingIfNeeded: Swift.max(rounded, -127))
  }
}
