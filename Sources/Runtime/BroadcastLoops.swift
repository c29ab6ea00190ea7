import FirmwareModel

/// The loops over two operands that broadcast to an output, as few as their shapes allow.
struct BroadcastLoops {
  struct Dimension {
    var count: Int
    /// Elements from one index to the next; 0 where the operand is broadcast.
    var first: Int
    var second: Int
  }

  private var dimensions: InlineArray<8, Dimension>
  private var rank = 0

  /// Nil where the shapes do not broadcast to the output's.
  init?(_ a: Shape, _ b: Shape, output: Shape) {
    dimensions = InlineArray(repeating: Dimension(count: 1, first: 0, second: 0))
    guard a.rank <= output.rank, b.rank <= output.rank else { return nil }
    // Innermost first, so that strides are known; merged with the one before where both operands run on.
    var firstStride = 1
    var secondStride = 1
    for position in stride(from: 1, through: output.rank, by: 1) {
      let count = output.extent(fromLast: position)
      let (x, y) = (a.extent(fromLast: position), b.extent(fromLast: position))
      guard (x == count || x == 1) && (y == count || y == 1) else { return nil }
      if count == 1 { continue }
      let dimension = Dimension(
        count: count, first: x == 1 ? 0 : firstStride, second: y == 1 ? 0 : secondStride)
      firstStride *= x
      secondStride *= y
      if rank > 0 {
        let inner = dimensions[rank - 1]
        if inner.first * inner.count == dimension.first
          && inner.second * inner.count == dimension.second
        {
          dimensions[rank - 1].count *= count
          continue
        }
      }
      dimensions[rank] = dimension
      rank += 1
    }
    if rank == 0 {
      dimensions[0] = Dimension(count: 1, first: 1, second: 1)
      rank = 1
    }
  }

  var innermost: Dimension { dimensions[0] }

  enum Operand { case first, second }

  /// The operand that is the same for every run of the innermost dimension, while the other one's runs follow
  /// one another; nil where it is not as simple as that.
  var sharedOperand: Operand? {
    let inner = dimensions[0]
    guard rank == 2, inner.first == 1, inner.second == 1 else { return nil }
    let outer = dimensions[1]
    if outer.first == 0 && outer.second == inner.count { return .first }
    if outer.second == 0 && outer.first == inner.count { return .second }
    return nil
  }

  /// The number of runs of the innermost dimension.
  var rows: Int {
    var product = 1
    for axis in 1..<max(rank, 1) { product *= dimensions[axis].count }
    return product
  }

  /// Where one element of the output lies in each operand.
  func element(_ index: Int) -> (first: Int, second: Int) {
    let (first, second) = offsets(index / innermost.count)
    let position = index % innermost.count
    return (first + position * innermost.first, second + position * innermost.second)
  }

  /// Where a run starts in each operand.
  func offsets(_ row: Int) -> (first: Int, second: Int) {
    // Two loops are the rule (a value a channel, repeated for every pixel) and need no division.
    if rank == 2 { return (row * dimensions[1].first, row * dimensions[1].second) }
    var rest = row
    var (first, second) = (0, 0)
    for axis in 1..<max(rank, 1) {
      let index = rest % dimensions[axis].count
      rest /= dimensions[axis].count
      first += index * dimensions[axis].first
      second += index * dimensions[axis].second
    }
    return (first, second)
  }
}
