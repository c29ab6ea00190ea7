#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import Kernels

  /// How channels are divided into blocks of sixteen and of eight, and how a block's weights lie.
  ///
  /// Sixteens as long as they fit, then an eight. Channels that remain are the last of one more eight, which
  /// begins eight channels before the end: what it has in common with its neighbour is computed twice, to the
  /// same result. Fewer than eight channels are one eight, filled up with weights of zero.
  ///
  /// In a block the weights of a pair of taps lie together, channel by channel, as `vpmaddwd` takes them; a tap
  /// without a partner has one of zeros. First come the taps paired in their order. Those of 3 × 3 and of 5 × 5
  /// come once more, with their rows paired (`ColumnWindow3`, `ColumnWindow5`).
  struct DepthwiseBlocks {
    struct Block {
      var firstChannel: Int
      var width: Int
      /// Offset of its weights, in int16 values.
      var offset: Int
    }

    private let taps: Int
    private let channels: Int
    /// Rows and columns of a window whose rows are paired too, else 0.
    private let size: Int

    @inline(__always)
    init(_ shape: DepthwiseShape) {
      taps = shape.height &* shape.width
      channels = shape.channels
      size = shape.height == shape.width && (shape.height == 3 || shape.height == 5) ? shape.height : 0
    }

    /// Pairs of taps in their order.
    @inline(__always)
    static func pairs(taps: Int) -> Int { (taps &+ 1) / 2 }

    /// Pairs in both arrangements.
    @inline(__always)
    var allPairs: Int { DepthwiseBlocks.pairs(taps: taps) &+ (size == 3 ? 7 : size == 5 ? 16 : 0) }

    /// Blocks of sixteen channels.
    @inline(__always)
    private var wide: Int { channels / 16 }

    @inline(__always)
    var count: Int {
      let rest = channels % 16
      return wide &+ (rest == 0 ? 0 : rest <= 8 ? 1 : 2)
    }

    @inline(__always)
    subscript(_ index: Int) -> Block {
      if index < wide {
        return Block(firstChannel: 16 &* index, width: 16, offset: 32 &* allPairs &* index)
      }
      let narrow = index &- wide
      let first = 16 &* wide &+ 8 &* narrow
      return Block(
        firstChannel: first &+ 8 <= channels ? first : max(channels &- 8, 0), width: 8,
        offset: (32 &* wide &+ 16 &* narrow) &* allPairs)
    }

    /// int16 values of all blocks.
    var packedCount: Int {
      let last = self[count - 1]
      return last.offset + last.width * 2 * allPairs
    }

    /// The taps of a pair, nil for none.
    func pair(_ index: Int) -> (Int?, Int?) {
      let ordered = DepthwiseBlocks.pairs(taps: taps)
      if index < ordered { return (2 * index, 2 * index + 1 < taps ? 2 * index + 1 : nil) }
      let column = index - ordered
      let rows = column / size
      if rows < size / 2 {
        let tap = 2 * rows * size + column % size
        return (tap, tap + size)
      }
      // The last row: pairs for the first of two output pixels, then for the second, a column later.
      let place = column - size / 2 * size
      let last = size * (size - 1)
      let first = 2 * place
      if first < size { return (last + first, first + 1 < size ? last + first + 1 : nil) }
      let second = 2 * (place - (size + 1) / 2)
      return (second > 0 ? last + second - 1 : nil, last + second)
    }
  }

  /// Packs `[height, width, channels]` weights, less their zero point.
  func packDepthwise(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    let channels = shape.channels
    func weight(_ tap: Int?, _ channel: Int) -> Int16 {
      guard let tap, channel < channels else { return 0 }
      return Int16(truncatingIfNeeded: Int32(weights[tap * channels + channel]) - zeroPoint)
    }
    let blocks = DepthwiseBlocks(shape)
    for index in 0..<blocks.count {
      let block = blocks[index]
      var target = packed + block.offset
      for pair in 0..<blocks.allPairs {
        let (first, second) = blocks.pair(pair)
        for channel in block.firstChannel..<block.firstChannel + block.width {
          target[0] = weight(first, channel)
          target[1] = weight(second, channel)
          target += 2
        }
      }
    }
  }
#endif
