#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  func lookUpBytes(
    _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) {
    lookUpBytes(table, input, output, count, joins: false)
  }

  /// Sixteen values at a time: the table lies in sixteen registers, of which `tbl` and `tbx` index four at once. For an
  /// index that is none of theirs `tbl` gives 0, and `tbx` leaves the value that another four gave.
  ///
  /// - Parameter joins: Use `tbl` alone and join what it gives: the better way where `tbx` takes longer.
  @inline(__always)
  public func lookUpBytes(
    _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int, joins: Bool
  ) {
    guard count >= 16 else { return lookUpScalar(table, input, output, count) }
    @inline(__always)
    func quarter(_ index: Int) -> int8x16x4_t {
      let first = table + 64 &* index
      return int8x16x4_t(val: (load(first), load(first + 16), load(first + 32), load(first + 48)))
    }
    // As unsigned bytes, values from 0 on come first.
    let (a, b, c, d) = (quarter(2), quarter(3), quarter(0), quarter(1))
    let step = vdupq_n_u8(64)
    @inline(__always)
    func result(_ values: int8x16_t) -> int8x16_t {
      let first = vreinterpretq_u8_s8(values)
      let second = vsubq_u8(first, step)
      let third = vsubq_u8(second, step)
      let fourth = vsubq_u8(third, step)
      if joins {
        return vorrq_s8(
          vorrq_s8(vqtbl4q_s8(a, first), vqtbl4q_s8(b, second)),
          vorrq_s8(vqtbl4q_s8(c, third), vqtbl4q_s8(d, fourth)))
      }
      return vqtbx4q_s8(vqtbx4q_s8(vqtbx4q_s8(vqtbl4q_s8(a, first), b, second), c, third), d, fourth)
    }
    let bytes = UnsafeRawPointer(table).assumingMemoryBound(to: UInt8.self)
    @inline(__always)
    func eight(_ address: UnsafePointer<Int8>) -> UInt64 {
      // As unsigned bytes from the least value on.
      let values = UnsafeRawPointer(address).loadUnaligned(as: UInt64.self) ^ 0x8080_8080_8080_8080
      @inline(__always)
      func one(_ place: UInt64) -> UInt64 {
        UInt64(bytes[Int(truncatingIfNeeded: values &>> (8 &* place) & 0xFF)]) &<< (8 &* place)
      }
      return ((one(0) | one(1)) | (one(2) | one(3))) | ((one(4) | one(5)) | (one(6) | one(7)))
    }
    @inline(__always)
    func storeEight(_ values: UInt64, _ address: UnsafeMutablePointer<Int8>) {
      UnsafeMutableRawPointer(address).storeBytes(of: values, as: UInt64.self)
    }
    // The last ones, of which some are among those before, are looked up first: the output may take the place of the
    // input.
    let isWhole = count & 15 == 0
    let end = count &- 16
    let last = isWhole ? vdupq_n_s8(0) : result(load(input + end))
    var index = 0
    // `tbl` keeps the vector pipes busy: meanwhile the others look up values one by one.
    while index &+ 32 <= end {
      let (first, second) = (eight(input + (index &+ 32)), eight(input + (index &+ 40)))
      let (low, high) = (result(load(input + index)), result(load(input + (index &+ 16))))
      store(low, output + index)
      store(high, output + (index &+ 16))
      storeEight(first, output + (index &+ 32))
      storeEight(second, output + (index &+ 40))
      index &+= 48
    }
    while index <= end &- 16 {
      store(result(load(input + index)), output + index)
      index &+= 16
    }
    if index <= end { store(result(load(input + index)), output + index) }
    if !isWhole { store(last, output + end) }
  }
#endif
