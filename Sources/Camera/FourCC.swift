/// A pixel format's code of four characters, the first in the lowest byte.
public struct FourCC: Equatable, Sendable {
  public var code: UInt32

  public init(code: UInt32) { self.code = code }

  private init(characters text: StaticString) {
    code = 0
    for index in 0..<4 { code |= UInt32(text.utf8Start[index]) << UInt32(8 * index) }
  }

  /// From text, as users write it: the kernel's four characters (trailing spaces may be left out), or the usual longer
  /// name of RGB24, BGR24 and MJPEG; case does not matter.
  public init?(_ text: UnsafePointer<CChar>) {
    var upper = InlineArray<6, UInt8>(repeating: 0x20)
    var length = 0
    while text[length] != 0 {
      if length == 6 { return nil }
      let character = UInt8(bitPattern: text[length])
      upper[length] = character >= 0x61 && character <= 0x7A ? character - 0x20 : character
      length += 1
    }
    func isText(_ other: StaticString) -> Bool {
      if other.utf8CodeUnitCount != length { return false }
      for index in 0..<length where upper[index] != other.utf8Start[index] { return false }
      return true
    }
    if isText("RGB24") {
      self = .rgb24
    } else if isText("BGR24") {
      self = .bgr24
    } else if isText("MJPEG") {
      self = .mjpeg
    } else {
      if length == 0 || length > 4 { return nil }
      code = 0
      for index in 0..<4 { code |= UInt32(upper[index]) << UInt32(8 * index) }
    }
  }

  /// The characters; others than letters, digits and the like as question marks.
  public func character(_ index: Int) -> UInt8 {
    let byte = UInt8(truncatingIfNeeded: code >> UInt32(8 * index))
    return byte > 0x20 && byte < 0x7F ? byte : byte == 0x20 || byte == 0 ? 0x20 : 0x3F
  }

  public static let yuyv = FourCC(characters: "YUYV")
  public static let uyvy = FourCC(characters: "UYVY")
  public static let nv12 = FourCC(characters: "NV12")
  public static let nv21 = FourCC(characters: "NV21")
  public static let yu12 = FourCC(characters: "YU12")
  public static let yv12 = FourCC(characters: "YV12")
  public static let rgb24 = FourCC(characters: "RGB3")
  public static let bgr24 = FourCC(characters: "BGR3")
  public static let grey = FourCC(characters: "GREY")
  public static let mjpeg = FourCC(characters: "MJPG")
  public static let jpeg = FourCC(characters: "JPEG")

  /// A picture is a JPEG, with or without its Huffman tables.
  public var isJPEG: Bool { self == .mjpeg || self == .jpeg }

  /// Raw data of a sensor, before colours are made of it: Bayer patterns of 8 to 16 bits, plain, packed, compressed, and
  /// those of the Raspberry Pi's image processor.
  public var isBayer: Bool {
    let all: StaticString =
      """
      BA81GBRGGRBGRGGBBG10GB10BA10RG10pBAApGAApgAApRAAaBA8aGA8agA8aRA8bBA8bGA8BD10bRA8\
      BG12GB12BA12RG12pBCCpGCCpgCCpRCCBG14GB14GR14RG14pBEEpGEEpgEEpREEBYR2GB16GR16RG16\
      PC1BPC1GPC1gPC1RPC2BPC2GPC2gPC2R
      """
    return isOne(of: all)
  }

  /// Whether it is among codes that stand one behind the other.
  func isOne(of codes: StaticString) -> Bool {
    for index in 0..<codes.utf8CodeUnitCount / 4 {
      var other: UInt32 = 0
      for offset in 0..<4 { other |= UInt32(codes.utf8Start[4 * index + offset]) << UInt32(8 * offset) }
      if other == code { return true }
    }
    return false
  }
}
