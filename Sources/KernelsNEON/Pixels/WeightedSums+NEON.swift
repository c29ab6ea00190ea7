#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  @inline(__always)
  func load(_ address: UnsafePointer<UInt8>) -> uint8x16_t {
    UnsafeRawPointer(address).loadUnaligned(as: uint8x16_t.self)
  }

  @inline(__always)
  func store(_ bytes: uint8x16_t, _ address: UnsafeMutablePointer<UInt8>) {
    UnsafeMutableRawPointer(address).storeBytes(of: bytes, as: uint8x16_t.self)
  }

  /// The sums of sixteen weighted bytes.
  private struct WeightedBytes {
    var low: uint16x8_t
    var high: uint16x8_t

    @inline(__always)
    init(_ bytes: uint8x16_t, _ weight: uint8x16_t) {
      low = vmull_u8(vget_low_u8(bytes), vget_low_u8(weight))
      high = vmull_high_u8(bytes, weight)
    }

    @inline(__always)
    mutating func add(_ bytes: uint8x16_t, _ weight: uint8x16_t) {
      low = vmlal_u8(low, vget_low_u8(bytes), vget_low_u8(weight))
      high = vmlal_high_u8(high, bytes, weight)
    }

    @inline(__always)
    var means: uint8x16_t { ocellus_means_of_255(low, high) }
  }

  /// Sixty-four columns at a time, then sixteen, of which the last may be among those before.
  func weighRowsWide(_ run: WeightedRows, _ output: UnsafeMutablePointer<UInt8>) {
    guard run.count >= 16 else { return weighRowsScalar(run, output) }
    var column = 0
    while column &+ 64 <= run.count {
      weighSixtyFour(run, column, output)
      column &+= 64
    }
    while column < run.count {
      weighSixteen(run, min(column, run.count &- 16), output)
      column &+= 16
    }
  }

  @inline(__always)
  private func weighSixtyFour(_ run: WeightedRows, _ column: Int, _ output: UnsafeMutablePointer<UInt8>) {
    var row = run.rows + column
    let weight = vdupq_n_u8(run.weights[0])
    var a = WeightedBytes(load(row), weight)
    var b = WeightedBytes(load(row + 16), weight)
    var c = WeightedBytes(load(row + 32), weight)
    var d = WeightedBytes(load(row + 48), weight)
    var tap = 1
    while tap < run.taps {
      row += run.stride
      let weight = vdupq_n_u8(run.weights[tap])
      a.add(load(row), weight)
      b.add(load(row + 16), weight)
      c.add(load(row + 32), weight)
      d.add(load(row + 48), weight)
      tap &+= 1
    }
    store(a.means, output + column)
    store(b.means, output + (column &+ 16))
    store(c.means, output + (column &+ 32))
    store(d.means, output + (column &+ 48))
  }

  @inline(__always)
  private func weighSixteen(_ run: WeightedRows, _ column: Int, _ output: UnsafeMutablePointer<UInt8>) {
    var row = run.rows + column
    var sums = WeightedBytes(load(row), vdupq_n_u8(run.weights[0]))
    var tap = 1
    while tap < run.taps {
      row += run.stride
      sums.add(load(row), vdupq_n_u8(run.weights[tap]))
      tap &+= 1
    }
    store(sums.means, output + column)
  }

  /// A column of sixteen rows at a time; loops of a known number of turns are unrolled.
  func weighColumnsWide(_ run: WeightedColumns, _ sums: UnsafeMutablePointer<UInt16>) {
    switch run.taps {
    case 1: weighColumns(run, taps: 1, sums)
    case 2: weighColumns(run, taps: 2, sums)
    case 3: weighColumns(run, taps: 3, sums)
    case 4: weighColumns(run, taps: 4, sums)
    case 5: weighColumns(run, taps: 5, sums)
    default: weighColumns(run, taps: run.taps, sums)
    }
  }

  @inline(__always)
  private func weighColumns(_ run: WeightedColumns, taps: Int, _ sums: UnsafeMutablePointer<UInt16>) {
    let step = run.step &* PixelStrip.rows
    var weights = run.weights
    var output = UnsafeMutableRawPointer(sums)
    for column in 0..<run.count {
      var source = run.columns + Int(run.starts[column]) &* step
      var sum = WeightedBytes(load(source), vdupq_n_u8(weights[0]))
      for tap in 1..<max(taps, 1) {
        source += step
        sum.add(load(source), vdupq_n_u8(weights[tap]))
      }
      output.storeBytes(of: sum.low, as: uint16x8_t.self)
      output.storeBytes(of: sum.high, toByteOffset: 16, as: uint16x8_t.self)
      weights += taps
      output += 32
    }
  }
#endif
