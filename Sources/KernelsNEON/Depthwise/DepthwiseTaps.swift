#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Sums of eight channels.
  public struct ChannelSums {
    public var low: int32x4_t
    public var high: int32x4_t

    /// What sums start with.
    @inline(__always)
    public init(bias: UnsafePointer<Int32>) {
      low = load(bias)
      high = load(bias + 4)
    }

    @inline(__always)
    static func &- (sums: ChannelSums, offset: Int32) -> ChannelSums {
      var result = sums
      result.low = vsubq_s32(result.low, vdupq_n_s32(offset))
      result.high = vsubq_s32(result.high, vdupq_n_s32(offset))
      return result
    }
  }

  /// How taps are multiplied: one form of packed weights.
  public protocol DepthwiseTaps {
    associatedtype Weights
    /// Bytes of one tap's weights.
    static var tapBytes: Int { get }
    static func load(_ address: UnsafeRawPointer) -> Weights
    static func add(_ pixels: int8x8_t, _ weights: Weights, to sums: inout ChannelSums)
    /// Two taps.
    static func add(
      _ first: int8x8_t, _ firstWeights: Weights, _ second: int8x8_t, _ secondWeights: Weights,
      to sums: inout ChannelSums)
    /// What `addWithOffset` adds besides.
    static var offset: Int32 { get }
    /// Two taps and the offset.
    static func addWithOffset(
      _ first: int8x8_t, _ firstWeights: Weights, _ second: int8x8_t, _ secondWeights: Weights,
      to sums: inout ChannelSums)
  }

  /// Weights of `DepthwisePacking.Form.bytes`: two taps are summed in 16 bits before they are widened.
  public enum ByteTaps: DepthwiseTaps {
    public static var tapBytes: Int { 8 }

    @inline(__always)
    public static func load(_ address: UnsafeRawPointer) -> int8x8_t {
      address.loadUnaligned(as: int8x8_t.self)
    }

    @inline(__always)
    private static func add(_ products: int16x8_t, to sums: inout ChannelSums) {
      sums.low = vaddw_s16(sums.low, vget_low_s16(products))
      sums.high = vaddw_high_s16(sums.high, products)
    }

    @inline(__always)
    public static func add(_ pixels: int8x8_t, _ weights: int8x8_t, to sums: inout ChannelSums) {
      add(vmull_s8(pixels, weights), to: &sums)
    }

    @inline(__always)
    public static func add(
      _ first: int8x8_t, _ firstWeights: int8x8_t, _ second: int8x8_t, _ secondWeights: int8x8_t,
      to sums: inout ChannelSums
    ) {
      add(vmlal_s8(vmull_s8(first, firstWeights), second, secondWeights), to: &sums)
    }

    public static var offset: Int32 { 1 << 15 }

    /// The difference from −2^15 is never negative, so that `sabal` adds it as it is. Out-of-order cores have it in the
    /// one pipe that does not multiply, but `saddw` in both.
    @inline(__always)
    public static func addWithOffset(
      _ first: int8x8_t, _ firstWeights: int8x8_t, _ second: int8x8_t, _ secondWeights: int8x8_t,
      to sums: inout ChannelSums
    ) {
      let products = vmlal_s8(vmull_s8(first, firstWeights), second, secondWeights)
      let least = vdupq_n_s16(Int16.min)
      sums.low = vabal_s16(sums.low, vget_low_s16(products), vget_low_s16(least))
      sums.high = vabal_high_s16(sums.high, products, least)
    }
  }

  /// Weights of `DepthwisePacking.Form.words`.
  public enum WordTaps: DepthwiseTaps {
    public static var tapBytes: Int { 16 }

    @inline(__always)
    public static func load(_ address: UnsafeRawPointer) -> int16x8_t {
      address.loadUnaligned(as: int16x8_t.self)
    }

    @inline(__always)
    public static func add(_ pixels: int8x8_t, _ weights: int16x8_t, to sums: inout ChannelSums) {
      let wide = vmovl_s8(pixels)
      sums.low = vmlal_s16(sums.low, vget_low_s16(wide), vget_low_s16(weights))
      sums.high = vmlal_high_s16(sums.high, wide, weights)
    }

    @inline(__always)
    public static func add(
      _ first: int8x8_t, _ firstWeights: int16x8_t, _ second: int8x8_t, _ secondWeights: int16x8_t,
      to sums: inout ChannelSums
    ) {
      add(first, firstWeights, to: &sums)
      add(second, secondWeights, to: &sums)
    }

    public static var offset: Int32 { 0 }

    @inline(__always)
    public static func addWithOffset(
      _ first: int8x8_t, _ firstWeights: int16x8_t, _ second: int8x8_t, _ secondWeights: int16x8_t,
      to sums: inout ChannelSums
    ) {
      add(first, firstWeights, second, secondWeights, to: &sums)
    }
  }
#endif
