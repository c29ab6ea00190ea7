#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  /// How channels are divided into blocks of sixteen and of eight, and how a block's weights lie.
  ///
  /// Sixteens as long as they fit, then an eight. Channels that remain are the last of one more eight, which
  /// begins eight channels before the end: what it has in common with its neighbour is computed twice, to the
  /// same result. Fewer than eight channels are one eight, filled up with weights of zero.
  ///
  /// In a block the weights of two successive taps lie together, channel by channel, as `vpmaddwd` takes them;
  /// the last of an odd number of taps has a partner of zeros.
  struct DepthwiseBlocks {
    struct Block {
      var firstChannel: Int
      var width: Int
      /// Offset of its weights, in int16 values.
      var offset: Int
    }

    let taps: Int
    let channels: Int

    @inline(__always)
    var pairs: Int { (taps &+ 1) / 2 }

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
        return Block(firstChannel: 16 &* index, width: 16, offset: 32 &* pairs &* index)
      }
      let narrow = index &- wide
      let first = 16 &* wide &+ 8 &* narrow
      return Block(
        firstChannel: first &+ 8 <= channels ? first : max(channels &- 8, 0), width: 8,
        offset: (32 &* wide &+ 16 &* narrow) &* pairs)
    }

    /// int16 values of all blocks.
    var packedCount: Int {
      let last = self[count - 1]
      return last.offset + last.width * 2 * pairs
    }
  }

  func packedDepthwiseCount(_ taps: Int, _ channels: Int) -> Int {
    DepthwiseBlocks(taps: taps, channels: channels).packedCount
  }

  /// Packs `[taps, channels]` weights, less their zero point.
  func packDepthwise(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ taps: Int, _ channels: Int,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    let blocks = DepthwiseBlocks(taps: taps, channels: channels)
    for index in 0..<blocks.count {
      let block = blocks[index]
      var target = packed + block.offset
      for pair in 0..<blocks.pairs {
        for place in 0..<block.width {
          let channel = block.firstChannel + place
          for tap in 2 * pair...2 * pair + 1 {
            target.pointee =
              tap < taps && channel < channels
              ? Int16(truncatingIfNeeded: Int32(weights[tap * channels + channel]) - zeroPoint) : 0
            target += 1
          }
        }
      }
    }
  }
#endif
