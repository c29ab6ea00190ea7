/// Red, green and blue to gray as ITU-R 601 weighs them, with 16 fraction bits: Pillow's "L".
@inline(__always)
func luma(_ pixel: UnsafePointer<UInt8>) -> UInt8 {
  let sum = 19595 &* UInt32(pixel[0]) &+ 38470 &* UInt32(pixel[1]) &+ 7471 &* UInt32(pixel[2]) &+ 0x8000
  return UInt8(truncatingIfNeeded: sum &>> 16)
}

/// A row's gray.
func convertToGray(_ row: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>) {
  for pixel in 0..<count { output[pixel] = luma(row + 3 &* pixel) }
}

/// Cyan, magenta, yellow and black, stored inverted as Adobe does, to red, green and blue: what the inks
/// leave of the white, times what the black leaves. Files that are not inverted cannot be told apart and are
/// rare; Pillow takes them all for inverted, too, and computes the same.
func convertInks(
  _ inks: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>
) {
  for pixel in 0..<count {
    let light = Int32(inks[4 &* pixel &+ 3])
    for channel in 0..<3 {
      let ink = 255 &- Int32(inks[4 &* pixel &+ channel])
      let product = ink &* light &+ 128
      output[3 &* pixel &+ channel] = UInt8(clamping: light &- ((product &>> 8) &+ product) &>> 8)
    }
  }
}
