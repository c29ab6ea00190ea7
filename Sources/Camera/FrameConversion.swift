/// Formats that libv4lconvert makes RGB24 of.
public enum FrameConversion {
  /// Whether a format is one of them.
  public static func canConvert(_ format: FourCC) -> Bool {
    let all: StaticString =
      """
      YVYUVYUYNV16NV61RGBPRGB4BGR4XR24BX24AR24BA24PJPGJPGLO511O518S501S505S508S561CITVKONIM420HM12CPIA\
      S910S920P207M310905CBA81GBRGGRBGRGGBS401Y10BY10 Y12 Y16 HSV3HSV4S680
      """
    return format.isOne(of: all)
  }
}
