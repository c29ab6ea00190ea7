#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import Kernels

  /// How the weights of a depthwise convolution lie once packed.
  ///
  /// - A header of 64 bytes: the form. From the fourth byte on it is free for a use of others.
  /// - For each block of eight channels its taps in order, eight weights each: bytes or words of 16 bits.
  ///
  /// Where the channels are no multiple of eight the last block overlaps the one before, so that kernels need not
  /// handle fewer; only a block of fewer than eight channels in all is filled up with zeros.
  public struct DepthwisePacking {
    public enum Form: Int32 {
      /// Weights fit int8, and no channel has two of −128: the sum of two products fits int16.
      case bytes = 0
      /// Weights less their zero point fit int16.
      case words = 1
    }

    public static var blockChannels: Int { 8 }

    let shape: DepthwiseShape

    @inline(__always)
    public init(shape: DepthwiseShape) { self.shape = shape }

    @inline(__always)
    var taps: Int { shape.height &* shape.width }
    @inline(__always)
    public var blocks: Int { (shape.channels &+ 7) / 8 }
    /// Room for words, whichever form it is.
    @inline(__always)
    public var bytes: Int { 64 + blocks * taps * 16 }

    @inline(__always)
    public func firstChannel(block: Int) -> Int {
      max(min(block &* 8, shape.channels &- 8), 0)
    }

    @inline(__always)
    public func form(_ packed: UnsafePointer<Int16>) -> Form {
      Form(rawValue: UnsafeRawPointer(packed).load(as: Int32.self))!
    }

    /// A block's weights.
    @inline(__always)
    public func weights(_ packed: UnsafePointer<Int16>, block: Int, tapBytes: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(packed) + 64 + block &* taps &* tapBytes
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
    let form = packing.chooseForm(weights, zeroPoint)
    memory.storeBytes(of: form.rawValue, as: Int32.self)
    let count = min(shape.channels, DepthwisePacking.blockChannels)
    for block in 0..<packing.blocks {
      let first = packing.firstChannel(block: block)
      for tap in 0..<packing.taps {
        let source = weights + tap * shape.channels + first
        let place =
          64 + (block * packing.taps + tap) * DepthwisePacking.blockChannels * (form == .bytes ? 1 : 2)
        for channel in 0..<count {
          let weight = Int32(source[channel]) &- zeroPoint
          if form == .bytes {
            memory.storeBytes(
              of: Int8(truncatingIfNeeded: weight), toByteOffset: place + channel, as: Int8.self)
          } else {
            memory.storeBytes(
              of: Int16(truncatingIfNeeded: weight), toByteOffset: place + channel * 2, as: Int16.self)
          }
        }
      }
    }
  }

  extension DepthwisePacking {
    fileprivate func chooseForm(_ weights: UnsafePointer<Int8>, _ zeroPoint: Int32) -> Form {
      for channel in 0..<shape.channels {
        var lowest = 0
        for tap in 0..<taps {
          let weight = Int32(weights[tap * shape.channels + channel]) &- zeroPoint
          if weight < -128 || weight > 127 { return .words }
          if weight == -128 { lowest += 1 }
        }
        if lowest > 1 { return .words }
      }
      return .bytes
    }
  }
#endif
