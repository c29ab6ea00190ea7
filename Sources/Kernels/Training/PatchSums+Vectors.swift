// Sums over patches by what instruction sets have for other operators.

extension Patch {
  /// Adds rows of values to their columns' sums, as `KernelTable.sumRows`.
  public typealias RowSums = (
    _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
    _ sums: UnsafeMutablePointer<Int32>
  ) -> Void

  /// Looks values up, as `KernelTable.lookUp`.
  public typealias LookUp = (
    _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    _ count: Int
  ) -> Void

  /// `sumPatchScalar` in 32 bits.
  @export(interface)
  public func addWide(_ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int32>, _ sumRows: RowSums) {
    let count = Int32(truncatingIfNeeded: rowCount &* columnCount)
    output.update(repeating: 0 &- zeroPoint &* count, count: channels)
    for row in 0..<rowCount { sumRows(input + row &* rowStride, columnCount, channels, channels, output) }
  }

  /// `averageTableScalar`: values are looked up aside, a kilobyte at a time, and then summed.
  @export(interface)
  public func averageTable(
    _ table: UnsafePointer<Int8>, _ reciprocal: Int32, _ output: UnsafeMutablePointer<Int8>,
    _ lookUp: LookUp, _ sumRows: RowSums
  ) {
    if rowCount == 1 && columnCount == 1 && reciprocal == 1 << 15 {
      lookUp(table, input, output, channels)
      for channel in 0..<channels { output[channel] = max(output[channel], -127) }
      return
    }
    // Both as large as the stack takes without asking.
    withUnsafeTemporaryAllocation(of: Int8.self, capacity: 1024) { values in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { sums in
        let (values, sums) = (values.baseAddress!, sums.baseAddress!)
        for first in stride(from: 0, to: channels, by: 256) {
          let width = min(channels &- first, 256)
          sums.initialize(repeating: 0, count: width)
          addTable(table, first, width, values, lookUp, sumRows, sums)
          for channel in 0..<width {
            let mean = (sums[channel] &* reciprocal &+ 1 << 14) &>> 15
            output[first &+ channel] = Int8(truncatingIfNeeded: min(max(mean, -127), 127))
          }
        }
      }
    }
  }

  /// Adds what the table has for some channels.
  @inline(__always)
  private func addTable(
    _ table: UnsafePointer<Int8>, _ first: Int, _ width: Int, _ values: UnsafeMutablePointer<Int8>,
    _ lookUp: LookUp, _ sumRows: RowSums, _ sums: UnsafeMutablePointer<Int32>
  ) {
    for row in 0..<rowCount {
      for column in stride(from: 0, to: columnCount, by: 1024 / width) {
        let count = min(columnCount &- column, 1024 / width)
        let pixels = input + (row &* rowStride &+ column &* channels &+ first)
        if width == channels {
          lookUp(table, pixels, values, count &* width)
        } else {
          for index in 0..<count { lookUp(table, pixels + index &* channels, values + index &* width, width) }
        }
        sumRows(values, count, width, width, sums)
      }
    }
  }
}
