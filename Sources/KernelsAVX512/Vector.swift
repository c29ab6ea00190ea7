#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics

  // Names for what the kernels do most. Everything is inlined: a vector never crosses a call.

  /// 512 bits: 64 bytes, 32 words of 16 bits or 16 lanes of 32 bits.
  typealias Vector = __m512i

  /// Lanes of 32 bits in a vector.
  let lanes = 16

  @inline(__always)
  func zero() -> Vector { _mm512_setzero_si512() }

  @inline(__always)
  func splat(_ value: Int32) -> Vector { _mm512_set1_epi32(value) }

  @inline(__always)
  func splat(byte value: Int8) -> Vector { _mm512_set1_epi8(value) }

  @inline(__always)
  func splat(word value: Int16) -> Vector { _mm512_set1_epi16(value) }

  @inline(__always)
  func load(_ address: UnsafePointer<Int32>) -> Vector { _mm512_loadu_si512(address) }

  @inline(__always)
  func load(_ address: UnsafePointer<UInt8>) -> Vector { _mm512_loadu_si512(address) }

  @inline(__always)
  func load(_ address: UnsafePointer<Int8>) -> Vector { _mm512_loadu_si512(address) }

  /// 16 bytes.
  @inline(__always)
  func loadQuarter(_ address: UnsafePointer<Int8>) -> __m128i {
    UnsafeRawPointer(address).loadUnaligned(as: __m128i.self)
  }

  @inline(__always)
  func store(_ bytes: Vector, _ address: UnsafeMutablePointer<Int8>) {
    _mm512_storeu_si512(address, bytes)
  }

  /// The lowest `count` (0 ... 64) bits.
  @inline(__always)
  func byteMask(_ count: Int) -> UInt64 {
    count >= 64 ? UInt64.max : (1 &<< UInt64(count)) &- 1
  }

  /// The lowest `count` (0 ... 16) bits.
  @inline(__always)
  func laneMask(_ count: Int) -> UInt16 {
    count >= 16 ? UInt16.max : (1 &<< UInt16(count)) &- 1
  }

  /// The first `mask` bytes, the others 0; bytes not loaded are not touched.
  @inline(__always)
  func load(_ address: UnsafePointer<Int8>, _ mask: UInt64) -> Vector {
    _mm512_maskz_loadu_epi8(mask, address)
  }

  /// Adds to each lane the products of its four unsigned bytes with four signed ones.
  @inline(__always)
  func dot(_ sum: Vector, _ unsigned: Vector, _ signed: Vector) -> Vector {
    _mm512_dpbusd_epi32(sum, unsigned, signed)
  }

  @inline(__always)
  func add(_ a: Vector, _ b: Vector) -> Vector { _mm512_add_epi32(a, b) }
#endif
