/// The `.ocm` file, version 1. All integers are little-endian; sections start on multiples of 4, constants and
/// each constant tensor on multiples of 64, so that a mapped file can be used as it lies.
///
///     byte  0  "OCELLUS\n"
///           8  CRC-32 of every byte from 12 on
///          12  version
///          16  bytes of the file
///          20  bytes of the arena that the memory plan uses
///          24  tensors:    offset, count          (64 bytes each)
///          32  operators:  offset, count          (records of words, one after another)
///          40  operators' words
///          44  inputs:     offset, count          (a word each: the tensor's index)
///          52  outputs:    offset, count
///          60  labels:     offset, bytes          (UTF-8, each label ended by "\n")
///          68  image:      offset, bytes          (how a picture becomes the input; 0, 0 where it is none)
///          76  provenance: offset, bytes          (UTF-8: what it was compiled from, and by what)
///          84  constants:  offset, bytes
///          92  multiply-accumulates of one inference, 64 bits
///         100  class means: offset, bytes        (see `ClassMeans`; 0, 0 where nobody has taught the model)
///         108  reserved, zero, to 128
///
/// An operator's record: a word of kind (low half) and source name (high half), a word of counts (inputs: bits
/// 0–7, outputs: 8–15, parameters: 16–31), then that many words: tensor indices (`absent` for an optional input
/// that is not there), then parameters.
public enum Layout {
  public static let magic: StaticString = "OCELLUS\n"
  public static let version: UInt32 = 1
  public static let checksumOffset = 8
  public static let checksumStart = 12
  public static let headerBytes = 128
  public static let tensorBytes = 64
  public static let constantAlignment = 64
  public static let absent: UInt32 = 0xFFFF_FFFF

  /// Largest file, arena and tensor: offsets stay representable where Int has 32 bits.
  public static let maximumBytes = 0x7FFF_0000

  /// Rounds `bytes` up to the alignment of constants and arena tensors.
  @inline(__always)
  public static func aligned(_ bytes: Int) -> Int {
    (bytes + constantAlignment - 1) & ~(constantAlignment - 1)
  }
}
