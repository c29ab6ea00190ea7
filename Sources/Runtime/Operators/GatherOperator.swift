import FirmwareModel
import Kernels

/// Picks elements along each axis by tables: `output[i, j, …] = input[table_0[i] + table_1[j] + …]`. Padding
/// (mirrored or constant), GATHER with constant indices and nearest-neighbour resizing are of this form.
///
/// Inputs: int8, tables: all axes' entries one after another, in elements of the input; an entry of −1 makes the
/// output the fill value. Output: int8.
/// Parameters: the fill value, the number of elements that follow each picked one (copied with it), then the
/// number of entries for each axis, outermost first.
struct GatherOperator: Operator {
  private static let maximumRank = 8

  private let input: Int
  private let tables: Int
  private let output: Int
  private let fill: Int8
  private let run: Int
  private var counts: InlineArray<8, Int>
  private var starts: InlineArray<8, Int>
  private let rank: Int

  private var inputAddress: UnsafePointer<Int8>!
  private var tablesAddress: UnsafePointer<Int32>!
  private var outputAddress: UnsafeMutablePointer<Int8>!

  init(reading reader: inout OperatorReader) throws(ModelError) {
    input = try reader.int8Input()
    tables = try reader.int32Constant(count: nil)
    output = try reader.int8Output()
    fill = Int8(try reader.int8("a value in -128...127"))
    run = try reader.parameter(1...0x7FFF_FFFF, "a run of at least one element")
    rank = reader.record.parameterCount - 2
    try reader.require(rank <= GatherOperator.maximumRank, "at most eight axes", rank)
    counts = InlineArray(repeating: 1)
    starts = InlineArray(repeating: 0)
    let entries = reader.model.constant(tables).assumingMemoryBound(to: Int32.self)
    let entryCount = reader.tensor(tables).shape.count
    var total = Int64(run)
    var start = 0
    var highest = Int64(run) - 1
    for axis in 0..<rank {
      let count = try reader.parameter(1...0x7FFF_FFFF, "an axis of at least one entry")
      try reader.require(count <= entryCount - start, "a table entry for each index", count)
      counts[axis] = count
      starts[axis] = start
      var largest: Int32 = 0
      for entry in start..<start + count {
        try reader.require(entries[entry] >= -1, "entries of at least -1", Int(entries[entry]))
        largest = max(largest, entries[entry])
      }
      highest += Int64(largest)
      start += count
      let (product, overflow) = total.multipliedReportingOverflow(by: Int64(count))
      try reader.require(!overflow, "an output that is not too large", count)
      total = product
    }
    try reader.require(
      highest < Int64(reader.tensor(input).shape.count)
        && total == Int64(reader.tensor(output).shape.count),
      "entries inside the input, and an output with an element for each", Int(truncatingIfNeeded: highest))
  }

  func packedBytes(_ kernels: KernelTable) -> Int { 0 }
  func scratchBytes(_ kernels: KernelTable) -> Int { 0 }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    inputAddress = memory.input(input)
    tablesAddress = memory.words(tables)
    outputAddress = memory.output(output)
  }

  var unitCount: Int { 1 }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    var target = outputAddress!
    gather(0, inputAddress, &target)
  }

  private func gather(
    _ axis: Int, _ source: UnsafePointer<Int8>?, _ target: inout UnsafeMutablePointer<Int8>
  ) {
    if axis == rank {
      if let source {
        target.copy(from: source, count: run)
      } else {
        target.fill(with: fill, count: run)
      }
      target += run
      return
    }
    let entries = tablesAddress + starts[axis]
    for index in 0..<counts[axis] {
      let entry = Int(entries[index])
      gather(axis + 1, entry < 0 ? nil : source.map { $0 + entry }, &target)
    }
  }
}
