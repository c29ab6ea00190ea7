#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  // Loads and stores at any address; those of arm_neon.h are macros, which do not import.

  @inline(__always)
  public func load(_ address: UnsafePointer<Int32>) -> int32x4_t {
    UnsafeRawPointer(address).loadUnaligned(as: int32x4_t.self)
  }

  @inline(__always)
  public func load(_ address: UnsafePointer<Int8>) -> int8x16_t {
    UnsafeRawPointer(address).loadUnaligned(as: int8x16_t.self)
  }

  @inline(__always)
  public func loadHalf(_ address: UnsafePointer<Int8>) -> int8x8_t {
    UnsafeRawPointer(address).loadUnaligned(as: int8x8_t.self)
  }

  @inline(__always)
  func load(_ address: UnsafePointer<Int16>) -> int16x8_t {
    UnsafeRawPointer(address).loadUnaligned(as: int16x8_t.self)
  }

  @inline(__always)
  func loadHalf(_ address: UnsafePointer<Int16>) -> int16x4_t {
    UnsafeRawPointer(address).loadUnaligned(as: int16x4_t.self)
  }

  @inline(__always)
  func store(_ values: int32x4_t, _ address: UnsafeMutablePointer<Int32>) {
    UnsafeMutableRawPointer(address).storeBytes(of: values, as: int32x4_t.self)
  }

  @inline(__always)
  func store(_ values: int16x4_t, _ address: UnsafeMutablePointer<Int16>) {
    UnsafeMutableRawPointer(address).storeBytes(of: values, as: int16x4_t.self)
  }

  @inline(__always)
  func store(_ values: int16x8_t, _ address: UnsafeMutablePointer<Int16>) {
    UnsafeMutableRawPointer(address).storeBytes(of: values, as: int16x8_t.self)
  }

  /// 8 or 16 bytes.
  @inline(__always)
  public func store<Bytes: BitwiseCopyable>(_ bytes: Bytes, _ address: UnsafeMutablePointer<Int8>) {
    UnsafeMutableRawPointer(address).storeBytes(of: bytes, as: Bytes.self)
  }

  /// The first `count` of eight bytes, or all of them.
  @inline(__always)
  func store(_ bytes: int8x8_t, _ address: UnsafeMutablePointer<Int8>, count: Int) {
    if count >= 8 { return store(bytes, address) }
    var rest = unsafeBitCast(bytes, to: UInt64.self)
    for index in 0..<count {
      address[index] = Int8(truncatingIfNeeded: rest)
      rest &>>= 8
    }
  }
#endif
