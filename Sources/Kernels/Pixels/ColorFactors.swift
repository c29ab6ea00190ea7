/// The factors that turn the sums of a frame's components into pixels of the full range 0...255.
///
/// A sum is 255 times a component's value. Halved (and rounded down) it fits in 16 bits with a sign; a
/// product is a 16-bit number times a factor, with 15 fraction bits dropped, halves rounded up; all products
/// have 6 fraction bits, and the pixel is their sum, rounded to the nearest, halves up, within 0...255. Where
/// the components are not resized, a pixel is off its exact value by 0.56 at most; components of the full
/// range without colour difference stay as they are.
public struct ColorFactors: Equatable, Sendable {
  /// The value that is black: 16 of the limited range, 0 of the full one.
  public var black: Int16
  /// What a step of luma, or of red, green or blue, makes; 2^6 · 2^15 · 2 / 255 is 1.
  public var luma: Int16
  /// What a step of a colour difference makes; 2^6 · 2^15 / 255 is 1. Those of green are taken away.
  public var redFromV: Int16
  public var greenFromU: Int16
  public var greenFromV: Int16
  public var blueFromU: Int16
  /// What a step of red, green and blue makes of gray, as `luma`.
  public var grayFromRed: Int16
  public var grayFromGreen: Int16
  public var grayFromBlue: Int16

  public init(
    black: Int16, luma: Int16, redFromV: Int16, greenFromU: Int16, greenFromV: Int16, blueFromU: Int16,
    grayFromRed: Int16, grayFromGreen: Int16, grayFromBlue: Int16
  ) {
    self.black = black
    self.luma = luma
    self.redFromV = redFromV
    self.greenFromU = greenFromU
    self.greenFromV = greenFromV
    self.blueFromU = blueFromU
    self.grayFromRed = grayFromRed
    self.grayFromGreen = grayFromGreen
    self.grayFromBlue = grayFromBlue
  }

  /// Half of 255 times `black`.
  @inline(__always)
  public var halfBlack: Int16 { black &* 255 / 2 }
}

/// The sums of three components.
public struct ComponentSums {
  /// Luma, or red.
  public var first: UnsafePointer<UInt16>
  /// U (Cb), or green.
  public var second: UnsafePointer<UInt16>
  /// V (Cr), or blue.
  public var third: UnsafePointer<UInt16>

  public init(
    first: UnsafePointer<UInt16>, second: UnsafePointer<UInt16>, third: UnsafePointer<UInt16>
  ) {
    self.first = first
    self.second = second
    self.third = third
  }
}

/// Where red, green and blue go.
public struct ColorPlanes {
  public var red: UnsafeMutablePointer<Int8>
  public var green: UnsafeMutablePointer<Int8>
  public var blue: UnsafeMutablePointer<Int8>

  public init(
    red: UnsafeMutablePointer<Int8>, green: UnsafeMutablePointer<Int8>, blue: UnsafeMutablePointer<Int8>
  ) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
