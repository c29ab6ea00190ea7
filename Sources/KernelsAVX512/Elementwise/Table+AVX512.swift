#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// 64 values at a time: each half of the table is two vectors, which `vpermi2b` indexes by seven bits.
  func lookUpBytes(
    _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) {
    let (a, b) = (load(table), load(table + 64))
    let (c, d) = (load(table + 128), load(table + 192))
    @inline(__always)
    func result(_ values: Vector) -> Vector {
      // The table starts with the value for −128.
      let negative = _mm512_permutex2var_epi8(a, values, b)
      let positive = _mm512_permutex2var_epi8(c, values, d)
      return _mm512_mask_blend_epi8(_mm512_movepi8_mask(values), positive, negative)
    }
    var index = 0
    while index &+ 64 <= count {
      store(result(load(input + index)), output + index)
      index &+= 64
    }
    if index < count {
      let mask = byteMask(count &- index)
      _mm512_mask_storeu_epi8(output + index, mask, result(load(input + index, mask)))
    }
  }
#endif
