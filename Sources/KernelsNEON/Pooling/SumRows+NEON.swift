#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The sums of sixteen columns.
  struct SixteenSums {
    var a, b, c, d: int32x4_t

    @inline(__always)
    init() {
      a = vdupq_n_s32(0)
      b = a
      c = a
      d = a
    }

    /// Adds rows of bytes, summed in 16 bits over up to 256 rows: 256 times −128 is the least that they hold.
    @inline(__always)
    mutating func add(_ values: UnsafePointer<Int8>, rows: Int, stride: Int) {
      var values = values
      var rows = rows
      while rows > 0 {
        let count = min(rows, 256)
        rows &-= count
        let short = EvenAndOdd(values, rows: count, stride: stride)
        values += count &* stride
        a = vaddw_s16(a, vget_low_s16(short.low))
        b = vaddw_high_s16(b, short.low)
        c = vaddw_s16(c, vget_low_s16(short.high))
        d = vaddw_high_s16(d, short.high)
      }
    }
  }

  extension SixteenSums {
    @inline(__always)
    fileprivate func add(to sums: UnsafeMutablePointer<Int32>) {
      store(vaddq_s32(load(sums), a), sums)
      store(vaddq_s32(load(sums + 4), b), sums + 4)
      store(vaddq_s32(load(sums + 8), c), sums + 8)
      store(vaddq_s32(load(sums + 12), d), sums + 12)
    }
  }

  /// The sums of two times eight columns over at most 256 rows, two rows at a time that wait for nothing but themselves.
  private struct EvenAndOdd {
    var low: int16x8_t
    var high: int16x8_t

    @inline(__always)
    init(_ values: UnsafePointer<Int8>, rows: Int, stride: Int) {
      low = vdupq_n_s16(0)
      high = low
      var values = values
      for _ in 0..<rows / 4 {
        let (a, b) = (load(values), load(values + stride))
        let (c, d) = (load(values + 2 &* stride), load(values + 3 &* stride))
        let first = vaddl_s8(vget_low_s8(a), vget_low_s8(b))
        let second = vaddl_s8(vget_low_s8(c), vget_low_s8(d))
        let third = vaddl_high_s8(a, b)
        let fourth = vaddl_high_s8(c, d)
        low = vaddq_s16(low, vaddq_s16(first, second))
        high = vaddq_s16(high, vaddq_s16(third, fourth))
        values += 4 &* stride
      }
      for _ in 0..<rows & 3 {
        let row = load(values)
        low = vaddw_s8(low, vget_low_s8(row))
        high = vaddw_high_s8(high, row)
        values += stride
      }
    }
  }

  /// Adds rows of values to their columns' sums, sixteen columns at a time.
  func addRows(
    _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
    _ sums: UnsafeMutablePointer<Int32>
  ) {
    guard columns >= 16 else { return sumRowsScalar(input, rows, stride, columns, sums) }
    @inline(__always)
    func sixteen(_ column: Int) -> SixteenSums {
      var sum = SixteenSums()
      sum.add(input + column, rows: rows, stride: stride)
      return sum
    }
    var column = 0
    while column &+ 16 <= columns {
      sixteen(column).add(to: sums + column)
      column &+= 16
    }
    // Of the last sixteen columns those that are left over.
    let rest = columns &- column
    guard rest > 0 else { return }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 16) { memory in
      let all = memory.baseAddress!
      all.initialize(repeating: 0, count: 16)
      sixteen(columns &- 16).add(to: all)
      for index in 0..<rest {
        sums[column &+ index] = sums[column &+ index] &+ all[16 &- rest &+ index]
      }
    }
  }
#endif
