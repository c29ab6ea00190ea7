#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// How the weights of a depthwise convolution lie once packed.
  ///
  /// `vpdpbusd` sums four products a lane: the taps of a window's column go four at a time (a *quad*), 16 channels a
  /// vector. Missing taps have the weight 0. The memory holds
  /// - a header of 64 bytes: the mode;
  /// - for each channel, rounded up to 16, an int32 that every sum starts with;
  /// - for each block of 16 channels two parts, for each part its columns, for each column its quads of 64 bytes.
  struct DepthwisePacking {
    enum Mode: Int32 {
      /// Weights fit int8. Activations are made unsigned (+128), which the first sum takes back.
      case signed = 0
      /// Weights less their zero point do not fit int8, but are the sum of two parts that do.
      case signedParts = 1
      /// Weights less their zero point fit uint8: activations stay signed.
      case unsigned = 2
    }

    let shape: DepthwiseShape

    /// Quads in a column.
    @inline(__always)
    var quads: Int { (shape.height &+ 3) / 4 }
    @inline(__always)
    var blocks: Int { (shape.channels &+ lanes &- 1) / lanes }
    /// Bytes of one part of a block.
    @inline(__always)
    var partBytes: Int { shape.width &* quads &* 64 }
    @inline(__always)
    var blockBytes: Int { 2 &* partBytes }
    var bytes: Int { 64 + blocks * (64 + blockBytes) }

    @inline(__always)
    func mode(_ packed: UnsafePointer<Int16>) -> Mode {
      Mode(rawValue: UnsafeRawPointer(packed).load(as: Int32.self))!
    }

    /// What the sums of a block start with.
    @inline(__always)
    func start(_ packed: UnsafePointer<Int16>, block: Int) -> UnsafePointer<Int32> {
      (UnsafeRawPointer(packed) + 64 + block &* 64).assumingMemoryBound(to: Int32.self)
    }

    /// The first part of a block's weights.
    @inline(__always)
    func weights(_ packed: UnsafePointer<Int16>, block: Int) -> UnsafePointer<Int8> {
      (UnsafeRawPointer(packed) + 64 + blocks &* 64 + block &* blockBytes)
        .assumingMemoryBound(to: Int8.self)
    }
  }

  func packDepthwise(
    _ weights: UnsafePointer<Int8>, _ zeroPoint: Int32, _ shape: DepthwiseShape,
    _ packed: UnsafeMutablePointer<Int16>
  ) {
    let packing = DepthwisePacking(shape: shape)
    let memory = UnsafeMutableRawPointer(packed)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: packing.bytes)
    let mode = packing.chooseMode(weights, zeroPoint)
    memory.storeBytes(of: mode.rawValue, as: Int32.self)
    for channel in 0..<shape.channels {
      let (block, lane) = (channel / lanes, channel % lanes)
      let first = memory + 64 + packing.blocks * 64 + block * packing.blockBytes + lane * 4
      var sum: Int32 = 0
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let tap = row * shape.width + column
          let weight = Int32(weights[tap * shape.channels + channel]) &- zeroPoint
          sum &+= weight
          let low = mode == .signedParts ? min(max(weight, -128), 127) : weight
          let place = first + (column * packing.quads + row / 4) * 64 + row % 4
          place.storeBytes(of: Int8(truncatingIfNeeded: low), as: Int8.self)
          (place + packing.partBytes).storeBytes(of: Int8(truncatingIfNeeded: weight &- low), as: Int8.self)
        }
      }
      let start = mode == .unsigned ? 0 : -128 &* sum
      (memory + 64 + channel * 4).storeBytes(of: start, as: Int32.self)
    }
  }

  extension DepthwisePacking {
    /// The first of the modes that holds every weight.
    fileprivate func chooseMode(_ weights: UnsafePointer<Int8>, _ zeroPoint: Int32) -> Mode {
      var (low, high) = (Int32.max, Int32.min)
      for index in 0..<shape.count {
        low = min(low, Int32(weights[index]) &- zeroPoint)
        high = max(high, Int32(weights[index]) &- zeroPoint)
      }
      if low >= -128 && high <= 127 { return .signed }
      // A weight of 255 is one too many for two parts, but then the zero point is −128 and no weight is negative.
      return high <= 254 ? .signedParts : .unsigned
    }
  }
#endif
