#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels

  /// How the weights of a depthwise convolution lie once packed.
  ///
  /// - The form of each block of eight channels, a byte each, filled up to a multiple of 64.
  /// - For each block its taps in order, eight weights each: bytes or words of 16 bits. There is room for words.
  ///
  /// Where the channels are no multiple of eight the last block overlaps the one before, so that kernels need not
  /// handle fewer; only a block of fewer than eight channels in all is filled up with zeros.
  public struct DepthwisePacking {
    /// The first of these that holds a block's weights.
    public enum Form: UInt8 {
      /// Weights fit int8, and no channel has two of −128: the sum of two products fits int16.
      case bytes = 0
      /// Weights less their zero point are the sum of two bytes each. They are words.
      case sums = 1
      /// Weights less their zero point fit int16.
      case words = 2
    }

    public static var blockChannels: Int { 8 }

    let shape: DepthwiseShape

    @inline(__always)
    public init(shape: DepthwiseShape) { self.shape = shape }

    @inline(__always)
    var taps: Int { shape.height &* shape.width }
    @inline(__always)
    public var blocks: Int { (shape.channels &+ 7) / 8 }
    @inline(__always)
    private var headerBytes: Int { (blocks &+ 63) & ~63 }
    @inline(__always)
    private var blockBytes: Int { taps &* 16 }
    @inline(__always)
    public var bytes: Int { headerBytes &+ blocks &* blockBytes }

    @inline(__always)
    public func firstChannel(block: Int) -> Int {
      max(min(block &* 8, shape.channels &- 8), 0)
    }

    @inline(__always)
    public func form(_ packed: UnsafePointer<Int16>, block: Int) -> Form {
      Form(rawValue: UnsafeRawPointer(packed).load(fromByteOffset: block, as: UInt8.self))!
    }

    /// The neighbouring blocks from `first` on that are of its form.
    @inline(__always)
    public func run(_ packed: UnsafePointer<Int16>, from first: Int) -> Range<Int> {
      let forms = UnsafeRawPointer(packed).assumingMemoryBound(to: UInt8.self)
      var end = first &+ 1
      while end < blocks && forms[end] == forms[first] { end &+= 1 }
      return first..<end
    }

    /// A block's weights.
    @inline(__always)
    public func weights(_ packed: UnsafePointer<Int16>, block: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(packed) + headerBytes + block &* blockBytes
    }
  }

  @export(interface)
  public func packDepthwise(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    let packing = DepthwisePacking(shape: shape)
    let memory = UnsafeMutableRawPointer(packed)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: packing.bytes)
    let count = min(shape.channels, DepthwisePacking.blockChannels)
    for block in 0..<packing.blocks {
      let first = weights + packing.firstChannel(block: block)
      let form = packing.chooseForm(first, count, zeroPoint)
      memory.storeBytes(of: form.rawValue, toByteOffset: block, as: UInt8.self)
      let place = UnsafeMutableRawPointer(mutating: packing.weights(packed, block: block))
      for tap in 0..<packing.taps {
        for channel in 0..<count {
          let weight = Int32(first[tap * shape.channels + channel]) &- zeroPoint
          let index = tap * DepthwisePacking.blockChannels + channel
          if form == .bytes {
            place.storeBytes(of: Int8(truncatingIfNeeded: weight), toByteOffset: index, as: Int8.self)
          } else {
            place.storeBytes(of: Int16(truncatingIfNeeded: weight), toByteOffset: 2 * index, as: Int16.self)
          }
        }
      }
    }
  }

  extension DepthwisePacking {
    /// For `count` channels from that of the first weight on.
    fileprivate func chooseForm(_ weights: UnsafePointer<Int8>, _ count: Int, _ zeroPoint: Int32) -> Form {
      var form = Form.bytes
      for channel in 0..<count {
        var lowest = 0
        for tap in 0..<taps {
          let weight = Int32(weights[tap * shape.channels + channel]) &- zeroPoint
          if weight > 254 { return .words }
          if weight < -128 || weight > 127 { form = .sums }
          if weight == -128 { lowest += 1 }
        }
        if lowest > 1 { form = .sums }
      }
      return form
    }
  }
#endif
