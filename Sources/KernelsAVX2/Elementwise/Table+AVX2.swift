#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// A table of 256 bytes as sixteen vectors for `vpshufb`, each twice, and all but the first and the ninth
  /// combined with the one before by exclusive or.
  ///
  /// `vpshufb` gives zero where an index is negative. With indices lowered by 16 from one vector to the next, a
  /// byte takes part in the look-ups up to its own vector only, and what they give, combined, is its entry: all
  /// the earlier ones cancel out.
  private struct ShuffleTable {
    private let t0: Vector, t1: Vector, t2: Vector, t3: Vector
    private let t4: Vector, t5: Vector, t6: Vector, t7: Vector
    private let t8: Vector, t9: Vector, t10: Vector, t11: Vector
    private let t12: Vector, t13: Vector, t14: Vector, t15: Vector

    /// - Parameter table: Entry `value + 128` is a value's.
    @inline(__always)
    init(_ table: UnsafePointer<Int8>) {
      // From the value 0 on, so that unsigned bytes count upwards.
      t0 = ShuffleTable.part(table, 8)
      t1 = _mm256_xor_si256(ShuffleTable.part(table, 9), ShuffleTable.part(table, 8))
      t2 = _mm256_xor_si256(ShuffleTable.part(table, 10), ShuffleTable.part(table, 9))
      t3 = _mm256_xor_si256(ShuffleTable.part(table, 11), ShuffleTable.part(table, 10))
      t4 = _mm256_xor_si256(ShuffleTable.part(table, 12), ShuffleTable.part(table, 11))
      t5 = _mm256_xor_si256(ShuffleTable.part(table, 13), ShuffleTable.part(table, 12))
      t6 = _mm256_xor_si256(ShuffleTable.part(table, 14), ShuffleTable.part(table, 13))
      t7 = _mm256_xor_si256(ShuffleTable.part(table, 15), ShuffleTable.part(table, 14))
      t8 = ShuffleTable.part(table, 0)
      t9 = _mm256_xor_si256(ShuffleTable.part(table, 1), ShuffleTable.part(table, 0))
      t10 = _mm256_xor_si256(ShuffleTable.part(table, 2), ShuffleTable.part(table, 1))
      t11 = _mm256_xor_si256(ShuffleTable.part(table, 3), ShuffleTable.part(table, 2))
      t12 = _mm256_xor_si256(ShuffleTable.part(table, 4), ShuffleTable.part(table, 3))
      t13 = _mm256_xor_si256(ShuffleTable.part(table, 5), ShuffleTable.part(table, 4))
      t14 = _mm256_xor_si256(ShuffleTable.part(table, 6), ShuffleTable.part(table, 5))
      t15 = _mm256_xor_si256(ShuffleTable.part(table, 7), ShuffleTable.part(table, 6))
    }

    @inline(__always)
    private static func part(_ table: UnsafePointer<Int8>, _ index: Int) -> Vector {
      _mm256_broadcastsi128_si256(ocellus_load_128(table + 16 &* index))
    }

    /// The entries of 32 values.
    @inline(__always)
    func lookUp(_ values: Vector) -> Vector {
      let step = _mm256_set1_epi8(16)
      // Values from 0 on: lowered by 16 they pass below zero exactly at their own vector's end.
      var index = values
      var result = _mm256_shuffle_epi8(t0, index)
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t1, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t2, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t3, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t4, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t5, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t6, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t7, index))
      // Values below 0, counted from −128 on; the others become negative here.
      index = _mm256_xor_si256(values, _mm256_set1_epi8(-128))
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t8, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t9, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t10, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t11, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t12, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t13, index))
      index = _mm256_subs_epi8(index, step)
      result = _mm256_xor_si256(result, _mm256_shuffle_epi8(t14, index))
      index = _mm256_subs_epi8(index, step)
      return _mm256_xor_si256(result, _mm256_shuffle_epi8(t15, index))
    }
  }

  /// Looks 32 bytes up at a time. `output` may be `input`.
  func lookUpBytes(
    _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) {
    var index = 0
    if count >= 128 {
      let shuffles = ShuffleTable(table)
      while index &+ 64 <= count {
        let first = shuffles.lookUp(ocellus_load_256(input + index))
        let second = shuffles.lookUp(ocellus_load_256(input + (index &+ 32)))
        ocellus_store_256(output + index, first)
        ocellus_store_256(output + (index &+ 32), second)
        index &+= 64
      }
      if index &+ 32 <= count {
        ocellus_store_256(output + index, shuffles.lookUp(ocellus_load_256(input + index)))
        index &+= 32
      }
    }
    let middle = table + 128
    while index < count {
      output[index] = middle[Int(input[index])]
      index &+= 1
    }
  }
#endif
